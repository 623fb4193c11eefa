// Between the pipeline's workers and the sender: gathers what the workers have encoded into bulks
// of the right size, seals them when they are full or old enough, and bounds what is unsettled. The
// workers append (and wait here when too much is unsettled) and gzip what they seal; the sender
// takes. Thread-safe.
#pragma once

#include "base/clock.h"
#include "sinks/elasticsearch/bulk.h"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace logboom::sinks {

struct bulk_queue_options {
    std::size_t lanes = 1;
    std::size_t items_max = 1000;
    /// Of a body; a single document may be larger.
    std::size_t body_size_max = std::size_t{8} * 1024 * 1024;
    std::size_t unsettled_bytes_max = std::size_t{32} * 1024 * 1024;
    /// 0: not.
    int gzip_level = 1;
};

class bulk_queue {
  public:
    struct sealed {
        std::size_t lane = 0;
        std::unique_ptr<bulk> what;
    };

    /// `wake` is called, without a lock, when take() has something sooner than it said before.
    bulk_queue(bulk_queue_options options, clock& time, std::function<void()> wake);

    /// A write() begins and ends; is_empty() is false in between.
    void enter();
    void leave();
    /// Blocks while too much is unsettled. False when closed. To be asked before encoding.
    bool wait_for_room();
    /// Items of one write(), in order. May seal; never blocks. After close() they are let go.
    void append(std::size_t lane, std::unique_ptr<bulk> part);
    /// The limits for whoever encodes.
    [[nodiscard]] std::size_t items_max() const { return options_.items_max; }
    [[nodiscard]] std::size_t body_size_max() const;

    // The sender's side.

    /// What is sealed, and what has waited for `linger`; nullopt: only what is sealed.
    std::vector<sealed> take(std::optional<std::chrono::nanoseconds> linger);
    /// When take() has something.
    [[nodiscard]] std::optional<std::chrono::nanoseconds>
    next_due(std::optional<std::chrono::nanoseconds> linger) const;
    [[nodiscard]] bool is_empty() const;
    void release(std::size_t bytes);
    /// While full, wait_for_room() blocks.
    void set_retry_lane_full(bool full);
    void set_body_size_max(std::size_t bytes);
    /// Everything counts as old enough from now on.
    void flush();
    /// Writers return; what is still here is let go.
    void close();

    [[nodiscard]] std::size_t unsettled_bytes() const;

  private:
    struct lane_state {
        std::unique_ptr<bulk> open;
        std::chrono::nanoseconds begun{};
    };

    /// `what` is null while the worker who sealed it packs it: its place in the order is kept.
    using sealed_list = std::list<sealed>;

    [[nodiscard]] bool has_room() const;
    void pack(bulk& what) const;

    bulk_queue_options options_;
    clock& time_;
    std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::condition_variable room_;
    std::vector<lane_state> lanes_;
    sealed_list sealed_;
    std::size_t unsettled_bytes_ = 0;
    std::size_t writers_ = 0;
    bool is_retry_lane_full_ = false;
    bool is_flushing_ = false;
    bool is_closed_ = false;
};

} // namespace logboom::sinks
