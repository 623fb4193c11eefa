// mode => read: when a file is taken for whole, and what happens to it then.
#include "tests/unit/agent/file/player.h"

#include <doctest/doctest.h>

#include <algorithm>

TEST_SUITE_BEGIN("agent/completion");

using namespace logboom;
using namespace logboom::agent;
using namespace logboom::agent::test;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

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

TEST_CASE("in read mode a file is not complete while somebody writes it") {
    tail_options options = player::beginning();
    options.read_mode = true;
    player disk(options);
    const fake made = disk.create("/l/a");
    made->who = writers::some;
    disk.wait(60s);
    disk.append("/l/a", "1\n");
    disk.wait(60s);
    disk.append("/l/a", "2\nlast");
    disk.wait(60s);
    CHECK(disk.take() == strings{"1", "2"});
    CHECK(disk.completed.empty());
    CHECK_FALSE(disk.files->is_exhausted());
    disk.close("/l/a");
    CHECK(disk.take() == strings{"last~"});
    CHECK(disk.completed == strings{"/l/a"});
}

TEST_CASE("what comes between the proof of an end and the last line is of that line") {
    tail_options options = player::beginning();
    options.read_mode = true;
    player disk(options);
    disk.tells_at_once = false;
    const fake made = disk.create("/l/a", "1\nha");
    disk.hear();
    const auto& which = disk.files->files().begin()->second;
    while (which.phase != file_phase::ending) {
        disk.run(1);
    }
    made->who = writers::some;
    disk.append("/l/a", "lf\n");
    disk.discover();
    disk.run();
    CHECK(disk.take() == strings{"1", "half"});
    made->who = writers::none;
    disk.wait(1s);
    CHECK(disk.completed == strings{"/l/a"});
}

TEST_CASE("that a file has been closed is found without being told") {
    tail_options options = player::beginning();
    options.read_mode = true;
    player disk(options);
    const fake made = disk.create("/l/a", "1\n");
    made->who = writers::some;
    disk.append("/l/a", "2\n");
    // It was complete before anybody wrote to it, and is again.
    disk.completed.clear();
    disk.wait(60s);
    CHECK(disk.completed.empty());
    made->who = writers::none;
    disk.wait(1s);
    CHECK(disk.completed == strings{"/l/a"});
    CHECK(disk.take() == strings{"1", "2"});
}

TEST_CASE("an empty file is complete when it has been one for a while") {
    tail_options options = player::beginning();
    options.read_mode = true;
    player disk(options);
    disk.create("/l/a");
    disk.create("/l/b");
    disk.wait(3s);
    disk.append("/l/b", "1\n");
    CHECK(disk.completed == strings{"/l/b"});
    disk.wait(3s);
    CHECK(disk.completed == strings{"/l/b", "/l/a"});
    CHECK(disk.take() == strings{"1"});
}

TEST_CASE("where nobody can tell who writes a file, closing it or silence makes it complete") {
    tail_options options = player::beginning();
    options.read_mode = true;
    player disk(options);
    disk.kill();
    disk.create("/l/quiet", "1\n")->who = writers::unknown;
    disk.create("/l/closed", "2\n")->who = writers::unknown;
    disk.start();
    disk.append("/l/closed", "3\n");
    CHECK(disk.completed.empty());
    disk.files->table().closed("/l/closed");
    disk.run();
    CHECK(disk.completed == strings{"/l/closed"});
    disk.wait(4s);
    CHECK(disk.completed.size() == 1);
    disk.wait(2s);
    CHECK(disk.completed == strings{"/l/closed", "/l/quiet"});
}

TEST_CASE("what was written before the last look keeps a file from being deleted") {
    tail_options options = player::beginning();
    options.read_mode = true;
    player disk(options);
    disk.removes_completed = true;
    disk.acknowledges = false;
    const fake made = disk.create("/l/a", "1\n");
    // Nobody tells: the last look finds it.
    player::append(made, "2\n");
    disk.acknowledge_all();
    CHECK(disk.completed.empty());
    CHECK(disk.take() == strings{"1", "2"});
    made->who = writers::some;
    disk.acknowledge_all();
    CHECK(disk.completed.empty());
    disk.close("/l/a");
    CHECK(disk.completed == strings{"/l/a"});
}

TEST_CASE("who opens a file just before it is deleted loses nothing") {
    tail_options options = player::beginning();
    options.read_mode = true;
    player disk(options);
    disk.removes_completed = true;
    fake opened;
    disk.before_removal = [](fake_file& which) { which.who = writers::some; };
    opened = disk.create("/l/a", "1\n");
    CHECK(disk.completed == strings{"/l/a"});
    disk.wait(1s);
    player::append(opened, "2\n");
    disk.wait(3s);
    player::append(opened, "3\n");
    disk.wait(3s);
    opened->who = writers::none;
    disk.wait(10s);
    CHECK(disk.take() == strings{"1", "2", "3"});
    CHECK(disk.completed.size() == 1);
    CHECK(disk.files->size() == 0);
    CHECK(disk.counters.sum("logboom_agent_lost_bytes_total") == 0);
}

TEST_SUITE_END();
