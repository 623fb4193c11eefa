// What has become of each byte, and what is said of it to whoever asks.
#include "agent/file/status_report.h"
#include "tests/unit/agent/file/player.h"
#include "tests/unit/agent/file/support.h"
#include "tests/unit/wait.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("agent/ledger");

using namespace logboom;
using namespace logboom::agent;
using namespace logboom::agent::test;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

namespace {

std::int64_t by_reason(const player& disk, const std::string& what, const std::string& reason) {
    for (const metric_sample& each :
         disk.counters.samples("logboom_agent_" + what + "_bytes_total")) {
        if (each.labels.back() == reason) {
            return each.value;
        }
    }
    return -1;
}

std::int64_t sum_of(const player& disk, const std::string& what) {
    return disk.counters.sum("logboom_agent_" + what);
}

files_status report(player& disk, std::size_t count_max = 100) {
    return status_report(*disk.files, count_max, disk.time.steady());
}

void check_sums(const byte_account& of) {
    std::int64_t sum = of.delivered + of.in_flight;
    for (const auto& [reason, size] : of.skipped) {
        sum += size;
    }
    for (const auto& [reason, size] : of.lost) {
        sum += size;
    }
    CHECK(of.read == sum);
}

} // namespace

TEST_CASE("bytes are in flight until they are acknowledged, and count once") {
    player disk;
    disk.acknowledges = false;
    disk.create("/l/a", "1\n2\nhalf");
    CHECK(sum_of(disk, "read_bytes_total") == 8);
    CHECK(sum_of(disk, "in_flight_bytes") == 8);
    disk.lose_all();
    disk.wait(1s);
    CHECK(disk.take() == strings{"1", "2", "1", "2"});
    CHECK(sum_of(disk, "read_bytes_total") == 8);
    disk.acknowledge_all();
    CHECK(sum_of(disk, "delivered_bytes_total") == 4);
    CHECK(sum_of(disk, "in_flight_bytes") == 4);
}

TEST_CASE("what stands before the place where reading begins is skipped") {
    player disk{tail_options{}};
    disk.kill();
    disk.create("/l/a", "old\n");
    disk.start();
    disk.append("/l/a", "new\n");
    CHECK(by_reason(disk, "skipped", "start") == 4);
    CHECK(sum_of(disk, "read_bytes_total") == 8);
    CHECK(sum_of(disk, "delivered_bytes_total") == 4);
    disk.stop();
    disk.start();
    CHECK(sum_of(disk, "read_bytes_total") == 0);
}

TEST_CASE("lines under way when their file is truncated are delivered, or lost") {
    player disk;
    disk.acknowledges = false;
    disk.create("/l/a", "1111\n2222\n3333\nhalf");
    disk.truncate("/l/a", "4\n");
    CHECK(by_reason(disk, "lost", "truncated") == 4);
    CHECK(sum_of(disk, "in_flight_bytes") == 17);
    const auto ranges = std::exchange(disk.pending, {});
    REQUIRE(ranges.size() == 4);
    disk.files->settled(ranges[1], ack_verdict::lost, disk.now());
    CHECK(by_reason(disk, "lost", "truncated") == 9);
    disk.files->settled(ranges[0], ack_verdict::delivered, disk.now());
    disk.files->settled(ranges[2], ack_verdict::delivered, disk.now());
    disk.files->settled(ranges[3], ack_verdict::delivered, disk.now());
    CHECK(sum_of(disk, "delivered_bytes_total") == 12);
    CHECK(sum_of(disk, "in_flight_bytes") == 0);
}

TEST_CASE("lines that were lost on their way are lost for good when their file is truncated") {
    player disk;
    disk.acknowledges = false;
    disk.create("/l/a", "1111\n2222\n");
    const auto ranges = std::exchange(disk.pending, {});
    disk.files->settled(ranges[0], ack_verdict::lost, disk.now());
    disk.truncate("/l/a");
    CHECK(by_reason(disk, "lost", "truncated") == 5);
    disk.files->settled(ranges[1], ack_verdict::delivered, disk.now());
    CHECK(sum_of(disk, "delivered_bytes_total") == 5);
    CHECK(sum_of(disk, "in_flight_bytes") == 0);
}

TEST_CASE("what was unread when a file was truncated and has grown again is lost") {
    player disk;
    disk.create("/l/a", "1\n");
    disk.is_full = true;
    disk.append("/l/a", "0123456789\n");
    disk.stop();
    disk.truncate("/l/a", std::string(50, 'x') + "\n");
    disk.is_full = false;
    disk.start();
    CHECK(disk.lines.back() == std::string(50, 'x'));
    CHECK(by_reason(disk, "lost", "truncated") == 11);
    CHECK(sum_of(disk, "delivered_bytes_total") == 51);
}

TEST_CASE("what a file had that is gone before it could be opened is lost") {
    player disk;
    disk.create("/l/a", "1\n");
    disk.wait(2h);
    CHECK(disk.files->schedule().open_files().empty());
    disk.descriptors = 0;
    disk.append("/l/a", "22\n");
    disk.remove("/l/a");
    disk.wait(10s);
    CHECK(by_reason(disk, "lost", "deleted") == 3);
    CHECK(sum_of(disk, "delivered_bytes_total") == 2);
    CHECK(sum_of(disk, "in_flight_bytes") == 0);
    CHECK(disk.files->size() == 0);
}

TEST_CASE("what is given up of a deleted file is given up once, whatever is under way before it") {
    tail_options options = player::beginning();
    options.pinned_size_max = 25;
    player disk(options);
    disk.acknowledges = false;
    disk.create("/l/a", "a1\na2\n");
    disk.is_full = true;
    disk.append("/l/a", "b0\nb1\nb2\nb3\nb4\nb5\nb6\nb7\nb8\nb9\n");
    disk.remove("/l/a");
    disk.wait(10s);
    CHECK(disk.counters.sum("logboom_agent_pinned_bytes") == 25);
    disk.is_full = false;
    disk.acknowledges = true;
    disk.acknowledge_all();
    disk.wait(10s);
    CHECK(disk.take() == strings{"a1", "a2", "b4", "b5", "b6", "b7", "b8", "b9"});
    CHECK(by_reason(disk, "lost", "pinned") == 12);
    CHECK(sum_of(disk, "delivered_bytes_total") == 24);
    CHECK(sum_of(disk, "in_flight_bytes") == 0);
}

TEST_CASE("a half line of a file that was closed for others is its last when it was moved away") {
    tail_options options = player::beginning();
    options.open_files_max = 1;
    options.close_older = 1min;
    player disk(options);
    disk.create("/l/a", "half");
    disk.create("/l/b", "1\n");
    disk.rename("/l/a", "/l/a-1", false);
    disk.wait(5min);
    CHECK(disk.take() == strings{"1", "half~"});
    CHECK(sum_of(disk, "in_flight_bytes") == 0);
}

TEST_CASE("NULs before a line are skipped and counted, those at the end are waited for") {
    player disk;
    disk.create("/l/a", std::string(300, '\0') + "1\n");
    disk.append("/l/a", std::string(500, '\0'));
    CHECK(disk.take() == strings{"1"});
    CHECK(by_reason(disk, "skipped", "nul") == 300);
    CHECK(sum_of(disk, "in_flight_bytes") == 0);
    CHECK_FALSE(disk.files->next_action(disk.time.steady()).has_value());
    CHECK(report(disk).files[0].lag == 0);
    disk.fill("/l/a", "2\nhal");
    disk.fill("/l/a", "f\n");
    disk.wait(1h);
    disk.append("/l/a", "3\n");
    CHECK(disk.take() == strings{"2", "half", "3"});
    CHECK(by_reason(disk, "skipped", "nul") == 300 + 493);
    CHECK(disk.counters.sum("logboom_agent_truncations_total") == 0);
}

TEST_CASE("a file that is allocated, filled, rotated and cut off loses and doubles nothing") {
    player disk;
    disk.create("/l/a", std::string(1000, '\0'));
    for (int i = 0; i < 10; ++i) {
        disk.fill("/l/a", std::to_string(i) + " " + std::string(40, 'x') + "\n");
        disk.stop();
        disk.start();
    }
    disk.truncate("/l/a", std::string(without_blank_end(disk.at("/l/a")->content)));
    disk.rename("/l/a", "/l/a.1");
    disk.wait(1h);
    disk.append("/l/a.1", "late\n");
    CHECK(disk.take().size() == 11);
    CHECK(disk.counters.sum("logboom_agent_truncations_total") == 0);
    CHECK(disk.counters.sum("logboom_agent_lost_bytes_total") == 0);
    CHECK(sum_of(disk, "in_flight_bytes") == 0);
}

TEST_CASE("NULs that a deleted file ends in are not lost") {
    player disk;
    disk.create("/l/a", "1\n" + std::string(100, '\0'));
    disk.remove("/l/a");
    disk.wait(10s);
    CHECK(disk.files->size() == 0);
    CHECK(by_reason(disk, "skipped", "nul") == 100);
    CHECK(disk.counters.sum("logboom_agent_lost_bytes_total") == 0);
}

TEST_CASE("in read mode a file that ends in NULs is complete") {
    tail_options options = player::beginning();
    options.read_mode = true;
    player disk(options);
    disk.removes_completed = true;
    disk.create("/l/a", "1\n" + std::string(100, '\0'));
    disk.wait(1s);
    CHECK(disk.take() == strings{"1"});
    CHECK_FALSE(disk.has("/l/a"));
    disk.wait(10s);
    CHECK(by_reason(disk, "skipped", "nul") == 100);
    CHECK(disk.counters.sum("logboom_agent_lost_bytes_total") == 0);
}

TEST_CASE_FIXTURE(
    file_input_fixture, "a large hole costs no time, and the line behind it is whole"
) {
    constexpr std::int64_t hole = std::int64_t{5} << 30U;
    logs.append("a.log", "1\n");
    std::filesystem::resize_file(logs / "a.log", hole);
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(1));
    logs.append("a.log", "2\n");
    REQUIRE(sink.wait_for(2));
    CHECK(sink.texts() == strings{"1", "2"});
    CHECK(eventually([&] {
        return input.counters.sum("logboom_agent_skipped_bytes_total") == hole - 2;
    }));
    input.kill();
}

TEST_CASE("the report has the files that are furthest behind, and everything's sums") {
    player disk;
    disk.acknowledges = false;
    disk.create("/l/a", "1\n");
    disk.acknowledge_all();
    disk.wait(10s);
    disk.append("/l/a", "22\n");
    disk.wait(10s);
    disk.create("/l/b", "333\n");
    disk.open_errors["/l/c"] = std::errc::permission_denied;
    disk.create("/l/c", "55555\n");
    disk.create("/l/d");
    disk.wait(1s);
    const files_status all = report(disk);
    CHECK(all.is_known);
    CHECK(all.file_count == 4);
    check_sums(all.bytes);
    CHECK(all.bytes.in_flight == 7);
    REQUIRE(all.files.size() == 4);
    CHECK(all.files[0].path == "/l/c");
    CHECK(all.files[0].state == "retrying");
    CHECK(all.files[0].lag == 6);
    CHECK_FALSE(all.files[0].last_error.empty());
    CHECK(all.files[1].path == "/l/b");
    CHECK(all.files[1].state == "following");
    CHECK(all.files[1].is_open);
    CHECK(all.files[1].lag_time == 1s);
    const file_status& known = all.files[2];
    CHECK(known.path == "/l/a");
    CHECK(known.id.ends_with("/0"));
    CHECK(known.position == 2);
    CHECK(known.size == 5);
    CHECK(known.lag_time == 11s);
    check_sums(known.bytes);
    CHECK(known.bytes.delivered == 2);
    CHECK(all.files[3].lag_time == 0s);
    CHECK(report(disk, 1).files.size() == 1);
    CHECK(report(disk, 1).file_count == 4);
}

TEST_CASE("the lag of a file that is never wholly delivered is that of its oldest bytes, or more") {
    lag_clock lag;
    lag.saw(10, 0, 1s);
    CHECK(lag.lag(5s) == 4s);
    lag.saw(20, 0, 2s);
    lag.saw(30, 0, 3s);
    lag.settle(15);
    CHECK(lag.lag(5s) == 3s);
    lag.settle(30);
    CHECK(lag.lag(5s) == 0s);
    lag.saw(31, 30, 6s);
    CHECK(lag.lag(7s) == 1s);
    lag.saw(31, 31, 8s);
    CHECK(lag.lag(9s) == 0s);
}

TEST_CASE_FIXTURE(file_input_fixture, "an input says from any thread what it follows") {
    logs.append("a.log", "1\n");
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(1));
    const auto said = input.describe(10);
    REQUIRE(said.has_value());
    CHECK(said->is_known);
    REQUIRE(said->files.size() == 1);
    CHECK(said->files[0].path == logs / "a.log");
    check_sums(said->files[0].bytes);
    check_sums(said->bytes);
    input.kill();
}

TEST_SUITE_END();
