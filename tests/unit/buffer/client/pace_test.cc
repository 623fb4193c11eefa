// When records are flushed, and when the poll thread may sleep, with time passed in.
#include "buffer/client/pace.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <random>

namespace logboom::client {
namespace {

using namespace std::chrono_literals;
using ns = std::chrono::nanoseconds;

constexpr pace::limits small{
    .batch_bytes = 1000, .batch_records = 100, .linger = 5ms, .half_batches = 3};

/// librdkafka as far as it matters: one partition, one request in flight, answered after
/// `round_trip`.
struct model {
    explicit model(ns answer_after) : round_trip(answer_after) {}

    void queue(std::int64_t bytes) { queued.push_back(bytes); }
    static std::int64_t bytes_of(const std::deque<std::int64_t>& records) {
        return std::accumulate(records.begin(), records.end(), std::int64_t{0});
    }
    [[nodiscard]] bool is_full_batch() const {
        return bytes_of(queued) >= small.batch_bytes ||
               static_cast<std::int64_t>(queued.size()) >= small.batch_records;
    }
    void step(ns now, bool flush, pace& under_test) {
        if (!in_flight.empty() && now >= answered_at) {
            under_test.settled(static_cast<std::int64_t>(in_flight.size()), bytes_of(in_flight));
            under_test.stored(this, 0);
            in_flight.clear();
        }
        spins += bytes_of(in_flight) >= small.batch_bytes / 2 && is_full_batch() ? 1 : 0;
        if (in_flight.empty() && !queued.empty() && (flush || is_full_batch())) {
            while (!queued.empty() &&
                   static_cast<std::int64_t>(in_flight.size()) < small.batch_records) {
                in_flight.push_back(queued.front());
                queued.pop_front();
            }
            answered_at = now + round_trip;
        }
    }

    ns round_trip;
    ns answered_at{0};
    std::deque<std::int64_t> queued;
    std::deque<std::int64_t> in_flight;
    /// Steps in which librdkafka would poll without a pause.
    int spins = 0;
};

} // namespace

TEST_SUITE("buffer/client/pace") {
    TEST_CASE("the first record wakes the poll thread, which flushes when it has lingered") {
        pace one(small);
        CHECK(one.sleep(1s, 50ms) == 50ms);
        CHECK_FALSE(one.is_due(1s));
        CHECK(one.sent(10));
        CHECK_FALSE(one.sent(10));
        CHECK(one.sleep(1s, 50ms) == 5ms);
        CHECK_FALSE(one.is_due(1s + 4ms));
        CHECK(one.is_due(1s + 5ms));
    }

    TEST_CASE("when all has come back the poll thread may sleep, and the next record wakes it") {
        pace one(small);
        CHECK(one.sent(10));
        CHECK(one.sleep(1s, 50ms) == 5ms);
        one.settled(1, 10);
        CHECK_FALSE(one.is_due(1s + 5ms));
        CHECK(one.sleep(1s + 5ms, 50ms) == 50ms);
        CHECK(one.sent(10));
    }

    TEST_CASE("while nothing comes back it looks less and less often, but never stops") {
        pace one(small);
        one.sent(10);
        ns now = 1s;
        ns last = now;
        std::vector<ns> gaps;
        for (; gaps.size() < 8; now += 1ms) {
            static_cast<void>(one.sleep(now, 50ms));
            if (one.is_due(now)) {
                gaps.push_back(now - last);
                last = now;
            }
        }
        CHECK(gaps == std::vector<ns>{5ms, 10ms, 20ms, 40ms, 50ms, 50ms, 50ms, 50ms});
    }

    TEST_CASE("an answer lets what waited behind it go after the linger") {
        pace one(small);
        one.sent(10);
        ns now = 1s;
        for (; now < 1s + 200ms; now += 1ms) {
            static_cast<void>(one.sleep(now, 50ms));
            static_cast<void>(one.is_due(now));
        }
        one.sent(10);
        one.settled(1, 10);
        CHECK(one.sleep(now, 50ms) <= 5ms);
        CHECK(one.is_due(now + 5ms));
    }

    TEST_CASE("the window is a batch and a half for each partition that records are stored in") {
        pace one(small);
        one.sent(1499);
        CHECK_FALSE(one.is_full());
        one.sent(1);
        CHECK(one.is_full());
        one.stored(&one, 0);
        CHECK(one.is_full());
        one.stored(&one, 1);
        CHECK_FALSE(one.is_full());
        one.sent(1500);
        CHECK(one.is_full());
        SUBCASE("a record that was refused makes room") {
            one.unsent(1500);
            CHECK_FALSE(one.is_full());
        }
        SUBCASE("a partition that gets nothing any more no longer counts") {
            one.settled(2, 1500);
            for (const ns now : {1s, 3s, 5s}) {
                one.stored(&one, 1);
                static_cast<void>(one.sleep(now, 50ms));
            }
            CHECK(one.is_full());
        }
        SUBCASE("when nothing is stored at all, the last count holds") {
            one.settled(3, 3000);
            for (const ns now : {1s, 3s, 5s}) {
                static_cast<void>(one.sleep(now, 50ms));
            }
            one.sent(2999);
            CHECK_FALSE(one.is_full());
        }
    }

    TEST_CASE("the window counts records too; a full one is flushed only when nothing comes back") {
        pace one(small);
        for (int i = 0; i < 150; ++i) {
            CHECK_FALSE(one.is_full());
            one.sent(1);
        }
        CHECK(one.is_full());
        static_cast<void>(one.sleep(1s, 50ms));
        CHECK(one.is_due(1s + 5ms));
        one.settled(1, 1);
        one.sent(1);
        CHECK(one.is_full());
        static_cast<void>(one.sleep(1s + 5ms, 50ms));
        CHECK_FALSE(one.is_due(1s + 10ms));
    }

    TEST_CASE("linger_ms zero leaves it all to librdkafka") {
        pace::limits at_once = small;
        at_once.linger = 0ns;
        pace one(at_once);
        CHECK_FALSE(one.sent(10));
        CHECK(one.sleep(1s, 50ms) == 50ms);
        CHECK(one.own_linger() == 0ms);
        CHECK(pace(small).own_linger() == 100ms);
        at_once.linger = 3s;
        CHECK(pace(at_once).own_linger() == 3000ms);
    }

    TEST_CASE("limits come from librdkafka's properties, or are its defaults") {
        const auto plain = pace::limits_of({{"enable.idempotence", "true"}});
        CHECK(plain.batch_bytes == 1'000'000);
        CHECK(plain.batch_records == 10'000);
        CHECK(plain.linger == 5ms);
        CHECK(plain.half_batches == 3);
        const auto set = pace::limits_of(
            {{"batch.size", "16384"}, {"batch.num.messages", "7"}, {"linger.ms", "40"}}
        );
        CHECK(set.batch_bytes == 16384);
        CHECK(set.batch_records == 7);
        CHECK(set.linger == 40ms);
        CHECK(set.half_batches == 12);
    }

    TEST_CASE(
        "simulation: nothing is left lying, and no full batch waits behind one of half its size"
    ) {
        for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U}) {
            CAPTURE(seed);
            std::mt19937 random(seed);
            pace under_test(small);
            model broker(std::chrono::milliseconds(1 + random() % 60));
            int written = 0;
            ns poll_at = 0ns;
            for (ns now = 1s; now < 5s; now += 100us) {
                const bool busy = now < 4s && (now / 250ms) % 2 == 0;
                // A record of 20 bytes at a time: a batch is never overshot by much.
                for (auto burst = busy ? random() % 40 : 0; burst > 0; --burst) {
                    if (under_test.is_full()) {
                        break;
                    }
                    poll_at = under_test.sent(20) ? now : poll_at;
                    broker.queue(20);
                    ++written;
                }
                bool flush = false;
                if (now >= poll_at) {
                    flush = under_test.is_due(now);
                    poll_at = flush ? now : now + under_test.sleep(now, 50ms);
                }
                const std::size_t before = broker.in_flight.size();
                broker.step(now, flush, under_test);
                poll_at = broker.in_flight.size() != before ? now : poll_at;
            }
            CHECK(written > 1000);
            CHECK(broker.queued.empty());
            CHECK(broker.in_flight.empty());
            CHECK(broker.spins == 0);
            CHECK_FALSE(under_test.is_full());
        }
    }
}

} // namespace logboom::client
