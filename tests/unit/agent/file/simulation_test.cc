// The followed files against a model, by seed: writers write whole and half lines, rotate by rename
// inside and out of the glob, truncate, delete, copy and turn links; the pipeline is full, delays
// and loses; the kernel's queue overflows, the checkpoint's disk is full; the agent hears late, is
// stopped and killed between any two actions. Nothing takes time, so that a seed is a few
// milliseconds and plays the same every time. The model knows each line's fate: it must arrive, or
// the bytes that held it were taken away before the agent held them open. LOGBOOM_SEED plays one
// seed, LOGBOOM_SEEDS so many.
#include "tests/unit/agent/file/player.h"

#include <cstdlib>
#include <random>
#include <tuple>
#include <unordered_map>

TEST_SUITE_BEGIN("agent/simulation");

using namespace logboom;
using namespace logboom::agent;
using namespace logboom::agent::test;

namespace {

/// Where each line is, and whether it must arrive.
class model {
  public:
    void wrote(const std::string& text, const fake& into) {
        must_arrive_.emplace(text, true);
        holds_[into].push_back(text);
    }
    void moved(const fake& from, const fake& to) { holds_[to] = std::exchange(holds_[from], {}); }
    /// The lines of these files get other names when they are read again.
    template <class Files>
    void forget_names(Files&& are_meant) {
        for (const auto& [file, texts] : holds_) {
            if (are_meant(*file)) {
                for (const std::string& each : texts) {
                    origin_of_.erase(each);
                }
            }
        }
    }
    /// Other lines may get this name.
    void forget_origin(const std::string& origin) { text_of_.erase(origin); }
    /// What the file held is gone: what has not arrived never has to.
    void gone(const fake& from) {
        for (const std::string& each : std::exchange(holds_[from], {})) {
            must_arrive_.at(each) = false;
        }
    }
    void delivered(const std::string& text) { delivered_.insert(text); }
    /// Lines are told by name and text as they are read.
    void saw(const std::string& origin, const std::string& text) {
        if (!must_arrive_.contains(text)) {
            problems.push_back("no such line: \"" + text + "\" at " + origin);
        }
        const auto by_origin = text_of_.try_emplace(origin, text).first;
        if (by_origin->second != text) {
            problems.push_back("one name for two lines: " + origin);
        }
        const auto by_text = origin_of_.try_emplace(text, origin).first;
        if (by_text->second != origin) {
            problems.push_back(
                "two names for \"" + text + "\": " + by_text->second + " and " + origin
            );
        }
    }
    [[nodiscard]] std::vector<std::string> missing() const {
        std::vector<std::string> out;
        for (const auto& [text, must] : must_arrive_) {
            if (must && !delivered_.contains(text)) {
                out.push_back(text);
            }
        }
        return out;
    }
    [[nodiscard]] std::size_t delivered_count() const { return delivered_.size(); }

    std::vector<std::string> problems;

  private:
    std::map<std::string, bool> must_arrive_;
    std::unordered_map<fake, std::vector<std::string>> holds_;
    std::set<std::string> delivered_;
    std::unordered_map<std::string, std::string> text_of_;
    std::unordered_map<std::string, std::string> origin_of_;
};

/// One application that logs to one name.
struct writer {
    std::string path;
    fake file;
    std::string rest;
    int next = 0;
};

class story {
  public:
    explicit story(unsigned seed) : random_(seed), agent_(options()) {
        agent_.acknowledges = false;
        agent_.tells_at_once = false;
        agent_.disk.set_fault([this](std::string_view, const std::string&) -> result<void> {
            if (is_disk_full_) {
                return error(std::make_error_code(std::errc::no_space_on_device), "full");
            }
            return {};
        });
        for (int i = 0; i < 3; ++i) {
            writers_.push_back({.path = "/l/w" + std::to_string(i) + ".log"});
            reopen(writers_.back());
        }
    }

    void play(int steps) {
        for (int i = 0; i < steps; ++i) {
            step();
            note_lines();
        }
        end();
    }

    model lines;

  private:
    using range_name = std::tuple<file_key, std::uint32_t, std::uint64_t>;

    static range_name name_of(const handed_range& of) { return {of.key, of.epoch, of.ticket}; }
    tail_options options() {
        tail_options out = player::beginning();
        out.turn_size = dice(2) == 0 ? 64 : 1 << 20;
        out.unacked_size_max = dice(2) == 0 ? 256 : 1 << 20;
        out.open_files_max = has_few_descriptors_ ? 2 : 100;
        return out;
    }
    unsigned dice(unsigned sides) { return static_cast<unsigned>(random_() % sides); }
    writer& one() { return writers_[dice(static_cast<unsigned>(writers_.size()))]; }

    void step() {
        switch (dice(32)) {
        case 0:
            rotate(one(), true);
            break;
        case 1:
            rotate(one(), false);
            break;
        case 2:
            truncate(one(), {});
            break;
        case 3:
            copy_and_truncate(one());
            break;
        case 4:
            remove_and_begin_again(one());
            break;
        case 5:
            restart(true);
            break;
        case 6:
            restart(false);
            break;
        case 7:
            agent_.is_full = !agent_.is_full;
            break;
        case 8:
            is_disk_full_ = !is_disk_full_;
            agent_.disk_is_full = is_disk_full_;
            break;
        case 9:
            forget_unknown();
            agent_.overflow();
            break;
        case 10:
            settle(true);
            break;
        case 11:
        case 12:
            settle(false);
            break;
        case 13:
            wait(std::chrono::milliseconds(dice(12'000)));
            break;
        case 14:
            wait(std::chrono::milliseconds(100));
            break;
        case 15:
            complete_line(one());
            break;
        case 21:
            rewrite(one());
            break;
        case 16:
        case 17:
        case 18:
            act(static_cast<int>(dice(8)) + 1);
            break;
        case 19:
        case 20:
            act(std::numeric_limits<int>::max());
            break;
        default:
            write(one());
            break;
        }
    }

    // The applications.
    void reopen(writer& by) {
        agent_.time.advance(std::chrono::milliseconds(1));
        by.file = agent_.create(by.path);
    }
    void write(writer& by) {
        std::string text = std::exchange(by.rest, {});
        for (auto count = 1 + dice(5); count > 0; --count) {
            const std::string each =
                by.path + ' ' + std::to_string(by.next++) + ' ' + std::string(dice(90), 'x');
            lines.wrote(each, by.file);
            text += each + '\n';
        }
        if (dice(4) == 0) {
            const std::size_t kept =
                dice(static_cast<unsigned>(std::min<std::size_t>(text.size(), 40)));
            by.rest = text.substr(text.size() - kept);
            text.resize(text.size() - kept);
        }
        agent_.append(by.path, text);
    }
    void complete_line(writer& by) {
        if (!by.rest.empty()) {
            agent_.append(by.path, std::exchange(by.rest, {}));
        }
    }
    /// Inside the glob nothing is lost for as long as a file has a name.
    void rotate(writer& by, bool is_matched) {
        constexpr int kept = 3;
        // A half line is one of its own when nothing more comes: no application leaves one.
        complete_line(by);
        const std::string base = by.path + (is_matched ? "." : "-");
        if (const fake oldest = agent_.at(base + std::to_string(kept))) {
            lose_unless_held(oldest);
            agent_.remove(base + std::to_string(kept));
        }
        for (int i = kept; i > 0; --i) {
            const std::string from = i == 1 ? by.path : base + std::to_string(i - 1);
            if (agent_.has(from)) {
                agent_.rename(from, base + std::to_string(i), is_matched);
            }
        }
        reopen(by);
    }
    /// Told at once: a file that has grown past its old size first looks untouched.
    void truncate(writer& by, const std::string& content) {
        complete_line(by);
        if (!agent_.files || is_disk_full_ || by.file->content.empty()) {
            return;
        }
        catch_up();
        lines.gone(by.file);
        agent_.truncate(by.path, content);
        catch_up();
    }
    /// Other lines in the place of those that are there, of the same size or more: nothing but the
    /// contents tells.
    void rewrite(writer& by) {
        complete_line(by);
        if (!agent_.files || is_disk_full_) {
            return;
        }
        catch_up();
        agent_.checkpoint();
        if (!agent_.knows_content(*by.file)) {
            return;
        }
        const std::size_t size = by.file->content.size() + (dice(2) == 0 ? 0 : dice(200));
        lines.gone(by.file);
        const std::string number = std::to_string(by.next++) + ' ';
        std::string text = by.path + ' ' + number;
        while (text.size() + 1 < size) {
            text += number;
        }
        lines.wrote(text, by.file);
        agent_.truncate(by.path, text + '\n');
    }
    void copy_and_truncate(writer& by) {
        complete_line(by);
        if (by.file->content.empty()) {
            return;
        }
        agent_.create(by.path + "-copy", by.file->content, false);
        truncate(by, {});
    }
    void remove_and_begin_again(writer& by) {
        complete_line(by);
        lose_unless_held(by.file);
        agent_.remove(by.path);
        reopen(by);
    }
    /// A file that is open, or of which the agent has all, outlives its name.
    void lose_unless_held(const fake& which) {
        // With few descriptors it is closed for another one before the agent has heard.
        if (has_few_descriptors_ || !agent_.holds(*which)) {
            lines.gone(which);
        } else {
            pinned_.push_back(which);
        }
    }

    // The agent and what is around it.
    void act(int actions) {
        if (!agent_.files) {
            return;
        }
        if (dice(4) != 0) {
            agent_.hear();
        }
        agent_.run(actions);
        if (dice(2) == 0) {
            agent_.note();
        }
        note_lines();
    }
    void catch_up() {
        agent_.hear();
        agent_.run();
        note_lines();
    }
    void wait(clock::duration span) {
        agent_.time.advance(span);
        if (agent_.files) {
            agent_.hear();
            agent_.files->tick(agent_.now());
            agent_.run();
            note_lines();
        }
    }
    void settle(bool may_lose) {
        for (auto count = dice(12); count > 0 && !agent_.pending.empty(); --count) {
            const std::size_t which = dice(static_cast<unsigned>(agent_.pending.size()));
            const bool is_lost = may_lose && dice(8) == 0;
            settle_one(which, is_lost ? ack_verdict::lost : ack_verdict::delivered);
        }
    }
    void settle_one(std::size_t which, ack_verdict verdict) {
        const auto at = agent_.pending.begin() + static_cast<std::ptrdiff_t>(which);
        const handed_range range = *at;
        agent_.pending.erase(at);
        if (verdict == ack_verdict::delivered) {
            lines.delivered(text_of_.at(name_of(range)));
        }
        if (agent_.files) {
            agent_.files->settled(range, verdict, agent_.now());
        }
    }
    void restart(bool by_kill) {
        if (!agent_.files) {
            start();
            return;
        }
        if (!by_kill) {
            settle(false);
        }
        for (const handed_range& each : agent_.pending) {
            // Delivered though nobody hears of it, or lost.
            if (dice(2) == 0) {
                lines.delivered(text_of_.at(name_of(each)));
            }
        }
        agent_.pending.clear();
        text_of_.clear();
        for (const fake& each : std::exchange(pinned_, {})) {
            lines.gone(each);
        }
        if (by_kill || is_disk_full_) {
            agent_.kill();
            // Of a generation that began while the sincedb could not be written nobody knows.
            for (const std::string& each : std::exchange(unsaved_, {})) {
                lines.forget_origin(each);
            }
            if (dice(4) == 0) {
                agent_.disk.crash([this](std::size_t size) { return random_() % (size + 1); });
            }
        } else {
            agent_.stop();
        }
        if (dice(2) == 0) {
            start();
        }
    }
    /// What else happens while the agent is down.
    void restore() {
        const bool is_remounted = dice(3) == 0;
        has_remounted_ = has_remounted_ || is_remounted;
        // Whose record could not be written, the disk being full: it is new under its new identity.
        lines.forget_names([&](const fake_file& each) {
            return (has_remounted_ || copies_.contains(&each)) && !agent_.knows(each);
        });
        if (is_remounted) {
            agent_.remount();
        }
        writer& by = one();
        if (dice(3) == 0 && agent_.would_know_copy(by.file)) {
            const fake copy = agent_.replace(by.path);
            lines.moved(by.file, copy);
            by.file = copy;
            copies_.insert(copy.get());
        }
    }
    void start() {
        restore();
        forget_unknown();
        agent_.start();
        note_lines();
    }
    /// Files outside the glob that the agent has never seen are nobody's.
    void forget_unknown() {
        for (const fake& each : agent_.outside()) {
            if (!agent_.knows(*each)) {
                lines.gone(each);
            }
        }
    }
    /// Takes what has been read since the last call.
    void note_lines() {
        for (std::size_t i = 0; i < agent_.lines.size(); ++i) {
            lines.saw(agent_.origins[i], agent_.lines[i]);
            if (is_disk_full_) {
                unsaved_.push_back(agent_.origins[i]);
            }
            const handed_range& range = agent_.ranges[i];
            text_of_[name_of(range)] = agent_.lines[i];
        }
        agent_.lines.clear();
        agent_.origins.clear();
        agent_.ranges.clear();
    }
    /// Reads and delivers for as long as there is something to read.
    void deliver_all() {
        do {
            while (!agent_.pending.empty()) {
                settle_one(0, ack_verdict::delivered);
            }
            catch_up();
        } while (!agent_.pending.empty());
    }
    void end() {
        for (writer& each : writers_) {
            complete_line(each);
        }
        is_disk_full_ = false;
        agent_.disk_is_full = false;
        agent_.is_full = false;
        if (!agent_.files) {
            start();
        }
        for (int i = 0; i < 40; ++i) {
            deliver_all();
            agent_.wait(std::chrono::seconds(1));
            note_lines();
        }
        deliver_all();
        if (agent_.files->unacked_size() != 0) {
            lines.problems.push_back("bytes are unacknowledged that nobody has");
        }
    }

    std::mt19937 random_;
    bool is_disk_full_ = false;
    /// The names that lines got while the disk was full.
    std::vector<std::string> unsaved_;
    bool has_few_descriptors_ = random_() % 4 == 0;
    player agent_;
    std::vector<writer> writers_;
    /// Of files that they replaced, and whose names their lines keep.
    std::set<const fake_file*> copies_;
    bool has_remounted_ = false;
    /// Deleted while they were held open: lost when the agent goes.
    std::vector<fake> pinned_;
    std::map<range_name, std::string> text_of_;
};

/// mode => read: files are made, written in pieces, closed, opened again, renamed into place; each
/// is deleted when it is complete, and at the end none is left and no line is missing.
class drop_story {
  public:
    explicit drop_story(unsigned seed) : random_(seed), agent_(options()) {
        agent_.acknowledges = false;
        agent_.tells_at_once = false;
        agent_.removes_completed = true;
        agent_.before_removal = [this](fake_file& which) {
            if (dice(4) == 0) {
                which.who = writers::some;
                late_.push_back(&which);
            }
        };
    }

    void play(int steps) {
        for (int i = 0; i < steps; ++i) {
            step();
        }
        end();
    }
    [[nodiscard]] bool has_files() const { return agent_.has_files(); }

    model lines;

  private:
    struct open_file {
        std::string path;
        fake file;
        std::string rest;
    };

    static tail_options options() {
        tail_options out = player::beginning();
        out.read_mode = true;
        return out;
    }
    unsigned dice(unsigned sides) { return static_cast<unsigned>(random_() % sides); }

    void step() {
        constexpr std::size_t open_max = 4;
        switch (dice(16)) {
        case 0:
        case 1:
            if (open_.size() < open_max) {
                open_new();
            }
            break;
        case 2:
            open_again();
            break;
        case 3:
        case 4:
            close_one();
            break;
        case 5:
            rename_into_place();
            break;
        case 6:
            restart();
            break;
        case 7:
            agent_.is_full = !agent_.is_full;
            break;
        case 8:
        case 9:
            settle();
            break;
        case 10:
            wait(std::chrono::milliseconds(dice(8'000)));
            break;
        case 11:
        case 12:
            act(static_cast<int>(dice(6)) + 1);
            break;
        default:
            write();
            break;
        }
    }

    std::string new_path() { return "/l/" + std::to_string(++files_); }
    std::string new_line(const fake& into) {
        std::string made = "line " + std::to_string(++lines_made_);
        lines.wrote(made, into);
        return made + '\n';
    }
    void open_new() {
        const std::string path = new_path();
        const fake made = agent_.create(path);
        made->who = writers::some;
        open_.push_back({path, made, {}});
    }
    /// Somebody else appends: to the file, or, when it has been deleted, to a new one.
    void open_again() {
        if (files_ == 0) {
            return;
        }
        const std::string path = "/l/" + std::to_string(1 + dice(files_));
        fake file = agent_.at(path);
        if (std::any_of(open_.begin(), open_.end(), [&](const open_file& each) {
                return each.path == path;
            })) {
            return;
        }
        if (!file) {
            file = agent_.create(path);
        }
        file->who = writers::some;
        open_.push_back({path, file, {}});
    }
    void write() {
        if (open_.empty()) {
            return;
        }
        open_file& to = open_[dice(static_cast<unsigned>(open_.size()))];
        std::string text = std::exchange(to.rest, {}) + new_line(to.file);
        if (dice(3) == 0) {
            const std::size_t kept = dice(static_cast<unsigned>(text.size()));
            to.rest = text.substr(text.size() - kept);
            text.resize(text.size() - kept);
        }
        append(to, text);
    }
    void append(const open_file& to, const std::string& text) {
        // Deleted while it was open, by a last look that came too early: the lines would be
        // missing.
        if (agent_.at(to.path) == to.file) {
            agent_.append(to.path, text);
        } else {
            player::append(to.file, text);
        }
    }
    void close_one() {
        if (open_.empty()) {
            return;
        }
        const auto which = open_.begin() + dice(static_cast<unsigned>(open_.size()));
        close(*which);
        open_.erase(which);
    }
    void close(open_file& which) {
        if (!which.rest.empty()) {
            append(which, std::exchange(which.rest, {}));
        }
        which.file->who = writers::none;
        if (agent_.at(which.path) == which.file && dice(4) != 0) {
            agent_.close(which.path);
        }
    }
    void rename_into_place() {
        const fake made = agent_.create("/l/temporary", {}, false);
        std::string text;
        for (auto count = dice(4); count > 0; --count) {
            text += new_line(made);
        }
        agent_.append("/l/temporary", text);
        agent_.rename("/l/temporary", new_path());
    }

    void act(int actions) {
        if (agent_.files) {
            agent_.hear();
            agent_.run(actions);
            note();
        }
    }
    void wait(clock::duration span) {
        agent_.time.advance(span);
        if (agent_.files) {
            agent_.hear();
            agent_.files->tick(agent_.now());
            agent_.run();
            note();
        }
    }
    void settle() {
        for (auto count = dice(12); count > 0 && !agent_.pending.empty(); --count) {
            settle_one(dice(10) == 0 ? ack_verdict::lost : ack_verdict::delivered);
        }
    }
    void settle_one(ack_verdict verdict) {
        const auto at =
            agent_.pending.begin() +
            dice(static_cast<unsigned>(std::min<std::size_t>(agent_.pending.size(), 3)));
        const handed_range range = *at;
        agent_.pending.erase(at);
        if (verdict == ack_verdict::delivered) {
            lines.delivered(text_of_.at({range.key, range.epoch, range.ticket}));
        }
        agent_.files->settled(range, verdict, agent_.now());
    }
    void restart() {
        if (!agent_.files) {
            agent_.start();
            note();
            return;
        }
        agent_.pending.clear();
        text_of_.clear();
        // A file that was opened in the moment of its deletion is the agent's alone.
        for (const fake& each : nameless_) {
            lines.gone(each);
        }
        if (dice(2) == 0) {
            agent_.stop();
        } else {
            agent_.kill();
        }
        if (dice(2) == 0) {
            agent_.start();
            note();
        }
    }
    void note() {
        for (std::size_t i = 0; i < agent_.lines.size(); ++i) {
            lines.saw(agent_.origins[i], agent_.lines[i]);
            const handed_range& range = agent_.ranges[i];
            text_of_[{range.key, range.epoch, range.ticket}] = agent_.lines[i];
        }
        agent_.lines.clear();
        agent_.origins.clear();
        agent_.ranges.clear();
        // Those who opened a file just before it was deleted write to it and close it.
        for (fake_file* const each : std::exchange(late_, {})) {
            const fake held = agent_.removed(*each);
            nameless_.push_back(held);
            player::append(held, new_line(held));
            held->who = writers::none;
        }
    }
    void end() {
        for (open_file& each : open_) {
            close(each);
        }
        open_.clear();
        agent_.is_full = false;
        if (!agent_.files) {
            agent_.start();
        }
        for (int i = 0; i < 60; ++i) {
            agent_.hear();
            agent_.run();
            note();
            while (!agent_.pending.empty()) {
                settle_one(ack_verdict::delivered);
            }
            agent_.wait(std::chrono::seconds(1));
            note();
        }
    }

    std::mt19937 random_;
    player agent_;
    std::vector<open_file> open_;
    std::vector<fake_file*> late_;
    std::vector<fake> nameless_;
    std::map<std::tuple<file_key, std::uint32_t, std::uint64_t>, std::string> text_of_;
    unsigned files_ = 0;
    unsigned lines_made_ = 0;
};

unsigned from_environment(const char* name, unsigned otherwise) {
    const char* const given = std::getenv(name);
    return given == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
}

/// Calls `play` with one seed after the other.
template <class Play>
void for_seeds(Play&& play) {
    constexpr unsigned seeds_usual = 300;
    const bool is_replay = std::getenv("LOGBOOM_SEED") != nullptr;
    const unsigned first = from_environment("LOGBOOM_SEED", 1);
    const unsigned seeds = is_replay ? 1 : from_environment("LOGBOOM_SEEDS", seeds_usual);
    for (unsigned seed = first; seed < first + seeds; ++seed) {
        INFO("LOGBOOM_SEED=", seed);
        play(seed);
    }
}

void check(const model& lines) {
    const auto missing = lines.missing();
    INFO("missing ", missing.size(), " first ", missing.empty() ? "" : missing.front());
    INFO(
        "problems ",
        lines.problems.size(),
        " first ",
        lines.problems.empty() ? "" : lines.problems.front()
    );
    REQUIRE(lines.problems.empty());
    REQUIRE(missing.empty());
}

} // namespace

TEST_CASE("whatever happens, each line arrives under one name or is known to be lost") {
    constexpr int steps = 250;
    std::size_t delivered = 0;
    for_seeds([&](unsigned seed) {
        story told(seed);
        told.play(steps);
        check(told.lines);
        delivered += told.lines.delivered_count();
    });
    MESSAGE(delivered, " lines");
}

TEST_CASE("in read mode no file is deleted before each of its lines has arrived") {
    constexpr int steps = 250;
    std::size_t delivered = 0;
    for_seeds([&](unsigned seed) {
        drop_story told(seed);
        told.play(steps);
        check(told.lines);
        CHECK_FALSE(told.has_files());
        delivered += told.lines.delivered_count();
    });
    MESSAGE(delivered, " lines");
}

TEST_SUITE_END();
