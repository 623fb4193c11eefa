// What a kafka input makes of records, on a real client of a mock cluster. Each case waits for its
// group to form, three seconds by the mock's clock; what needs no client is in
// consumer_loop_test.cc.
#include "buffer/client/dead_letter_topic.h"
#include "tests/unit/buffer/client/reading.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace logboom;
using namespace logboom::client;

namespace {

std::string make_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "lb-client-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    return name;
}

} // namespace

TEST_SUITE("buffer/client/kafka_input") {
    TEST_CASE("records become events that say where they came from") {
        const mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, {"a", "b"});
        cluster.produce("logs", 0, {"c"}, "agent/file/0/77");
        // One that is only made, as to check a config, takes no partition.
        metrics idle_counters;
        const test_settings idle_from(
            "kafka input",
            kafka_input.table,
            {{"bootstrap_servers", cluster.servers()}, {"topics", "logs"}}
        );
        const auto idle = kafka_input.make(make_context(idle_from.options, idle_counters)).value();
        reading reader(cluster, {{"decorate_events", "extended"}});
        auto batches = reader.sink.take(3);
        CHECK(messages(batches) == std::vector<std::string>{"a", "b", "c"});
        const event& first = batches.front()->events.front();
        const event& last = batches.back()->events.back();
        // The mock knows no logboom.topic.id: the cluster's name is used.
        CHECK(std::string(first.origin.stream).ends_with(":logs/0"));
        CHECK(first.origin.position == 0);
        CHECK(first.origin.topic == "logs");
        CHECK(last.origin.stream == "agent/file/0");
        CHECK(last.origin.position == 77);
        CHECK(last.origin.topic == "logs");
        CHECK(last.timestamp() > 1'600'000'000'000'000'000);
        CHECK(last.get(field_reference::of("[@metadata][kafka][offset]"))->as_integer() == 2);
        CHECK(
            last.get(field_reference::of("[@metadata][kafka][consumer_group]"))->as_string() ==
            "logstash"
        );
        CHECK(
            last.get(field_reference::of("[@metadata][kafka][headers][logboom.origin]"))
                ->as_string() == "agent/file/0/77"
        );
        deliver(batches);
    }

    TEST_CASE("records without an event do not stop the offset, and lines held back do") {
        const mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, {"nothing", "a\nhold x", "y", "hold b"});
        reading reader(cluster, {{"decorate_events", "basic"}});
        const auto offset_of = [](const event& each) {
            return each.get(field_reference::of("[@metadata][kafka][offset]"))->as_integer();
        };
        auto first = reader.sink.take(2);
        CHECK(messages(first) == std::vector<std::string>{"a", "hold x|y"});
        // Each name once, and it is that of the record it began in, as is all that is said of it.
        std::vector<const event*> events;
        for (const auto& batch : first) {
            for (const event& each : batch->events) {
                events.push_back(&each);
            }
        }
        REQUIRE(events.size() == 2);
        CHECK(events[0]->origin.position == 1);
        CHECK(events[0]->origin.part == 0);
        CHECK(events[1]->origin.position == 1);
        CHECK(events[1]->origin.part == 1);
        CHECK(offset_of(*events[1]) == 1);
        deliver(first);
        CHECK(eventually([&] { return cluster.committed("logstash", "logs", 0) == 3; }));
        // Nothing more comes: after a while it is let go.
        auto second = reader.sink.take(1);
        CHECK(messages(second) == std::vector<std::string>{"hold b"});
        CHECK(second.front()->events.front().origin.position == 3);
        CHECK(offset_of(second.front()->events.front()) == 3);
        deliver(second);
        cluster.produce("logs", 0, {"nothing"});
        CHECK(eventually([&] { return cluster.committed("logstash", "logs", 0) == 5; }));
    }

    TEST_CASE("what begins in the middle of a record is read again as it was, by its name") {
        const mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, {"a\nhold x", "y\nc\nhold b"});
        const auto names = [](const std::vector<batch_ptr>& batches) {
            std::vector<std::string> all;
            for (const auto& batch : batches) {
                for (const event& each : batch->events) {
                    std::string text(each.get(field_reference::of("[message]"))->as_string());
                    text += " " + std::to_string(each.origin.position) + ".";
                    all.push_back(text + std::to_string(each.origin.part));
                }
            }
            return all;
        };
        using lines = std::vector<std::string>;
        std::vector<batch_ptr> unsettled;
        {
            reading reader(cluster, {});
            auto first = reader.sink.take(3);
            CHECK(names(first) == lines{"a 0.0", "hold x|y 0.1", "c 1.1"});
            deliver(first);
            unsettled = reader.sink.take(1);
            CHECK(names(unsettled) == lines{"hold b 1.2"});
        }
        reading reader(cluster, {});
        // From the record that the front of the second belongs to.
        auto again = reader.sink.take(4);
        CHECK(names(again) == lines{"a 0.0", "hold x|y 0.1", "c 1.1", "hold b 1.2"});
        deliver(again);
        CHECK(eventually([&] { return cluster.committed("logstash", "logs", 0) == 2; }));
    }

    TEST_CASE("a topic that is made after the start is read soon") {
        const mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, numbered(0, 3));
        cluster.fail_topic("logs", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
        const std::string directory = make_directory();
        REQUIRE(open_log_file(directory).has_value());
        reading reader(cluster, {}, logger::named("test"));
        CHECK(eventually([&] {
            std::ifstream log(directory + "/logboom.log");
            const std::string text(std::istreambuf_iterator<char>(log), {});
            return text.find("Reading meets an error") != std::string::npos;
        }));
        close_log_file();
        std::filesystem::remove_all(directory);
        cluster.fail_topic("logs", RD_KAFKA_RESP_ERR_NO_ERROR);
        auto got = reader.sink.take(3);
        CHECK(messages(got) == numbered(0, 3));
        deliver(got);
    }

    TEST_CASE("a group without an offset, where none is to be chosen, ends the input by name") {
        const mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, {"a"});
        reading reader(cluster, {{"auto_offset_reset", "none"}, {"consumer_threads", "2"}});
        CHECK(eventually([&] { return reader.has_returned.load(); }));
        CHECK(
            reader.problem == "Topics cannot be read: logs-0: the group has no offset in the log, "
                              "and auto_offset_reset says not to choose one"
        );
    }

    TEST_CASE("dead letters that no broker takes hold their writer until they are closed") {
        const test_settings from(
            "kafka input", kafka_input.table, {{"bootstrap_servers", "127.0.0.1:1"}}
        );
        metrics counters;
        auto letters =
            dead_letter_topic::make(from.options, logger(), counters, {"main", "kafka", "in"})
                .value();
        constexpr int count = 10'500;
        verdicts acks;
        std::atomic<int> written{0};
        std::jthread writer([&] {
            for (int i = 0; i < count; ++i) {
                dead_letter letter;
                letter.document = "{}";
                letter.origin.topic = "logs";
                letters->write(letter, acks.token());
                ++written;
            }
        });
        REQUIRE(eventually([&] { return written >= 10'000; }));
        letters->close();
        writer.join();
        CHECK(written == count);
        letters.reset();
        CHECK(acks.delivered() == 0);
    }

    TEST_CASE("dead letters are written to a topic beside the one they came from") {
        mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.create("logs.dlq", 1);
        reading reader(cluster);
        dead_letter_queue* letters = reader.in->dead_letters();
        REQUIRE(letters != nullptr);
        verdicts acks;
        dead_letter letter;
        letter.document = "{\"a\":1}";
        letter.output = "elasticsearch";
        letter.status = 400;
        letter.error_type = "mapper_parsing_exception";
        letter.reason = "no";
        letter.target = "index";
        letter.id = "id";
        letter.origin = {.stream = "agent/f/0", .position = 9, .topic = "logs"};
        letters->write(letter, acks.token());
        REQUIRE(acks.wait(1));
        CHECK(acks.delivered() == 1);
        const auto stored = cluster.read("logs.dlq", 1);
        REQUIRE(stored.size() == 1);
        CHECK(stored[0].payload == "{\"a\":1}");
        CHECK(stored[0].origin == "agent/f/0/9");
    }
}
