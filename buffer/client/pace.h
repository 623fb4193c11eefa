// How much a producer may have under way, and when records that fill no batch have to go: keeps
// librdkafka's broker thread from spinning.
//
// librdkafka 2.0 gives an idempotent producer one request of a partition in flight
// (rd_kafka_toppar_producer_serve compares its limit of five requests with a count of records), and
// as long as that one is unanswered and another batch is ready, full or older than linger.ms, it
// polls without a pause. So the next batch is kept from being ready: no more than one batch and a
// half may be under way for each partition that records go to (one fills while the other travels; a
// full one can still come up behind a small one), and lingering is done here, by rd_kafka_flush(),
// with librdkafka's own linger.ms far behind (own_linger).
//
// Sans-IO. Any thread: sent(), unsent(), is_full(). The rest is the poll thread's.
#pragma once

#include "buffer/client/properties.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <set>
#include <utility>

namespace logboom::client {

class pace {
  public:
    struct limits {
        std::int64_t batch_bytes = 1'000'000;
        std::int64_t batch_records = 10'000;
        /// Zero: librdkafka sends at once, by itself.
        std::chrono::nanoseconds linger{5'000'000};
        /// Half batches that may be under way for a partition.
        int half_batches = 3;
    };
    /// From librdkafka's properties, with its defaults. Bad values are librdkafka's to refuse.
    static limits limits_of(const property_list& properties);

    explicit pace(const limits& from);

    /// What linger.ms librdkafka is given instead.
    [[nodiscard]] std::chrono::milliseconds own_linger() const;

    /// Before a record of so many bytes (key and value) is handed over. True when the poll
    /// thread sleeps and has to be woken, because nothing was under way.
    bool sent(std::int64_t bytes);
    /// It was not handed over after all.
    void unsent(std::int64_t bytes);
    /// Writers have to wait.
    [[nodiscard]] bool is_full() const;

    /// So many have come back, with whatever answer.
    void settled(std::int64_t records, std::int64_t bytes);
    /// One of them was stored there: partitions that records go to count for a while.
    void stored(const void* topic, std::int32_t partition);
    /// How long the poll thread may sleep, `longest` at most.
    [[nodiscard]] std::chrono::nanoseconds
    sleep(std::chrono::nanoseconds now, std::chrono::nanoseconds longest);
    /// Whether rd_kafka_flush() has to be called now.
    [[nodiscard]] bool is_due(std::chrono::nanoseconds now);

  private:
    void rest(std::chrono::nanoseconds now);
    void count_partitions(std::chrono::nanoseconds now);

    const limits limits_;
    std::atomic<std::int64_t> records_{0};
    std::atomic<std::int64_t> bytes_{0};
    std::atomic<std::int64_t> partitions_{1};
    std::atomic<bool> awake_{false};

    // Of the poll thread.
    std::chrono::nanoseconds due_{0};
    std::chrono::nanoseconds interval_;
    bool progress_ = false;
    std::set<std::pair<const void*, std::int32_t>> seen_;
    std::pair<const void*, std::int32_t> last_seen_{nullptr, -1};
    std::chrono::nanoseconds count_at_{0};
};

} // namespace logboom::client
