// The decisions about followed files: rotation, truncation, deletion, order, with facts and time
// passed in.
#include "tests/unit/agent/file/player.h"

#include <doctest/doctest.h>

#include <algorithm>

TEST_SUITE_BEGIN("agent/tail_set");

using namespace logboom;
using namespace logboom::agent;
using namespace logboom::agent::test;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

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

TEST_CASE("a deleted file is looked at once more before its half line is its last") {
    player disk;
    disk.create("/l/a", "1\nha");
    const fake gone = disk.remove("/l/a");
    player::append(gone, "lf\n");
    // Nothing was done for long: a slow search, a machine that slept.
    disk.time.advance(1h);
    disk.wait(1s);
    CHECK(disk.take() == strings{"1", "half"});
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

TEST_CASE("a file that was truncated and has grown again is read from its beginning") {
    for (const bool is_down : {false, true}) {
        for (const int size : {5, 6, 50, 500}) {
            CAPTURE(is_down);
            CAPTURE(size);
            player disk;
            disk.create("/l/a", "1\n22\n");
            if (is_down) {
                disk.stop();
            }
            disk.truncate("/l/a", std::string(static_cast<std::size_t>(size - 1), 'x') + "\n");
            if (is_down) {
                disk.start();
            }
            REQUIRE(disk.lines.size() == 3);
            CHECK(disk.lines.back() == std::string(static_cast<std::size_t>(size - 1), 'x'));
            CHECK(disk.origins.back() == "101/1/0");
            CHECK(disk.counters.sum("logboom_agent_truncations_total") == 1);
        }
    }
}

TEST_CASE("other contents are found though lines were under way when they came") {
    player disk;
    disk.acknowledges = false;
    disk.create("/l/a", "1\n2\n3\n");
    disk.files->settled(disk.pending.at(0), ack_verdict::delivered, disk.now());
    disk.files->settled(disk.pending.at(1), ack_verdict::delivered, disk.now());
    disk.stop();
    disk.pending.clear();
    disk.acknowledges = true;
    disk.truncate("/l/a", "4 a longer one than all before\n");
    disk.start();
    CHECK(disk.take() == strings{"1", "2", "3", "4 a longer one than all before"});
    CHECK(disk.origins.back() == "101/1/0");
}

TEST_CASE("a known file outside the glob is looked after from a start on, too") {
    player disk;
    disk.create("/l/a", "1\n");
    disk.create("/l/b", "2\n");
    disk.stop();
    disk.rename("/l/a", "/l/a-1", false);
    disk.truncate("/l/b", "3\n");
    disk.rename("/l/b", "/l/b-1", false);
    disk.start();
    // Its writer has kept it.
    disk.append("/l/a-1", "4\n");
    CHECK(disk.take() == strings{"1", "2", "3", "4"});
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

TEST_CASE("a file whose device has another number after a reboot goes on where it was") {
    player disk;
    disk.acknowledges = false;
    disk.create("/l/a", "1\n");
    disk.create("/l/b", "2\n");
    disk.acknowledge_all();
    disk.note();
    disk.append("/l/a", "3\n");
    CHECK(disk.take() == strings{"1", "2", "3"});
    disk.kill();
    disk.pending.clear();
    disk.remount();
    disk.start();
    // Lines that were under way have the same names.
    CHECK(disk.take() == strings{"3"});
    CHECK(disk.origins.back() == "101/0/2");
    disk.acknowledge_all();
    disk.stop();
    disk.remount();
    disk.create("/l/c", "4\n");
    disk.append("/l/b", "5\n");
    disk.start();
    CHECK(disk.take() == strings{"5", "4"});
    CHECK(disk.origins.at(disk.origins.size() - 2) == "102/0/2");
}

TEST_CASE("a file that was replaced by a copy of itself goes on where it was") {
    const std::string text = std::string(100, 'x') + "\n";
    player disk;
    disk.create("/l/a", text);
    disk.stop();
    disk.replace("/l/a");
    disk.append("/l/a", "2\n");
    disk.start();
    CHECK(disk.take() == strings{text.substr(0, 100), "2"});
    CHECK(disk.origins.back() == "101/0/101");
    disk.stop();
    disk.create("/l/a", "3 another file\n" + text + text);
    disk.start();
    CHECK(disk.take().front() == "3 another file");
    CHECK(disk.origins.back().starts_with("103/0/"));
}

TEST_CASE("a short file is not taken for another that begins like it") {
    player disk;
    disk.create("/l/a", "# version 1\n");
    disk.stop();
    disk.replace("/l/a");
    disk.start();
    CHECK(disk.take() == strings{"# version 1", "# version 1"});
    CHECK(disk.origins.back() == "102/0/0");
}

TEST_CASE("contents that changed before any line was acknowledged are other lines") {
    player disk;
    disk.acknowledges = false;
    disk.create("/l/a", "11\n22\n");
    disk.kill();
    disk.pending.clear();
    disk.truncate("/l/a", "33\n44\n55\n");
    disk.start();
    CHECK(disk.take() == strings{"11", "22", "33", "44", "55"});
    CHECK(disk.origins.back() == "101/1/6");
    CHECK(disk.counters.sum("logboom_agent_truncations_total") == 1);
}

TEST_CASE("contents that changed before lost lines are read again are other lines") {
    player disk;
    disk.acknowledges = false;
    disk.tells_at_once = false;
    disk.create("/l/a", "11\n");
    disk.hear();
    disk.run();
    CHECK(disk.take() == strings{"11"});
    disk.truncate("/l/a", "22\n33\n");
    disk.lose_all();
    disk.wait(1s);
    CHECK(disk.take() == strings{"22", "33"});
    CHECK(disk.origins.back() == "101/1/3");
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
    REQUIRE(disk.files->next_wake().has_value());
    CHECK(*disk.files->next_wake() > disk.time.steady());
    disk.wait(1s);
    CHECK(*disk.files->next_wake() > disk.time.steady());
}

TEST_CASE("a file that could not be opened is tried again while the pipeline is full") {
    player disk;
    disk.is_full = true;
    disk.open_errors["/l/a"] = std::errc::permission_denied;
    disk.create("/l/a", "1\n");
    disk.open_errors.clear();
    disk.wait(1s);
    const fake gone = disk.remove("/l/a");
    CHECK(disk.holds(*gone));
    disk.is_full = false;
    disk.run();
    CHECK(disk.take() == strings{"1"});
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

TEST_CASE("files that come and go while the pipeline is full are read when it is not") {
    player disk;
    disk.create("/l/app.log", "0\n");
    disk.is_full = true;
    for (int i = 1; i <= 8; ++i) {
        for (int k = 3; k > 1; --k) {
            if (disk.has("/l/app.log." + std::to_string(k - 1))) {
                disk.rename(
                    "/l/app.log." + std::to_string(k - 1), "/l/app.log." + std::to_string(k), false
                );
            }
        }
        disk.rename("/l/app.log", "/l/app.log.1", false);
        disk.create("/l/app.log", std::to_string(i) + "\n");
        disk.wait(1s);
        if (disk.has("/l/app.log.3")) {
            disk.remove("/l/app.log.3");
        }
    }
    CHECK(disk.take() == strings{"0"});
    disk.is_full = false;
    disk.wait(1s);
    CHECK(disk.take() == strings{"1", "2", "3", "4", "5", "6", "7", "8"});
    CHECK(disk.counters.sum("logboom_agent_lost_bytes_total") == 0);
}

TEST_CASE("while the pipeline is full what a truncation takes is counted to the byte") {
    player disk;
    disk.create("/l/a", "1\n");
    disk.is_full = true;
    for (int i = 0; i < 1000; ++i) {
        disk.append("/l/a", "0123456789\n");
    }
    disk.truncate("/l/a", "2\n");
    disk.is_full = false;
    disk.run();
    CHECK(disk.take() == strings{"1", "2"});
    CHECK(disk.counters.sum("logboom_agent_lost_bytes_total") == 11'000);
}

TEST_CASE("deleted files are kept up to max_pinned_bytes; what is given up is counted") {
    tail_options options = player::beginning();
    options.pinned_size_max = 25;
    player disk(options);
    disk.is_full = true;
    disk.create("/l/a", "a1\na2\na3\na4\n");
    disk.create("/l/b", "b1\nb2\nb3\nb4\n");
    disk.create("/l/c", "c1\nc2\nc3\nc4\n");
    disk.remove("/l/a");
    disk.remove("/l/b");
    disk.wait(2s);
    CHECK(disk.counters.sum("logboom_agent_lost_bytes_total") == 0);
    CHECK(disk.counters.sum("logboom_agent_pinned_bytes") == 24);
    disk.remove("/l/c");
    disk.wait(2s);
    // 36 bytes are 11 too many: they end in the middle of a4.
    CHECK(disk.counters.sum("logboom_agent_lost_bytes_total") == 11);
    disk.is_full = false;
    disk.wait(10s);
    CHECK(disk.counters.sum("logboom_agent_lost_bytes_total") == 12);
    CHECK(disk.take() == strings{"b1", "b2", "b3", "b4", "c1", "c2", "c3", "c4"});
    CHECK(disk.files->size() == 0);
}

TEST_CASE("lines that were under way when others were lost are not read again") {
    tail_options options = player::beginning();
    player disk(options);
    disk.acknowledges = false;
    disk.create("/l/a", "1\n2\n3\n4\n");
    REQUIRE(disk.pending.size() == 4);
    const auto ranges = std::exchange(disk.pending, {});
    disk.files->settled(ranges[2], ack_verdict::lost, disk.now());
    disk.files->settled(ranges[3], ack_verdict::lost, disk.now());
    disk.append("/l/a", "5\n");
    disk.wait(5s);
    CHECK(disk.take() == strings{"1", "2", "3", "4"});
    disk.files->settled(ranges[1], ack_verdict::delivered, disk.now());
    disk.files->settled(ranges[0], ack_verdict::delivered, disk.now());
    disk.wait(5s);
    CHECK(disk.take() == strings{"3", "4", "5"});
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
