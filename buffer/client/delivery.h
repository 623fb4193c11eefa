// One write() and what becomes of its records. The records point to it (librdkafka's opaque), the
// broker's answers count it down, and at zero it settles the ack and deletes itself: one allocation
// a write, none a record. Made and filled by one thread; released by the producer's poll thread.
#pragma once

#include "event/ack.h"

#include <atomic>
#include <cstdint>
#include <deque>

namespace logboom::client {

class delivery;

/// What the partitioner needs to know of a record. Neighbours with the same placement share one.
struct placement {
    delivery* owner = nullptr;
    /// Of the stream (partition_of_stream), or a running number.
    std::uint64_t hash = 0;
    /// The record's key decides; hash is for records without one.
    bool by_key = true;
};

class delivery {
  public:
    /// Begins with one hold, the writer's own, which release() gives back after the last record.
    explicit delivery(ack_token ack) : ack_(std::move(ack)) {}
    delivery(const delivery&) = delete;
    delivery& operator=(const delivery&) = delete;

    /// Good until the last hold is released. Only by the writer.
    placement& place(std::uint64_t hash, bool by_key) {
        if (places_.empty() || places_.back().hash != hash || places_.back().by_key != by_key) {
            places_.push_back({this, hash, by_key});
        }
        return places_.back();
    }
    void hold() noexcept { holds_.fetch_add(1, std::memory_order_relaxed); }
    /// `count` records are final, or will never be (mark_lost before). Deletes this at zero.
    void release(std::int64_t count = 1) {
        if (holds_.fetch_sub(count, std::memory_order_acq_rel) != count) {
            return;
        }
        if (lost_.load(std::memory_order_relaxed)) {
            ack_.lost();
        } else {
            ack_.delivered();
        }
        delete this;
    }
    void mark_lost() noexcept { lost_.store(true, std::memory_order_relaxed); }
    /// For whoever takes over a record: the dead letter queue. Call while holding.
    [[nodiscard]] ack_token share() const { return ack_.share(); }

  private:
    ~delivery() = default;

    ack_token ack_;
    std::atomic<std::int64_t> holds_{1};
    std::atomic<bool> lost_{false};
    std::deque<placement> places_;
};

} // namespace logboom::client
