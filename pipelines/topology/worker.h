// Runs batches through a program: filters and conditions over selections of events, then the
// outputs, each of which gets a share of the batch's ack. One per worker thread; holds that
// thread's scratch memory. The program outlives it.
#pragma once

#include "pipelines/topology/batch_queue.h"
#include "pipelines/topology/program.h"

#include <atomic>
#include <chrono>

namespace logboom::pipelines {

class worker {
  public:
    worker(
        const program& steps,
        std::shared_ptr<const pipeline_series> series,
        const clock& time,
        logger log,
        std::size_t number,
        std::shared_ptr<std::atomic<std::int64_t>> unflushed
    )
        : program_(steps)
        , series_(std::move(series))
        , time_(time)
        , log_(std::move(log))
        , number_(number)
        , unflushed_(std::move(unflushed)) {}

    /// Afterwards the batch's own token has been settled, and the outputs have their shares. With a
    /// flush the batch comes empty and takes what filters give.
    void run(event_batch& batch, flush_call flush = flush_call::none);
    /// The id of the plugin whose exception run() has let out.
    [[nodiscard]] std::string at_work() const { return at_work_ == nullptr ? "worker" : *at_work_; }

  private:
    void run_steps(const steps& each, event_batch& batch, selection& chosen);
    [[nodiscard]] bool is_flushing() const noexcept { return flush_ != flush_call::none; }
    void run_filter(const filter_holder& with, event_batch& batch, selection& chosen);
    void run_output(const output_holder& with, event_batch& batch, const selection& chosen);
    void run_branch(const branch_step& with, event_batch& batch, selection& chosen);
    void split(const arm& by, event_batch& batch, selection& rest, selection& yes);
    void bury(const conf::condition& why, event_batch& batch, event& broken);

    selection take_scratch();
    void give_back(selection used);

    const program& program_;
    std::shared_ptr<const pipeline_series> series_;
    const clock& time_;
    logger log_;
    /// Which of the workers it is: it uses that instance of a filter that has one for each.
    const std::size_t number_;
    /// Events that filters had held back and no output has settled; shared with tokens that
    /// outlive the pipeline's end.
    std::shared_ptr<std::atomic<std::int64_t>> unflushed_;
    flush_call flush_ = flush_call::none;
    /// The id of the filter or output that was called last; null before the first.
    const std::string* at_work_ = nullptr;
    /// Conditions that break do so for many events: told once a minute.
    std::chrono::steady_clock::time_point next_complaint_;
    std::vector<selection> scratch_;
};

} // namespace logboom::pipelines
