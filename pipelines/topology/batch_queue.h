// What lies between inputs and workers: bounded by batches and bytes, so that slow outputs hold the
// inputs back; once there was no room for one, half of it is freed before the next may enter, so
// that inputs wake for many batches at a time. Batches of one order_key go to one worker as long as
// one of them is under way, so they stay in order; a key with nothing under way goes to the worker
// with the least to do. Thread-safe.
#pragma once

#include "base/metrics.h"
#include "plugin/input.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <unordered_map>

namespace logboom::pipelines {

/// Whether filters are asked for what they hold back.
enum class flush_call { none, periodic, last };

class batch_queue {
  public:
    struct limits {
        std::size_t batches_max;
        std::size_t bytes_max;
    };
    /// What done() must be told about a batch that was taken.
    struct receipt {
        std::uint64_t order_key = 0;
        std::size_t bytes = 0;
        flush_call flush = flush_call::none;
    };

    batch_queue(std::size_t workers, limits bounds) : lanes_(workers), bounds_(bounds) {}

    enum class patience { until_refused, until_closed };
    /// Blocks while full, and adds to `waited` for how long, in nanoseconds. False after refuse()
    /// or close(), or only after close(): the batch is dropped.
    bool push(batch_ptr batch, patience waits, const counter& waited);
    /// Never blocks. `listener` is told, outside of all locks, once after `full`.
    offer_outcome
    offer(batch_ptr& batch, patience waits, const std::shared_ptr<room_listener>& listener);
    /// Asks one worker to flush the filters into `batch`, which is empty. Never blocks. False (and
    /// the batch is left) while the one before still waits, and after refuse() but for the last.
    bool push_flush(flush_call which, batch_ptr& batch);
    /// Blocks until there is a batch for this worker; null when there will be no more.
    batch_ptr take(std::size_t worker, receipt& into);
    /// The worker has finished with what it took last.
    void done(std::size_t worker, const receipt& of);

    /// No more pushes but the most patient; those that block return.
    void refuse();
    /// No more pushes, and take() ends when nothing is left.
    void close();
    /// Drops what no worker has taken: its tokens are lost, but that of a flush, in which nothing
    /// is. Returns how many events that were.
    std::size_t discard();
    /// Nothing queued and nothing under way.
    [[nodiscard]] bool is_idle() const;

  private:
    struct lane {
        std::deque<std::pair<batch_ptr, receipt>> waiting;
        /// Waiting or being worked on.
        std::size_t load = 0;
        std::condition_variable has_work;
    };
    struct stream {
        std::size_t lane = 0;
        std::size_t under_way = 0;
    };

    /// Those who were told `full`; each once.
    using listeners = std::vector<std::shared_ptr<room_listener>>;
    static void tell(const listeners& those);

    void enter(batch_ptr batch, const receipt& paper);
    [[nodiscard]] const bool& is_over(patience waits) const;
    [[nodiscard]] bool has_room(std::size_t bytes) const;
    [[nodiscard]] bool is_half_empty() const;
    std::size_t choose_lane(std::uint64_t order_key);
    void release(std::size_t lane_number, const receipt& of);

    mutable std::mutex mutex_;
    std::condition_variable has_room_;
    listeners listeners_;
    std::vector<lane> lanes_;
    std::unordered_map<std::uint64_t, stream> streams_;
    limits bounds_;
    std::size_t batches_ = 0;
    std::size_t bytes_ = 0;
    /// Somebody found no room, and half of it is not free yet.
    bool is_draining_ = false;
    bool is_flush_waiting_ = false;
    bool is_refusing_ = false;
    bool is_closed_ = false;
};

} // namespace logboom::pipelines
