// The threads of a pipeline and the order in which they end. Owned by pipeline (pipeline.h), which
// is its public face.
#pragma once

#include "pipelines/topology/entrance.h"
#include "pipelines/topology/pipeline.h"
#include "pipelines/topology/worker.h"

#include <optional>
#include <thread>

namespace logboom::pipelines {

class pipeline::running {
  public:
    running(program steps, const pipeline_settings& with, const pipeline_environment& around);
    ~running();
    running(const running&) = delete;
    running& operator=(const running&) = delete;

    result<void> start(std::function<void()> on_end);
    void stop(std::chrono::nanoseconds limit);
    bool wait();
    std::vector<std::pair<std::string, files_status>> describe_files(std::size_t count_max);
    [[nodiscard]] const std::string& id() const noexcept { return with_.id; }

  private:
    using time_point = std::chrono::steady_clock::time_point;

    void run_input(std::size_t number);
    void run_worker(std::size_t number);
    /// The thread that watches over the end.
    void supervise();
    void wait_for_the_end();
    /// False when a filter cannot start; those before it have been closed again.
    result<void> start_filters();
    void close_filters();
    [[nodiscard]] bool has_flushing_filters() const;
    void flush_filters(flush_call which);
    /// False when the time was up before `is_done`.
    template <class Predicate>
    bool wait_until_stop_limit(std::unique_lock<std::mutex>& lock, Predicate is_done);
    void end_inputs();
    void end_workers();
    void end_outputs();
    /// Logs and counts what nobody will bring any more; the pipeline has failed then. `owner` is
    /// what had them: "input=ID".
    void lose(std::int64_t events, std::string_view cause, std::string_view owner);
    void account_for_filters();
    void account_for_inputs();
    [[nodiscard]] std::chrono::nanoseconds time_left();
    void fail(const std::string& plugin, const char* why);
    void wake();

    const pipeline_settings with_;
    const clock& time_;
    logger log_;
    std::shared_ptr<const pipeline_series> series_;
    std::shared_ptr<settle_tracker> tracker_;
    program program_;
    batch_queue queue_;
    std::vector<std::unique_ptr<entrance>> entrances_;
    /// Events that filters had held back and no output has settled yet.
    std::shared_ptr<std::atomic<std::int64_t>> unflushed_;
    std::stop_source stop_inputs_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t inputs_running_ = 0;
    std::size_t workers_running_ = 0;
    /// When a stop was asked for: the end of its patience.
    std::optional<time_point> stop_by_;
    bool has_failed_ = false;
    bool has_ended_ = false;
    bool is_started_ = false;

    std::function<void()> on_end_;
    std::vector<std::thread> input_threads_;
    std::vector<std::thread> worker_threads_;
    std::thread supervisor_;
};

} // namespace logboom::pipelines
