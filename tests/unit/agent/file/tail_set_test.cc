// The decisions about followed files: rotation, truncation, deletion, order, with facts and time
// passed in.
#include "agent/file/tail_set.h"
#include "base/memory_env.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

TEST_SUITE_BEGIN("agent/tail_set");

using namespace logboom;
using namespace logboom::agent;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

namespace {

struct fake_file {
    file_identity identity;
    std::string content;
    std::uint32_t links = 1;
    clock::duration modified{};
};
using fake = std::shared_ptr<fake_file>;

file_stat stat_of_file(const fake_file& file) {
    file_stat out;
    out.identity = file.identity;
    out.size = static_cast<std::int64_t>(file.content.size());
    out.modified_ns = file.modified.count();
    out.links = file.links;
    out.is_regular = true;
    return out;
}

class fake_source final : public file_source {
  public:
    explicit fake_source(fake file) : file_(std::move(file)) {}

    result<std::size_t> read(char* into, std::size_t size, std::int64_t at) override {
        const auto from = std::min(static_cast<std::size_t>(at), file_->content.size());
        return file_->content.copy(into, size, from);
    }
    [[nodiscard]] result<file_stat> stat() const override { return stat_of_file(*file_); }

  private:
    fake file_;
};

/// A directory whose names tests change; plays the actions of a tail_set against it.
class player {
  public:
    explicit player(tail_options options = beginning()) : options_(std::move(options)) { start(); }

    static tail_options beginning() {
        tail_options out;
        out.from_beginning = true;
        return out;
    }

    // What happens on the disk. Told to the set as inotify would, unless it is down.
    fake create(const std::string& path, std::string content = {}) {
        auto made = std::make_shared<fake_file>();
        made->identity = {8, 1, ++last_inode_, time.wall().count()};
        made->content = std::move(content);
        made->modified = time.wall();
        names_[path] = made;
        appeared(path);
        return made;
    }
    void append(const std::string& path, std::string_view text) {
        names_.at(path)->content += text;
        names_.at(path)->modified = time.wall();
        if (files) {
            files->table().touched(path);
        }
        run();
    }
    /// By a writer whose file has no name any more: nothing is told.
    static void append(const fake& to, std::string_view text) { to->content += text; }
    void truncate(const std::string& path, std::string content = {}) {
        names_.at(path)->content = std::move(content);
        if (files) {
            files->table().touched(path);
        }
        run();
    }
    void rename(const std::string& from, const std::string& to, bool is_matched = true) {
        fake moved = names_.at(from);
        names_.erase(from);
        names_[to] = moved;
        if (files) {
            files->table().vanished(from, now());
        }
        appeared(to, is_matched);
    }
    /// To a directory that nobody watches.
    fake move_away(const std::string& path) {
        fake moved = names_.at(path);
        names_.erase(path);
        if (files) {
            files->table().vanished(path, now());
        }
        run();
        return moved;
    }
    fake remove(const std::string& path) {
        fake gone = names_.at(path);
        gone->links = 0;
        return move_away(path);
    }
    void link(const std::string& from, const std::string& to) {
        names_[to] = names_.at(from);
        appeared(to);
    }
    void wait(clock::duration span) {
        for (clock::duration left = span; left > 0ns; left -= 1s) {
            time.advance(std::min<clock::duration>(left, 1s));
            files->tick(now());
            run();
        }
    }

    // What happens to the agent.
    void stop() {
        files->records().save();
        REQUIRE(state->write(time.wall_ms()).has_value());
        kill();
    }
    void kill() {
        files.reset();
        state.reset();
    }
    void start() {
        state.emplace(disk, "/data/sincedb", 24h * 14, logger());
        state->load(time.wall_ms());
        files.emplace(options_, *state, tail_counters(counters, {}), logger());
        files->table().discovery_begins();
        std::vector<sighting> known;
        std::vector<sighting> unknown;
        for (const auto& [path, file] : names_) {
            sighting seen{path, stat_of_file(*file)};
            (files->table().knows(file->identity) ? known : unknown).push_back(seen);
        }
        std::sort(known.begin(), known.end(), [](const sighting& left, const sighting& right) {
            return left.stat.modified_ns < right.stat.modified_ns;
        });
        for (const auto& group : {known, unknown}) {
            for (const sighting& each : group) {
                files->table().observe(each, now());
            }
        }
        CHECK(files->table().discovery_ended().empty());
        run();
    }
    void acknowledge_all() {
        for (const handed_range& each : std::exchange(pending, {})) {
            files->settled(each, ack_verdict::delivered, now());
        }
        run();
    }
    void lose_all() {
        for (const handed_range& each : std::exchange(pending, {})) {
            files->settled(each, ack_verdict::lost, now());
        }
        run();
    }
    void run() {
        while (const auto action = files ? files->next_action(time.steady()) : std::nullopt) {
            act(*action);
        }
    }
    strings take() { return std::exchange(lines, {}); }
    now_at now() const { return {time.steady(), time.wall_ms()}; }

    manual_clock time;
    memory_env disk;
    metrics counters;
    std::optional<sincedb> state;
    std::optional<tail_set> files;
    strings lines;
    strings origins;
    strings completed;
    std::vector<handed_range> pending;
    bool acknowledges = true;
    bool disk_is_full = false;
    std::map<std::string, std::errc> open_errors;
    std::size_t descriptors = 1000;

  private:
    result<file_stat> stat_of(const std::string& path) const {
        if (const auto error_code = open_errors.find(path); error_code != open_errors.end()) {
            return error(std::make_error_code(error_code->second), path);
        }
        const auto found = names_.find(path);
        if (found == names_.end()) {
            return error(std::make_error_code(std::errc::no_such_file_or_directory), path);
        }
        return stat_of_file(*found->second);
    }
    void appeared(const std::string& path, bool is_matched = true) {
        if (files) {
            files->table().observe(
                {path, stat_of_file(*names_.at(path)), is_matched, false}, now()
            );
        }
        run();
    }
    void take_line(followed_file& file, const line& each) {
        lines.emplace_back(std::string(each.text) + (each.is_partial ? "~" : ""));
        origins.push_back(
            std::to_string(file.progress.identity().inode) + "/" +
            std::to_string(file.progress.generation().value()) + "/" + std::to_string(each.position)
        );
        const handed_range range = file.progress.hand_on(each.end);
        files->handed_on(range);
        if (acknowledges) {
            files->settled(range, ack_verdict::delivered, now());
        } else {
            pending.push_back(range);
        }
    }
    void read(followed_file& file) {
        std::string chunk(64, 0);
        const std::int64_t position = file.progress.read_position();
        chunk.resize(file.source->read(chunk.data(), chunk.size(), position).value());
        file.progress.splitter().feed(chunk, [&](const line& each) {
            take_line(file, each);
            return true;
        });
        files->was_read(file.key, chunk.size(), now());
    }
    void open(const followed_file& file) {
        const std::string path = file.progress.path();
        if (files->schedule().open_files().size() >= descriptors) {
            files->opened(
                file.key, error(std::make_error_code(std::errc::too_many_files_open), path), now()
            );
        } else if (const auto found = stat_of(path); found.has_error()) {
            files->opened(file.key, found.error(), now());
        } else {
            auto source = std::make_unique<fake_source>(names_.at(path));
            files->opened(file.key, opened_file{std::move(source), *found}, now());
        }
    }
    void act(const tail_action& action) {
        followed_file* const file = files->find(action.key);
        switch (action.step) {
        case tail_step::check:
            files->checked(
                action.key,
                file->is_open() ? file->source->stat() : stat_of(file->progress.path()),
                now()
            );
            break;
        case tail_step::open:
            open(*file);
            break;
        case tail_step::read:
            read(*file);
            break;
        case tail_step::flush:
            break;
        case tail_step::finish:
            file->progress.splitter().finish([&](const line& each) {
                take_line(*file, each);
                return true;
            });
            files->finished(action.key);
            break;
        case tail_step::complete:
            completed.push_back(file->progress.path());
            files->completed(action.key, true);
            break;
        case tail_step::checkpoint:
            files->records().save();
            if (!disk_is_full) {
                REQUIRE(state->write(time.wall_ms()).has_value());
            }
            files->records().saved();
            break;
        }
    }

    tail_options options_;
    std::map<std::string, fake> names_;
    std::uint64_t last_inode_ = 100;
};

} // namespace

TEST_CASE("a writer that keeps the renamed file is followed, before its successor") {
    player disk;
    const fake old = disk.create("/l/a", "1\n");
    disk.rename("/l/a", "/l/a.1");
    disk.append("/l/a.1", "2\n3\n");
    disk.create("/l/a", "4\n");
    disk.append("/l/a.1", "late\n");
    CHECK(disk.take() == strings{"1", "2", "3", "4", "late"});
}

TEST_CASE("what is unread of a rotated file is read before its successor") {
    tail_options options = player::beginning();
    options.unacked_size_max = 1;
    player disk(options);
    disk.acknowledges = false;
    disk.create("/l/a", "1\n");
    disk.append("/l/a", "2\n3\n");
    disk.rename("/l/a", "/l/a.1");
    disk.create("/l/a", "4\n");
    CHECK(disk.take() == strings{"1"});
    disk.acknowledges = true;
    disk.acknowledge_all();
    CHECK(disk.take() == strings{"2", "3", "4"});
}

TEST_CASE("a file moved where nobody looks is read until it is silent, then closed") {
    player disk;
    disk.create("/l/a", "1\n");
    const fake old = disk.move_away("/l/a");
    for (int i = 0; i < 60; ++i) {
        player::append(old, "x\n");
        disk.wait(1s);
    }
    CHECK(disk.take().size() == 61);
    CHECK(disk.files->schedule().open_files().size() == 1);
    disk.wait(10s);
    CHECK(disk.files->schedule().open_files().size() == 0);
    CHECK(disk.files->size() == 0);
}

TEST_CASE("a deleted file is read to its end, its last half line is not lost") {
    player disk;
    disk.create("/l/a", "1\n2\nhalf");
    const fake gone = disk.remove("/l/a");
    player::append(gone, " line");
    disk.wait(10s);
    CHECK(disk.take() == strings{"1", "2", "half line~"});
    CHECK(disk.files->size() == 0);
    CHECK(disk.counters.sum("logboom_agent_lost_bytes_total") == 0);
}

TEST_CASE("a half line waits for its end, across a kill too") {
    player disk;
    disk.create("/l/a", "1\nha");
    disk.wait(60s);
    CHECK(disk.take() == strings{"1"});
    disk.kill();
    disk.start();
    disk.append("/l/a", "lf\n");
    const strings lines = disk.take();
    CHECK(lines.back() == "half");
    CHECK(std::count(lines.begin(), lines.end(), "half") == 1);
}

TEST_CASE("a deleted file stays open until its lines are acknowledged") {
    player disk;
    disk.acknowledges = false;
    disk.create("/l/a", "1\n");
    disk.remove("/l/a");
    disk.wait(60s);
    CHECK(disk.files->schedule().open_files().size() == 1);
    disk.lose_all();
    disk.acknowledges = true;
    disk.wait(20s);
    CHECK(disk.take() == strings{"1", "1"});
    CHECK(disk.files->size() == 0);
}

TEST_CASE("a truncated file begins a generation; bytes that were never read are counted") {
    tail_options options = player::beginning();
    options.unacked_size_max = 1;
    player disk(options);
    disk.create("/l/a", "1\n");
    disk.append("/l/a", "2\n");
    CHECK(disk.take() == strings{"1", "2"});
    disk.acknowledges = false;
    disk.append("/l/a", std::string(64, 'x') + "\n" + std::string(100, 'y') + "\n");
    CHECK(disk.take().size() == 1);
    disk.acknowledges = true;
    disk.truncate("/l/a", "3\n");
    disk.acknowledge_all();
    CHECK(disk.take() == strings{"3"});
    CHECK(disk.origins.back() == "101/1/0");
    CHECK(disk.counters.sum("logboom_agent_lost_bytes_total") == 101);
}

TEST_CASE("a file that shrank to where reading stands has been truncated too") {
    player disk;
    disk.acknowledges = false;
    disk.create("/l/a", "1\n");
    disk.lose_all();
    disk.truncate("/l/a");
    disk.acknowledges = true;
    disk.append("/l/a", "2\n");
    disk.wait(1s);
    CHECK(disk.take() == strings{"1", "2"});
    CHECK(disk.origins == strings{"101/0/0", "101/1/0"});
}

TEST_CASE("a truncation that was seen is the same generation after a kill") {
    player disk;
    disk.create("/l/a", "1111\n");
    disk.truncate("/l/a", "2\n");
    disk.kill();
    disk.append("/l/a", "3 longer than before\n");
    disk.start();
    const std::map<std::string, std::string> names = [&] {
        std::map<std::string, std::string> out;
        for (std::size_t i = 0; i < disk.lines.size(); ++i) {
            const auto added = out.try_emplace(disk.origins[i], disk.lines[i]);
            CHECK(added.first->second == disk.lines[i]);
        }
        return out;
    }();
    CHECK(names.at("101/0/0") == "1111");
    CHECK(names.at("101/1/0") == "2");
    CHECK(names.at("101/1/2") == "3 longer than before");
}

TEST_CASE("a truncation while the agent was down is found by the size") {
    player disk;
    disk.create("/l/a", "1111\n2222\n");
    disk.stop();
    disk.truncate("/l/a", "3\n");
    disk.start();
    CHECK(disk.take() == strings{"1111", "2222", "3"});
    CHECK(disk.origins.back() == "101/1/0");
}

TEST_CASE("rotations while the agent was down are read in their order") {
    player disk;
    disk.create("/l/a", "1\n");
    disk.stop();
    disk.append("/l/a", "2\n");
    disk.rename("/l/a", "/l/a.1");
    disk.time.advance(1s);
    disk.create("/l/a", "3\n");
    disk.start();
    CHECK(disk.take() == strings{"1", "2", "3"});
}

TEST_CASE("after the first run, files born since are read from their beginning") {
    player disk{tail_options{}};
    disk.create("/l/early", "");
    disk.append("/l/early", "1\n");
    disk.time.advance(1h);
    disk.stop();
    disk.create("/l/late", "2\n");
    disk.start();
    CHECK(disk.take() == strings{"1", "2"});
}

TEST_CASE("an inode that was given to another file is another file") {
    player disk;
    disk.create("/l/a", "1111\n");
    disk.stop();
    const fake gone = disk.remove("/l/a");
    disk.time.advance(1s);
    const fake made = disk.create("/l/b", "22222222\n");
    made->identity.inode = gone->identity.inode;
    disk.start();
    CHECK(disk.take() == strings{"1111", "22222222"});
}

TEST_CASE("lost lines are read again after a while, not at once") {
    player disk;
    disk.acknowledges = false;
    disk.create("/l/a", "1\n2\n");
    CHECK(disk.take() == strings{"1", "2"});
    disk.lose_all();
    CHECK(disk.take().empty());
    REQUIRE(disk.files->next_wake().has_value());
    disk.wait(1s);
    CHECK(disk.take() == strings{"1", "2"});
    CHECK(disk.files->unacked_size() == 4);
}

TEST_CASE("reading pauses while too much is unacknowledged") {
    tail_options options = player::beginning();
    options.unacked_size_max = 100;
    player disk(options);
    disk.acknowledges = false;
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "0123456789\n";
    }
    disk.create("/l/a", text);
    CHECK(disk.take().size() < 20);
    disk.acknowledge_all();
    CHECK(disk.take().size() > 5);
}

TEST_CASE("files with much to read take turns") {
    tail_options options = player::beginning();
    options.turn_size = 64;
    player disk(options);
    disk.kill();
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "aaaaaaa\n";
    }
    disk.create("/l/a", text);
    disk.create("/l/b", "b\n");
    disk.start();
    const strings lines = disk.take();
    const auto at = std::find(lines.begin(), lines.end(), "b") - lines.begin();
    CHECK(at < 20);
}

TEST_CASE("with few open files allowed all are read, by turns and over renames") {
    tail_options options = player::beginning();
    options.open_files_max = 3;
    options.turn_size = 64;
    player disk(options);
    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 20; ++i) {
            const std::string path = "/l/" + std::to_string(i);
            if (round == 0) {
                disk.create(path, "x\n");
            } else {
                disk.append(path + (round > 2 ? ".1" : ""), "x\n");
            }
            if (round == 2) {
                disk.rename(path, path + ".1");
            }
            CHECK(disk.files->schedule().open_files().size() <= 3);
        }
    }
    CHECK(disk.take().size() == 100);
}

TEST_CASE("when the process may not open more files they take turns too") {
    player disk;
    disk.descriptors = 8;
    for (int i = 0; i < 20; ++i) {
        disk.create("/l/" + std::to_string(i), "1\n");
    }
    for (int i = 0; i < 20; ++i) {
        disk.append("/l/" + std::to_string(i), "2\n");
    }
    CHECK(disk.take().size() == 40);
    CHECK(disk.files->schedule().open_files().size() < 8);
}

TEST_CASE("a file that cannot be opened for a while is read when it can") {
    player disk;
    disk.open_errors["/l/a"] = std::errc::too_many_files_open;
    disk.create("/l/a", "1\n");
    disk.wait(30s);
    CHECK(disk.take().empty());
    CHECK(disk.files->size() == 1);
    disk.open_errors.clear();
    disk.wait(15s);
    CHECK(disk.take() == strings{"1"});
}

TEST_CASE("a file that may not be opened does not hold up its successor") {
    player disk;
    disk.open_errors["/l/a"] = disk.open_errors["/l/a.1"] = std::errc::permission_denied;
    disk.create("/l/a", "1\n");
    disk.rename("/l/a", "/l/a.1");
    disk.open_errors.erase("/l/a");
    disk.create("/l/a", "2\n");
    CHECK(disk.take() == strings{"2"});
    disk.open_errors.clear();
    disk.wait(20s);
    CHECK(disk.take() == strings{"1"});
}

TEST_CASE("while reading pauses, files that are tried again later do not keep the thread awake") {
    tail_options options = player::beginning();
    options.unacked_size_max = 65;
    options.turn_size = 1;
    player disk(options);
    disk.acknowledges = false;
    disk.open_errors["/l/bad"] = std::errc::permission_denied;
    disk.create("/l/bad", "x\n");
    CHECK(disk.files->next_wake().has_value());
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "1\n";
    }
    disk.create("/l/a", text);
    REQUIRE(disk.take().size() == 64);
    CHECK_FALSE(disk.files->next_wake().has_value());
    disk.acknowledge_all();
    disk.acknowledge_all();
    CHECK(disk.files->next_wake().has_value());
}

TEST_CASE("a hard link is the same file; it stays known while one name is left") {
    player disk;
    disk.create("/l/a", "1\n");
    disk.link("/l/a", "/l/b");
    disk.append("/l/b", "2\n");
    disk.move_away("/l/a");
    disk.wait(60s);
    disk.append("/l/b", "3\n");
    CHECK(disk.take() == strings{"1", "2", "3"});
}

TEST_CASE("files that were silent for close_older are closed and opened again") {
    tail_options options = player::beginning();
    options.close_older = 10s;
    player disk(options);
    disk.create("/l/a", "1\n");
    CHECK(disk.files->schedule().open_files().size() == 1);
    disk.wait(11s);
    CHECK(disk.files->schedule().open_files().size() == 0);
    disk.append("/l/a", "2\n");
    CHECK(disk.take() == strings{"1", "2"});
}

TEST_CASE("ignore_older takes old files as read, and what comes later is read") {
    tail_options options = player::beginning();
    options.ignore_older = 1h;
    player disk(options);
    disk.kill();
    disk.create("/l/a", "old\n");
    disk.time.advance(2h);
    disk.start();
    CHECK(disk.take().empty());
    disk.append("/l/a", "new\n");
    CHECK(disk.take() == strings{"new"});
}

TEST_CASE("a clock that jumps neither expires nor hides anything") {
    tail_options options = player::beginning();
    options.ignore_older = 1h;
    player disk(options);
    disk.create("/l/a", "1\n");
    disk.time.jump_wall(24h * 3650);
    disk.append("/l/a", "2\n");
    disk.wait(5s);
    disk.stop();
    disk.time.jump_wall(-24h * 3651);
    disk.start();
    disk.append("/l/a", "3\n");
    CHECK(disk.take() == strings{"1", "2", "3"});
}

TEST_CASE("a full disk stops the checkpoint, not the reading") {
    player disk;
    disk.disk_is_full = true;
    disk.create("/l/a", "1\n");
    disk.truncate("/l/a", "");
    disk.append("/l/a", "2\n");
    CHECK(disk.take() == strings{"1", "2"});
}

TEST_CASE("in read mode the end of the file ends the last line and completes it once") {
    tail_options options = player::beginning();
    options.read_mode = true;
    player disk(options);
    disk.acknowledges = false;
    disk.create("/l/a", "1\nlast");
    CHECK(disk.take() == strings{"1", "last~"});
    CHECK(disk.completed.empty());
    CHECK_FALSE(disk.files->is_exhausted());
    disk.acknowledge_all();
    CHECK(disk.completed == strings{"/l/a"});
    CHECK(disk.files->is_exhausted());
    disk.stop();
    disk.start();
    CHECK(disk.completed == strings{"/l/a"});
    CHECK(disk.take().empty());
}

TEST_CASE("ten thousand idle files cost no action") {
    player disk;
    disk.kill();
    for (int i = 0; i < 10000; ++i) {
        disk.create("/l/" + std::to_string(i));
    }
    disk.start();
    disk.files->tick(disk.now());
    CHECK_FALSE(disk.files->next_action(disk.time.steady()).has_value());
    CHECK_FALSE(disk.files->next_wake().has_value());
    CHECK(disk.files->schedule().open_files().size() == 0);
}

TEST_SUITE_END();
