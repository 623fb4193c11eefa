// What was rotated while the file input was down, on a real directory.
#include "agent/file/sincedb_format.h"
#include "tests/unit/agent/file/support.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("agent/rotation");

using namespace logboom;
using namespace logboom::agent::test;
using fixture = file_input_fixture;
using strings = std::vector<std::string>;

TEST_CASE_FIXTURE(
    fixture, "generations that came and were rotated while the agent was down are read"
) {
    logs.append("a.log", "1\n");
    {
        running_input input(given(), sink);
        REQUIRE(sink.wait_for(1));
        input.stop();
    }
    logs.append("a.log", "2\n");
    for (int rotation = 0; rotation < 3; ++rotation) {
        for (int i = rotation; i > 0; --i) {
            logs.rename("a.log." + std::to_string(i), "a.log." + std::to_string(i + 1));
        }
        logs.rename("a.log", "a.log.1");
        logs.append("a.log", std::to_string(rotation + 3) + "\n");
    }
    logs.append("a.log.errors", "another log\n");
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(5));
    input.stop();
    CHECK(sink.texts() == strings{"1", "2", "3", "4", "5"});
}

TEST_CASE_FIXTURE(fixture, "generations from before the last run are not read") {
    auto what = given();
    what.options.emplace_back("sincedb_path", data / "positions");
    logs.append("a.log", "1\n");
    {
        running_input input(what, sink);
        REQUIRE(sink.wait_for(1));
        input.stop();
    }
    // As if a year had passed.
    const auto later = std::chrono::system_clock::now() + 24h * 365;
    const auto later_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(later.time_since_epoch());
    std::string line;
    agent::append_entry(line, agent::checkpoint_time{timestamp_ms(later_ms.count())});
    data.append("positions", line);
    logs.append("a.log.1", "read by then and forgotten\n");
    logs.append("a.log", "2\n");
    running_input input(what, sink);
    REQUIRE(sink.wait_for(2));
    input.stop();
    CHECK(sink.texts() == strings{"1", "2"});
}

TEST_CASE_FIXTURE(fixture, "in read mode nothing outside the glob is read") {
    auto what = given();
    what.options = {
        {"mode", "read"},
        {"stat_interval", "0.05"},
        {"file_completed_action", "log"},
        {"file_completed_log_path", data / "completed"}};
    logs.append("a.log", "1\n");
    {
        running_input input(what, sink);
        REQUIRE(sink.wait_for(1));
        input.stop();
    }
    logs.append("a.log.1", "not for us\n");
    logs.append("b.log", "2\n");
    running_input input(what, sink);
    REQUIRE(sink.wait_for(2));
    input.stop();
    CHECK(sink.texts() == strings{"1", "2"});
}

TEST_CASE_FIXTURE(fixture, "what was copied and truncated while the agent was down is read once") {
    // Whether the copies are in the glob or not.
    for (const char* glob : {"*.log", "*.log*"}) {
        CAPTURE(glob);
        const temporary_directory state;
        const temporary_directory place;
        collecting_sink got;
        auto what = given();
        what.paths = {place / glob};
        what.data_directory = state.path();
        const std::string first(100, '1');
        place.append("a.log", first + "\n");
        {
            running_input input(what, got);
            REQUIRE(got.wait_for(1));
            input.stop();
        }
        const std::string second(100, '2');
        place.append("a.log", second + "\n");
        std::filesystem::copy_file(place / "a.log", place / "a.log.1");
        place.write("a.log", "3\n");
        running_input input(what, got);
        REQUIRE(got.wait_for(3));
        CHECK(got.texts() == strings{first, second, "3"});
        CHECK(input.counters.sum("logboom_agent_truncations_total") == 1);
        CHECK(input.counters.sum("logboom_agent_lost_bytes_total") == 0);
    }
}

TEST_CASE_FIXTURE(fixture, "a copy of a file that is there whole is not read for it") {
    const std::string first(100, '1');
    logs.append("a.log", first + "\n");
    {
        running_input input(given(), sink);
        REQUIRE(sink.wait_for(1));
        input.stop();
    }
    logs.append("a.log", "2\n");
    std::filesystem::copy_file(logs / "a.log", logs / "a.log.1");
    running_input input(given(), sink);
    REQUIRE(sink.wait_for(2));
    input.stop();
    CHECK(sink.texts() == strings{first, "2"});
}

TEST_SUITE_END();
