// Files that are read once and deleted, against a model, by seed: made, written in pieces, closed,
// opened again, renamed into place, while the agent is stopped and killed between any two actions.
#include "tests/unit/agent/file/simulation.h"

TEST_SUITE_BEGIN("agent/read_simulation");

using namespace logboom;
using namespace logboom::agent;
using namespace logboom::agent::test;

namespace {

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

} // namespace

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
