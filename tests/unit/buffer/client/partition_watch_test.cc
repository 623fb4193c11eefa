// Which partitions are told to stand still, why, and what statistics say of them.
#include "buffer/client/partition_watch.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::client;
using namespace std::chrono_literals;

namespace {

const topic_partition logs0{"logs", partition_id(0)};
const topic_partition logs1{"logs", partition_id(1)};

/// A partition of broker 1 at a:9092 to which records were handed over.
partition_state written(const topic_partition& at, std::int64_t waiting) {
    return {at, 1, "a:9092", true, waiting, false};
}

/// What was found, as "stalled: logs-0 5 cause" and "moving: logs-0".
std::vector<std::string> said(const partition_watch::finding& found) {
    std::vector<std::string> lines;
    for (const auto& [cause, stall] : found.stalled) {
        lines.push_back(
            "stalled: " + names_of(stall.partitions) + " " + std::to_string(stall.waiting) + " " +
            cause
        );
    }
    if (!found.moving.empty()) {
        lines.push_back("moving: " + names_of(found.moving));
    }
    return lines;
}

using lines = std::vector<std::string>;

struct watch_fixture {
    connection_trouble trouble;
    partition_watch watch{1s};
    /// Distinguishes topics.
    int logs = 0;

    lines look(std::chrono::nanoseconds now, const std::vector<partition_state>& states) {
        return said(watch.look(now, states, trouble));
    }
};

} // namespace

TEST_SUITE("buffer/client/partition_watch") {
    TEST_CASE_FIXTURE(watch_fixture, "a partition that stands still while another moves is told") {
        for (int i = 0; i < 3; ++i) {
            watch.moved(&logs, "logs", 1);
            CHECK(look(10s + i * 400ms, {written(logs0, 5), written(logs1, 700)}).empty());
            CHECK(watch.is_suspicious() == (i == 2));
        }
        watch.moved(&logs, "logs", 1);
        CHECK(
            look(11200ms, {written(logs0, 5), written(logs1, 700)}) ==
            lines{"stalled: logs-0 5 a:9092 (broker 1): no answer"}
        );
        // Once, however long it goes on.
        for (int i = 0; i < 200; ++i) {
            watch.moved(&logs, "logs", 1);
            CHECK(look(12s + i * 1s, {written(logs0, 9), written(logs1, 700)}).empty());
        }
        watch.moved(&logs, "logs", 0);
        CHECK(look(300s, {written(logs0, 4)}) == lines{"moving: logs-0"});
        CHECK(look(301s, {}).empty());
        CHECK_FALSE(watch.is_suspicious());
    }

    TEST_CASE_FIXTURE(watch_fixture, "a partition that is slow or idle is not told") {
        for (int i = 0; i < 100; ++i) {
            watch.moved(&logs, "logs", 0);
            CHECK(look(i * 900ms, {written(logs0, 100)}).empty());
        }
        // What begins to wait now has waited for nothing yet.
        CHECK(look(200s, {}).empty());
        CHECK(look(300s, {written(logs0, 1)}).empty());
        CHECK(look(300s + 900ms, {written(logs0, 1)}).empty());
    }

    TEST_CASE_FIXTURE(
        watch_fixture, "each has the cause that is its own, and those alike are one"
    ) {
        trouble.on_error(
            RD_KAFKA_RESP_ERR__TRANSPORT,
            "b:9092/2: Connect to ipv4#10.0.0.2:9092 failed: Connection refused (after 0ms in "
            "state CONNECT)"
        );
        trouble.on_log(
            "MSGSET",
            "[thrd:a:9092/1]: a:9092/1: logs [1]: MessageSet with 3 message(s) (MsgId 1, BaseSeq "
            "0) encountered error: Broker: Disk error (actions Retry)"
        );
        std::vector<partition_state> states{
            written(logs1, 3),
            written({"logs", partition_id(2)}, 1),
            {{"logs", partition_id(3)}, -1, "", false, 1, false},
            {{"logs", partition_id(4)}, 2, "b:9092", false, 1, false},
            {{"logs", partition_id(5)}, 3, "c:9092", false, 1, false},
            {{"new", partition_id(-1)}, -1, "", false, 1, false},
        };
        for (int i = 10; i < 18; ++i) {
            states.push_back({{"more", partition_id(i)}, -1, "", false, 2, false});
        }
        CHECK(look(1s, states).empty());
        CHECK(
            look(2s, states) ==
            lines{
                "stalled: logs-1 3 Broker: Disk error",
                "stalled: logs-2 1 a:9092 (broker 1): no answer",
                "stalled: logs-4 1 b:9092 (broker 2): cannot connect: Connection refused",
                "stalled: logs-5 1 c:9092 (broker 3): not connected",
                "stalled: new 1 no broker has told of the topic yet",
                "stalled: logs-3, more-10, more-11, more-12, more-13 and 4 more 17 no leader: "
                "offline",
            }
        );
        trouble.clear();
        CHECK(trouble.cause_of_broker(2).empty());
        CHECK(trouble.cause_of_partition(logs1).empty());
    }

    TEST_CASE_FIXTURE(
        watch_fixture, "a partition that is read stands still when nobody can be asked for it"
    ) {
        const partition_state idle{logs0, 1, "a:9092", true, 0, true};
        const partition_state offline{logs1, -1, "", false, 0, true};
        const partition_state back{logs1, 1, "a:9092", true, 0, true};
        CHECK(look(1s, {idle, offline}).empty());
        CHECK(look(2s, {idle, offline}) == lines{"stalled: logs-1 0 no leader: offline"});
        CHECK(look(3s, {idle, back}) == lines{"moving: logs-1"});
    }

    TEST_CASE_FIXTURE(watch_fixture, "what is forgotten begins anew") {
        CHECK(look(1s, {written(logs0, 1)}).empty());
        watch.forget();
        CHECK(look(2s, {written(logs0, 1)}).empty());
        CHECK(look(3s, {written(logs0, 1)}).size() == 1);
        watch.forget();
        CHECK(look(4s, {}).empty());
    }

    TEST_CASE("statistics give the partitions with records that wait, and those that are read") {
        const auto states = partition_states(R"({"name": "rdkafka#producer-1", "brokers": {
            "a:9092/1": {"name": "a:9092/1", "nodeid": 1, "nodename": "a:9092", "state": "UP"},
            "b:9092/2": {"nodeid": 2, "nodename": "b:9092", "state": "APIVERSION_QUERY"},
            "a:9092/bootstrap": {"nodeid": -1, "nodename": "a:9092", "state": "UP"}},
            "topics": {"logs": {"topic": "logs", "partitions": {
            "0": {"partition": 0, "leader": 1, "desired": false, "msgq_cnt": 1,
                  "xmit_msgq_cnt": 2, "msgs_inflight": 4},
            "1": {"partition": 1, "leader": 2, "desired": true, "msgq_cnt": 0,
                  "xmit_msgq_cnt": 0, "msgs_inflight": 0},
            "2": {"partition": 2, "leader": 1, "desired": false, "msgq_cnt": 0},
            "-1": {"partition": -1, "leader": -1, "desired": false, "msgq_cnt": 3}}}}})");
        REQUIRE(states.size() == 3);
        CHECK(states[0].at == logs0);
        CHECK(states[0].waiting == 7);
        CHECK(states[0].address == "a:9092");
        CHECK(states[0].is_connected);
        CHECK_FALSE(states[0].is_read);
        CHECK(states[1].at == logs1);
        CHECK(states[1].is_read);
        CHECK_FALSE(states[1].is_connected);
        CHECK(states[2].at.partition.value() == -1);
        CHECK(states[2].leader == -1);
        CHECK(states[2].address.empty());
    }

    TEST_CASE("what is no statistics says nothing") {
        for (const char* text : {"", "[]", "{", "{\"topics\": 1}", "{\"topics\": {\"a\": []}}"}) {
            CHECK(partition_states(text).empty());
        }
    }

    TEST_CASE("statistics are asked for as often as a wait is bearable, or as the user says") {
        property_list properties;
        ask_for_statistics(properties, 10s);
        CHECK(find_property(properties, "statistics.interval.ms") == "3334");
        ask_for_statistics(properties, 1s);
        CHECK(properties.size() == 1);
    }
}
