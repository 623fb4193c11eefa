// Kafka inputs as members of a group, on real clients of a mock cluster: leaving, taking over, a
// broker that goes away. Each change of the membership takes the mock's clock two or three seconds;
// what needs no client is in consumer_loop_test.cc.
#include "tests/unit/buffer/client/reading.h"

#include <set>

using namespace logboom;
using namespace logboom::client;

TEST_SUITE("buffer/client/kafka_group") {
    TEST_CASE("what got lost is read again at once, and what was not final after a restart") {
        const mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, numbered(0, 10));
        {
            reading reader(cluster);
            reader.sink.take(10).clear();
            auto again = reader.sink.take(10);
            CHECK(messages(again) == numbered(0, 10));
            CHECK(reader.counters.sum("logboom_kafka_input_rewinds_total") >= 1);
            cluster.produce("logs", 0, numbered(10, 5));
            const auto unfinished = reader.sink.take(5);
            deliver(again);
            reader.stop();
        }
        CHECK(cluster.committed("logstash", "logs", 0) == 10);
        reading next(cluster);
        auto batches = next.sink.take(5);
        CHECK(messages(batches) == numbered(10, 5));
        deliver(batches);
        next.stop();
        CHECK(cluster.committed("logstash", "logs", 0) == 15);
    }

    TEST_CASE("a second member takes over partitions and late acks do not commit for it") {
        const mock_cluster cluster;
        cluster.create("logs", 2);
        cluster.produce("logs", 0, numbered(0, 5));
        cluster.produce("logs", 1, numbered(5, 5));
        reading first(cluster);
        auto held = first.sink.take(10);
        REQUIRE(messages(held).size() == 10);
        reading second(cluster);
        auto taken_over = second.sink.take(5);
        REQUIRE(messages(taken_over).size() == 5);
        // The first still holds the same records, whose partition it has lost.
        deliver(held);
        CHECK(first.counters.sum("logboom_kafka_input_late_acks_total") >= 1);
        const auto committed = [&] {
            return std::multiset<std::int64_t>{
                cluster.committed("logstash", "logs", 0), cluster.committed("logstash", "logs", 1)};
        };
        CHECK(eventually([&] { return committed().contains(5); }));
        CHECK(committed().count(5) == 1);
        deliver(taken_over);
        second.stop();
        first.stop();
        CHECK(cluster.committed("logstash", "logs", 0) == 5);
        CHECK(cluster.committed("logstash", "logs", 1) == 5);
    }

    TEST_CASE("many members leave as fast as one") {
        const mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, {"a"});
        reading in(cluster, {{"consumer_threads", "48"}});
        auto got = in.sink.take(1);
        REQUIRE(got.size() == 1);
        deliver(got);
        const auto before = std::chrono::steady_clock::now();
        in.stop();
        CHECK(std::chrono::steady_clock::now() - before < 2s);
    }

    TEST_CASE("a broker that goes away and comes back is read on from") {
        const mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, numbered(0, 3));
        reading reader(cluster, {{"reconnect_backoff_max_ms", "200"}});
        auto first = reader.sink.take(3);
        cluster.take_down();
        CHECK(eventually([&] { return reader.counters.sum("logboom_kafka_up") == 0; }));
        cluster.bring_up();
        cluster.produce("logs", 0, numbered(3, 3));
        auto second = reader.sink.take(3);
        CHECK(messages(second) == numbered(3, 3));
        CHECK(reader.counters.sum("logboom_kafka_up") == 1);
        deliver(first);
        deliver(second);
        reader.stop();
        CHECK(cluster.committed("logstash", "logs", 0) == 6);
    }
}
