// The kafka output against librdkafka's mock cluster: acks, retries, refusals, full queues.
#include "buffer/client/kafka_output.h"
#include "buffer/client/producer.h"
#include "tests/unit/buffer/client/mock_cluster.h"
#include "tests/unit/wait.h"

#include <doctest/doctest.h>

#include <numeric>
#include <set>
#include <thread>

using namespace logboom;
using namespace logboom::client;
using namespace std::chrono_literals;

namespace {

struct output_fixture {
    mock_cluster cluster;
    metrics counters;
    letter_box letters;
    verdicts acks;
    std::unique_ptr<output> out;
    std::size_t writes = 0;

    void open(std::vector<std::pair<std::string, std::string>> given = {}) {
        given.emplace_back("bootstrap_servers", cluster.servers());
        given.emplace_back("topic_id", "logs");
        given.emplace_back("reconnect_backoff_max_ms", "200");
        const test_settings from("kafka output", kafka_output.table, given);
        REQUIRE(from.options.problems().empty());
        out = kafka_output.make(make_context(from.options, counters, &letters)).value();
        REQUIRE(out->start());
    }
    void write(const std::string& stream, int first, int count, std::size_t size = 0) {
        event_batch batch;
        for (int i = first; i < first + count; ++i) {
            event& made = batch.add(1'700'000'000'000'000'000);
            made.set(
                "message", value::of(batch.memory.copy(std::to_string(i) + std::string(size, 'x')))
            );
            made.origin.stream = batch.memory.copy(stream);
            made.origin.position = stream.empty() ? -1 : i;
        }
        selection all(batch.events.size());
        std::iota(all.begin(), all.end(), 0U);
        ++writes;
        out->write(batch, all, acks.token());
    }
};

} // namespace

TEST_SUITE("buffer/client/kafka_output") {
    TEST_CASE_FIXTURE(
        output_fixture, "lines of one file are stored once, in order, in one partition"
    ) {
        cluster.create("logs", 4);
        open();
        for (int i = 0; i < 20; ++i) {
            CHECK(counters.sum("logboom_kafka_output_topic_records_sent_total") == i * 50);
            write("agent/a/0", i * 50, 50);
        }
        REQUIRE(acks.wait(writes));
        CHECK(acks.delivered() == writes);
        out->finish(5s);
        const auto stored = cluster.read("logs", 1000);
        REQUIRE(stored.size() == 1000);
        for (std::size_t i = 0; i < stored.size(); ++i) {
            REQUIRE(stored[i].partition == stored[0].partition);
            REQUIRE(stored[i].payload == std::to_string(i));
        }
        CHECK(stored[7].origin == "agent/a/0/7");
        CHECK(counters.sum("logboom_kafka_output_records_delivered_total") == 1000);
    }

    TEST_CASE_FIXTURE(output_fixture, "an ack waits for the broker and comes when it is back") {
        cluster.create("logs", 1);
        open();
        write("agent/a/0", 0, 1);
        REQUIRE(acks.wait(1));
        cluster.take_down();
        write("agent/a/0", 1, 10);
        CHECK(eventually([&] { return counters.sum("logboom_kafka_up") == 0; }));
        CHECK(acks.delivered() == 1);
        cluster.bring_up();
        REQUIRE(acks.wait(2));
        CHECK(acks.delivered() == 2);
        CHECK(cluster.read("logs", 11).size() == 11);
    }

    TEST_CASE_FIXTURE(output_fixture, "errors that pass are tried again until they have passed") {
        cluster.create("logs", 1);
        open();
        constexpr int produce_key = 0;
        cluster.fail_next(
            produce_key,
            {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
             RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
             RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS}
        );
        write("agent/a/0", 0, 5);
        REQUIRE(acks.wait(1));
        CHECK(acks.delivered() == 1);
        CHECK(letters.letters.empty());
        CHECK(cluster.read("logs", 5).size() == 5);
    }

    TEST_CASE_FIXTURE(
        output_fixture, "what is too large goes to the dead letters and its neighbours are stored"
    ) {
        cluster.create("logs", 1);
        open({{"max_request_size", "10000"}});
        event_batch batch;
        for (const std::size_t size : {10U, 20000U, 10U}) {
            event& made = batch.add(1);
            made.set("message", value::of(batch.memory.copy(std::string(size, 'x'))));
            made.origin = {.stream = "agent/a/0", .position = 5};
        }
        const selection all{0, 1, 2};
        out->write(batch, all, acks.token());
        REQUIRE(acks.wait(1));
        CHECK(acks.delivered() == 1);
        REQUIRE(letters.letters.size() == 1);
        CHECK(letters.letters[0] == "MSG_SIZE_TOO_LARGE logs 20000 agent/a/0/5");
        CHECK(cluster.read("logs", 2).size() == 2);
        CHECK(counters.sum("logboom_kafka_output_records_rejected_total") == 1);
    }

    TEST_CASE_FIXTURE(
        output_fixture, "a batch the broker finds too large is sent record by record"
    ) {
        cluster.create("logs", 1);
        open({{"linger_ms", "50"}});
        constexpr int produce_key = 0;
        cluster.fail_next(
            produce_key,
            {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE}
        );
        write("agent/a/0", 0, 5);
        REQUIRE(acks.wait(1));
        CHECK(acks.delivered() == 1);
        // The first that failed alone is the one that was too large.
        REQUIRE(letters.letters.size() == 1);
        CHECK(letters.reasons[0] == "Broker: Message size too large");
        const auto stored = cluster.read("logs", 4);
        REQUIRE(stored.size() == 4);
        CHECK(stored[0].payload == "1");
        CHECK(stored[3].payload == "4");
    }

    TEST_CASE_FIXTURE(output_fixture, "a name that is no topic goes to the dead letters") {
        mock_cluster other;
        const test_settings from(
            "kafka output",
            kafka_output.table,
            {{"topic_id", "logs-%{missing}"}, {"bootstrap_servers", other.servers()}}
        );
        out = kafka_output.make(make_context(from.options, counters, &letters)).value();
        REQUIRE(out->start());
        write("agent/a/0", 0, 2);
        REQUIRE(acks.wait(1));
        CHECK(acks.delivered() == 1);
        CHECK(letters.letters.size() == 2);
    }

    TEST_CASE_FIXTURE(output_fixture, "a full queue makes the writer wait and loses nothing") {
        cluster.create("logs", 1);
        open({{"queue_buffering_max_messages", "100"}});
        std::thread writer([&] { write("agent/a/0", 0, 5000); });
        writer.join();
        REQUIRE(acks.wait(1));
        CHECK(acks.delivered() == 1);
        CHECK(counters.sum("logboom_kafka_output_queue_full_total") > 0);
        CHECK(cluster.read("logs", 5000).size() == 5000);
    }

    TEST_CASE_FIXTURE(
        output_fixture, "finish ends a writer that waits and says that its records are lost"
    ) {
        cluster.create("logs", 1);
        open({{"queue_buffering_max_messages", "10"}});
        cluster.take_down();
        std::thread writer([&] { write("agent/a/0", 0, 100); });
        CHECK(eventually([&] { return counters.sum("logboom_kafka_output_queue_full_total") > 0; })
        );
        const auto before = std::chrono::steady_clock::now();
        out->finish(300ms);
        writer.join();
        CHECK(std::chrono::steady_clock::now() - before < 4s);
        REQUIRE(acks.wait(1));
        CHECK(acks.lost() == 1);
    }

    TEST_CASE("records with headers for a topic that does not exist are refused one by one") {
        mock_cluster cluster;
        cluster.fail_topic("gone", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
        metrics counters;
        verdicts acks;
        producer_options options;
        options.properties = {
            {"bootstrap.servers", cluster.servers()},
            {"topic.metadata.propagation.max.ms", "0"},
            {"message.timeout.ms", "0"},
            {"linger.ms", "0"},
        };
        std::atomic<int> with_origin{0};
        options.rejected = [&](const rejected_record& record, ack_token share) {
            with_origin += record.origin == "agent/1" &&
                           record.error_name.find("UNKNOWN_TOPIC") != std::string_view::npos;
            share.delivered();
        };
        auto made = producer::make(std::move(options), counters).value();
        const std::array<record_header, 2> headers{{{"logboom.origin", "agent/1"}, {"b", "2"}}};
        // The first come back from the queue, the others are refused at once.
        for (std::size_t i = 1; i <= 4; ++i) {
            {
                producer::session session(*made, acks.token());
                outgoing_record record;
                record.topic = "gone";
                record.payload = "text";
                record.headers = headers;
                REQUIRE(session.send(record, 1));
            }
            REQUIRE(acks.wait(i));
        }
        CHECK(with_origin == 4);
        CHECK(acks.delivered() == 4);
    }

    TEST_CASE("a producer that librdkafka declares dead is replaced and its records are sent") {
        mock_cluster cluster;
        cluster.create("logs", 1);
        metrics counters;
        verdicts acks;
        producer_options options;
        options.properties = {
            {"bootstrap.servers", cluster.servers()},
            {"enable.idempotence", "true"},
            {"message.timeout.ms", "0"},
            {"linger.ms", "200"},
        };
        options.rejected = [](const rejected_record&, ack_token share) { share.lost(); };
        auto made = producer::make(std::move(options), counters).value();
        {
            producer::session session(*made, acks.token());
            for (int i = 0; i < 50; ++i) {
                const std::string text = std::to_string(i);
                outgoing_record record;
                record.topic = "logs";
                record.payload = text;
                REQUIRE(session.send(record, 1));
                if (i == 25) {
                    made->provoke_fatal_error();
                }
            }
        }
        REQUIRE(acks.wait(1));
        CHECK(acks.delivered() == 1);
        CHECK(counters.sum("logboom_kafka_output_clients_replaced_total") == 1);
        const auto stored = cluster.read("logs", 50);
        std::set<std::string> distinct;
        for (const auto& each : stored) {
            distinct.insert(each.payload);
        }
        CHECK(distinct.size() == 50);
    }
}
