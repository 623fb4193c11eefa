// The kafka input against librdkafka's mock cluster: what it commits, and what it reads again.
#include "buffer/client/dead_letter_topic.h"
#include "buffer/client/kafka_input.h"
#include "tests/unit/buffer/client/mock_cluster.h"

#include <doctest/doctest.h>

#include <set>
#include <thread>

using namespace logboom;
using namespace logboom::client;
using namespace std::chrono_literals;

namespace {

/// For what must come: only a test that fails waits so long.
constexpr auto patience = 60s;

/// Takes batches and keeps them until they are settled one way or the other.
class holding_sink final : public batch_sink {
  public:
    bool push(batch_ptr batch) override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !blocked_ || stopped_; });
        if (stopped_) {
            return false;
        }
        batches_.push_back(std::move(batch));
        changed_.notify_all();
        return true;
    }
    /// Waits for `count` events in all.
    std::vector<batch_ptr> take(std::size_t count) {
        std::unique_lock lock(mutex_);
        const auto events = [&] {
            std::size_t sum = 0;
            for (const auto& each : batches_) {
                sum += each->events.size();
            }
            return sum;
        };
        changed_.wait_for(lock, patience, [&] { return events() >= count; });
        return std::move(batches_);
    }
    void block(bool on) {
        const std::lock_guard lock(mutex_);
        blocked_ = on;
        changed_.notify_all();
    }
    void stop() {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<batch_ptr> batches_;
    bool blocked_ = false;
    bool stopped_ = false;
};

/// A kafka input at work.
struct reading {
    holding_sink sink;
    metrics counters;
    std::unique_ptr<input> in;
    std::jthread thread;

    reading(
        const mock_cluster& cluster, std::vector<std::pair<std::string, std::string>> given = {}
    ) {
        given.insert(
            given.begin(),
            {{"bootstrap_servers", cluster.servers()},
             {"topics", "logs"},
             {"auto_offset_reset", "earliest"},
             {"auto_commit_interval_ms", "100"},
             // The mock waits for this less a second after each change of the membership, and a
             // case sees up to three of them.
             {"session_timeout_ms", "3000"},
             {"heartbeat_interval_ms", "200"}}
        );
        const test_settings from("kafka input", kafka_input.table, given);
        REQUIRE(from.options.problems().empty());
        in = kafka_input.make(make_context(from.options, counters)).value();
        thread = std::jthread([this](std::stop_token stop) { in->run(sink, stop); });
    }
    ~reading() { stop(); }
    void stop() {
        thread.request_stop();
        sink.stop();
        if (thread.joinable()) {
            thread.join();
            in->close();
        }
    }
};

std::vector<std::string> numbered(int first, int count) {
    std::vector<std::string> all;
    for (int i = first; i < first + count; ++i) {
        all.push_back(std::to_string(i));
    }
    return all;
}

std::vector<std::string> messages(const std::vector<batch_ptr>& batches) {
    std::vector<std::string> all;
    for (const auto& batch : batches) {
        for (const event& each : batch->events) {
            all.emplace_back(each.get("message")->as_string());
        }
    }
    return all;
}

void deliver(std::vector<batch_ptr>& batches) {
    for (auto& each : batches) {
        each->ack.delivered();
    }
}

} // namespace

// Each of these waits for a group to form, three seconds and more, by the mock's clock, all in all
// half a minute: `meson test` runs them, the bare executable only with --no-skip.
TEST_SUITE("buffer/client/kafka_input" * doctest::skip()) {
    TEST_CASE("records become events that say where they came from") {
        mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, {"a", "b"});
        cluster.produce("logs", 0, {"c"}, "agent/file/0/77");
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

    TEST_CASE("an input that is only made, as to check a config, takes no partition") {
        const mock_cluster cluster;
        cluster.create("logs", 2);
        cluster.produce("logs", 0, {"a"});
        cluster.produce("logs", 1, {"b"});
        metrics counters;
        const test_settings from(
            "kafka input",
            kafka_input.table,
            {{"bootstrap_servers", cluster.servers()}, {"topics", "logs"}}
        );
        const auto idle = kafka_input.make(make_context(from.options, counters)).value();
        reading in(cluster);
        auto got = messages(in.sink.take(2));
        std::sort(got.begin(), got.end());
        CHECK(got == std::vector<std::string>{"a", "b"});
    }

    TEST_CASE("offsets are committed when the records are final and not before") {
        mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, numbered(0, 10));
        reading reader(cluster);
        auto first = reader.sink.take(10);
        cluster.produce("logs", 0, numbered(10, 5));
        auto second = reader.sink.take(5);
        deliver(second);
        std::this_thread::sleep_for(400ms);
        CHECK(cluster.committed("logstash", "logs", 0) < 0);
        deliver(first);
        reader.stop();
        CHECK(cluster.committed("logstash", "logs", 0) == 15);
    }

    TEST_CASE("what was not final when it stopped is read again") {
        mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, numbered(0, 10));
        {
            reading reader(cluster);
            auto batches = reader.sink.take(10);
            deliver(batches);
            cluster.produce("logs", 0, numbered(10, 10));
            auto unfinished = reader.sink.take(10);
            reader.stop();
        }
        CHECK(cluster.committed("logstash", "logs", 0) == 10);
        reading again(cluster);
        auto batches = again.sink.take(10);
        CHECK(messages(batches) == numbered(10, 10));
    }

    TEST_CASE("a batch that got lost on the way is read again without a restart") {
        mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, numbered(0, 10));
        reading reader(cluster);
        auto lost = reader.sink.take(10);
        lost.clear();
        auto again = reader.sink.take(10);
        CHECK(messages(again) == numbered(0, 10));
        deliver(again);
        reader.stop();
        CHECK(cluster.committed("logstash", "logs", 0) == 10);
        CHECK(reader.counters.sum("logboom_kafka_input_rewinds_total") >= 1);
    }

    TEST_CASE("what a stop loses is left for the next start") {
        mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, numbered(0, 10));
        reading reader(cluster);
        auto held = reader.sink.take(10);
        reader.thread.request_stop();
        held.clear();
        reader.stop();
        CHECK(reader.counters.sum("logboom_kafka_input_rewinds_total") == 0);
        CHECK(cluster.committed("logstash", "logs", 0) < 0);
        reading next(cluster);
        auto again = next.sink.take(10);
        CHECK(messages(again) == numbered(0, 10));
        deliver(again);
    }

    TEST_CASE("a codec that holds lines back holds the offset back") {
        mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, {"a", "hold b"});
        reading reader(cluster);
        auto first = reader.sink.take(1);
        deliver(first);
        std::this_thread::sleep_for(300ms);
        CHECK(cluster.committed("logstash", "logs", 0) == 1);
        // Nothing more comes: after a while it is let go.
        auto second = reader.sink.take(1);
        CHECK(messages(second) == std::vector<std::string>{"hold b"});
        CHECK(second.front()->events.front().origin.position == 1);
        deliver(second);
        reader.stop();
        CHECK(cluster.committed("logstash", "logs", 0) == 2);
    }

    TEST_CASE("records that make no event do not stop the offset") {
        mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, {"nothing", "nothing"});
        reading reader(cluster);
        for (int i = 0; i < 100 && cluster.committed("logstash", "logs", 0) != 2; ++i) {
            std::this_thread::sleep_for(50ms);
        }
        CHECK(cluster.committed("logstash", "logs", 0) == 2);
    }

    TEST_CASE("a second member takes over partitions and late acks do not commit for it") {
        mock_cluster cluster;
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
        std::this_thread::sleep_for(400ms);
        std::multiset<std::int64_t> offsets{
            cluster.committed("logstash", "logs", 0), cluster.committed("logstash", "logs", 1)};
        CHECK(offsets.count(5) == 1);
        deliver(taken_over);
        second.stop();
        first.stop();
        CHECK(cluster.committed("logstash", "logs", 0) == 5);
        CHECK(cluster.committed("logstash", "logs", 1) == 5);
    }

    TEST_CASE("a pipeline that blocks does not lose the membership") {
        mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, numbered(0, 10));
        reading reader(cluster, {{"max_poll_interval_ms", "3000"}});
        auto batches = reader.sink.take(10);
        reader.sink.block(true);
        cluster.produce("logs", 0, numbered(10, 10));
        std::this_thread::sleep_for(4s);
        CHECK(reader.counters.sum("logboom_kafka_input_rebalances_total") == 1);
        reader.sink.block(false);
        auto more = reader.sink.take(10);
        CHECK(messages(more) == numbered(10, 10));
        deliver(batches);
        deliver(more);
        reader.stop();
        CHECK(cluster.committed("logstash", "logs", 0) == 20);
    }

    TEST_CASE("the lag of a partition that is no longer ours is not told any more") {
        const mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, numbered(0, 3));
        reading in(cluster);
        const auto kept = in.sink.take(3);
        const auto lag = [&] { return in.counters.sum("logboom_kafka_input_lag_records"); };
        for (const auto until = std::chrono::steady_clock::now() + patience;
             lag() != 3 && std::chrono::steady_clock::now() < until;) {
            std::this_thread::sleep_for(10ms);
        }
        REQUIRE(lag() == 3);
        in.stop();
        CHECK(lag() == 0);
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
        mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, numbered(0, 3));
        reading reader(cluster, {{"reconnect_backoff_max_ms", "200"}});
        auto first = reader.sink.take(3);
        cluster.take_down();
        std::this_thread::sleep_for(500ms);
        cluster.bring_up();
        cluster.produce("logs", 0, numbered(3, 3));
        auto second = reader.sink.take(3);
        CHECK(messages(second) == numbered(3, 3));
        deliver(first);
        deliver(second);
        reader.stop();
        CHECK(cluster.committed("logstash", "logs", 0) == 6);
    }

    TEST_CASE("a topic that is made after the start is read soon") {
        mock_cluster cluster;
        cluster.create("logs", 1);
        cluster.produce("logs", 0, numbered(0, 3));
        cluster.fail_topic("logs", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
        reading reader(cluster);
        std::this_thread::sleep_for(500ms);
        cluster.fail_topic("logs", RD_KAFKA_RESP_ERR_NO_ERROR);
        auto got = reader.sink.take(3);
        CHECK(messages(got) == numbered(0, 3));
        deliver(got);
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
        while (written < 10'000) {
            std::this_thread::yield();
        }
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
        letter.origin = {"agent/f/0", 9, 0, "logs"};
        letters->write(letter, acks.token());
        REQUIRE(acks.wait(1));
        CHECK(acks.delivered() == 1);
        const auto stored = cluster.read("logs.dlq", 1);
        REQUIRE(stored.size() == 1);
        CHECK(stored[0].payload == "{\"a\":1}");
        CHECK(stored[0].origin == "agent/f/0/9");
    }
}
