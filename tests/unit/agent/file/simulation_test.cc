// The followed files against a model, by seed: writers write whole and half lines, rotate by rename
// inside and out of the glob, truncate, delete, copy and turn links; the pipeline is full, delays
// and loses; the kernel's queue overflows, the checkpoint's disk is full; the agent hears late, is
// stopped and killed between any two actions. Nothing takes time, so that a seed is a few
// milliseconds and plays the same every time. The model knows each line's fate: it must arrive, or
// the bytes that held it were taken away before the agent held them open; and what the agent says
// of its bytes is what became of them.
#include "tests/unit/agent/file/simulation.h"

#include <fmt/format.h>

TEST_SUITE_BEGIN("agent/simulation");

using namespace logboom;
using namespace logboom::agent;
using namespace logboom::agent::test;

namespace {

/// One application that logs to one name.
struct writer {
    std::string path;
    fake file;
    std::string rest;
    int next = 0;
};

class story {
  public:
    explicit story(unsigned seed) : random_(seed), agent_{options(), left_by_logstash()} {
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
    /// Positions of files that are gone, and whose inodes others get; when they were read is said
    /// by some. The clock of the story begins later.
    std::string left_by_logstash() {
        std::string out;
        for (unsigned inode = 100; dice(2) == 0 && inode < 120; ++inode) {
            out += fmt::format(
                "{} 8 1 {}{}\n", inode, dice(400), dice(2) == 0 ? "" : " 1.5 /l/w0.log"
            );
        }
        return out;
    }
    unsigned dice(unsigned sides) { return static_cast<unsigned>(random_() % sides); }
    writer& one() { return writers_[dice(static_cast<unsigned>(writers_.size()))]; }

    void step() {
        switch (dice(36)) {
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
        case 22:
            allocate(one());
            break;
        case 23:
            shrink(one());
            break;
        case 24:
            leave_hole(one());
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
        agent_.fill(by.path, text);
    }
    void complete_line(writer& by) {
        if (!by.rest.empty()) {
            agent_.fill(by.path, std::exchange(by.rest, {}));
        }
    }
    /// NULs in which it will write later.
    void allocate(writer& by) { agent_.append(by.path, std::string(1 + dice(300), '\0')); }
    /// It takes away those that it has not used.
    void shrink(writer& by) {
        complete_line(by);
        if (!agent_.files || is_disk_full_) {
            return;
        }
        catch_up();
        if (agent_.has_read_up_to_blank(*by.file)) {
            agent_.checkpoint();
            agent_.truncate(by.path, std::string(without_blank_end(by.file->content)));
        }
    }
    /// It writes on where its file ended before, or the blocks before that never came to the disk.
    void leave_hole(writer& by) {
        complete_line(by);
        const std::string each = by.path + ' ' + std::to_string(by.next++) + " behind a hole";
        lines.wrote(each, by.file);
        agent_.append(by.path, std::string(1 + dice(200), '\0') + each + '\n');
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
            sizes_[origin_of_.at(name_of(range))] = range.size - range.passed;
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
        if (!by_kill && dice(2) == 0) {
            catch_up_and_stop();
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
        origin_of_.clear();
        sizes_.clear();
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
    /// With nothing left to do, when it has all there is.
    void catch_up_and_stop() {
        agent_.is_full = false;
        deliver_all();
        if (agent_.is_caught_up() && !is_disk_full_) {
            lines.done();
            text_of_.clear();
            origin_of_.clear();
            sizes_.clear();
            for (const fake& each : std::exchange(pinned_, {})) {
                lines.gone(each);
            }
            agent_.stop();
            if (dice(2) == 0) {
                start();
            }
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
        if (!is_disk_full_ && dice(3) == 0) {
            agent_.reconfigure(std::string(1, static_cast<char>('a' + dice(3))));
        }
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
            origin_of_[name_of(range)] = agent_.origins[i];
        }
        agent_.lines.clear();
        agent_.origins.clear();
        agent_.ranges.clear();
    }
    /// What the agent says of the bytes of its last run, against what happened.
    void audit() {
        const auto sum = [&](const char* name) { return agent_.counters.sum(name); };
        const std::int64_t lost = sum("logboom_agent_lost_bytes_total");
        const std::int64_t delivered = sum("logboom_agent_delivered_bytes_total");
        std::int64_t arrived = 0;
        for (const auto& [origin, size] : sizes_) {
            arrived += size;
        }
        if (sum("logboom_agent_read_bytes_total") !=
            delivered + lost + sum("logboom_agent_skipped_bytes_total")) {
            lines.problems.push_back("the ledger's sums are not equal");
        }
        for (const auto& [key, each] : agent_.files->files()) {
            if (each.progress.ledger().in_flight() != 0) {
                lines.problems.push_back(
                    std::to_string(each.progress.ledger().in_flight()) + " bytes of " +
                    each.progress.path() + " are in flight that nobody has, from " +
                    std::to_string(each.progress.record().position.value()) + " of " +
                    std::to_string(each.progress.size())
                );
            }
        }
        if (lost > 0 && !lines.has_losses) {
            lines.problems.push_back("bytes count as lost that are there");
        }
        // Of what was delivered, rewound and then taken away nobody knows any more.
        const bool is_exact = lost == 0 || sum("logboom_agent_rewinds_total") == 0;
        if (is_exact ? delivered != arrived : delivered > arrived) {
            lines.problems.push_back(
                std::to_string(arrived) + " bytes have arrived, not " + std::to_string(delivered)
            );
        }
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
        audit();
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
    std::map<range_name, std::string> origin_of_;
    /// Of the lines that have been delivered since the last start, by name.
    std::map<std::string, std::int64_t> sizes_;
};

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

TEST_SUITE_END();
