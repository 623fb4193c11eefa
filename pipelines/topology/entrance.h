// Where one input puts its batches: applies the input's common options, counts, and joins the
// queue. Knows for each input what was not delivered. Used by the input's threads; owned by the
// running pipeline, which all it refers to outlives it in.
#pragma once

#include "pipelines/topology/batch_queue.h"
#include "pipelines/topology/program.h"
#include "pipelines/topology/settle_tracker.h"

#include <atomic>

namespace logboom::pipelines {

/// What all entrances of a pipeline share.
struct entrance_context {
    batch_queue& queue;
    settle_tracker& tracker;
    const pipeline_series& series;
    metrics& counters;
    const logger& log;
    const std::string& pipeline_id;
};

class entrance final : public batch_sink {
  public:
    entrance(const entrance_context& shared, const input_holder& of);

    bool push(batch_ptr batch) override;
    offer_outcome offer(batch_ptr& batch, const std::shared_ptr<room_listener>& listener) override;

    [[nodiscard]] const std::string& input_id() const noexcept { return of_.id; }
    [[nodiscard]] bool can_read_again() const noexcept { return can_read_again_; }
    /// Events that no output has and that this run will not bring any more, once it has ended.
    [[nodiscard]] std::int64_t undelivered() const noexcept { return *undelivered_; }

  private:
    /// All that is done to a batch before it can wait in the queue, once.
    void prepare(event_batch& batch);
    void note(const event_batch& batch) const;
    void count_entered(std::int64_t events) const;
    /// From the first offer that finds no room to the one that does, nobody reads.
    void count_wait(bool found_room);

    const entrance_context shared_;
    const input_holder& of_;
    const bool can_read_again_;
    const batch_queue::patience patience_;
    counter waited_;
    /// By the steady clock; 0 when the last offer was taken.
    std::atomic<std::int64_t> full_since_{0};
    /// Shared with tokens that outlive the pipeline's end.
    std::shared_ptr<std::atomic<std::int64_t>> undelivered_;
};

} // namespace logboom::pipelines
