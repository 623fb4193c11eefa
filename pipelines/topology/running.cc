// The threads of a running pipeline, and the order in which it ends (README.md).
#include "pipelines/topology/running.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace logboom::pipelines {

pipeline::running::running(
    program steps, const pipeline_settings& with, const pipeline_environment& around
)
    : with_(with)
    , time_(around.time)
    , log_(around.log)
    , series_(std::make_shared<pipeline_series>(around.counters, with.id))
    , tracker_(std::make_shared<settle_tracker>(series_->batches_lost, series_->unsettled))
    , program_(std::move(steps))
    , queue_(with.worker_count(), {with.queued_batches_max, with.queued_bytes_max})
    , unflushed_(std::make_shared<std::atomic<std::int64_t>>(0)) {
    for (const auto& each : program_.inputs) {
        entrances_.push_back(std::make_unique<entrance>(
            entrance_context{queue_, *tracker_, *series_, around.counters, log_, with_.id}, *each
        ));
    }
    tracker_->on_idle([this] { wake(); });
}

pipeline::running::~running() {
    stop({});
    wait();
    // Tokens may live on in plugins until those are destroyed.
    tracker_->on_idle({});
}

void pipeline::running::wake() {
    {
        // So that no waiter is between its look at the state and its sleep.
        const std::lock_guard lock(mutex_);
    }
    changed_.notify_all();
}

void pipeline::running::fail(const std::string& plugin, const char* why) {
    log_.error(
        "A plugin failed, the pipeline stops. pipeline={} plugin={} error={}", id(), plugin, why
    );
    {
        const std::lock_guard lock(mutex_);
        has_failed_ = true;
        series_->up.set(0);
    }
    stop(with_.drain_limit);
}

result<void> pipeline::running::start_filters() {
    std::vector<filter*> started;
    for (const auto& each : program_.filters) {
        for (const auto& instance : each->instances) {
            if (auto outcome = instance->start(); outcome.has_error()) {
                for (filter* const other : started) {
                    other->close();
                }
                error why = outcome.error();
                why.context =
                    fmt::format("{}: {} filter: {}", each->where.text(), each->name, why.context);
                return why;
            }
            started.push_back(instance.get());
        }
    }
    return {};
}

void pipeline::running::close_filters() {
    for (const auto& each : program_.filters) {
        for (const auto& instance : each->instances) {
            instance->close();
        }
    }
}

bool pipeline::running::has_flushing_filters() const {
    return std::any_of(program_.filters.begin(), program_.filters.end(), [](const auto& each) {
        return each->flushes;
    });
}

void pipeline::running::flush_filters(flush_call which) {
    auto batch = std::make_unique<event_batch>();
    batch->ack = tracker_->wrap({});
    if (!queue_.push_flush(which, batch)) {
        batch->ack.delivered();
    }
}

result<void> pipeline::running::start(std::function<void()> on_end) {
    LB_ASSERT(!is_started_);
    LB_CHECK(start_filters());
    for (std::size_t i = 0; i < program_.outputs.size(); ++i) {
        output_holder& each = *program_.outputs[i];
        if (auto started = each.plugin().start(); started.has_error()) {
            for (std::size_t j = 0; j < i; ++j) {
                program_.outputs[j]->plugin().finish({});
            }
            close_filters();
            error why = started.error();
            why.context =
                fmt::format("{}: {} output: {}", each.where.text(), each.name, why.context);
            return why;
        }
    }
    is_started_ = true;
    series_->up.set(1);
    on_end_ = std::move(on_end);
    inputs_running_ = program_.inputs.size();
    workers_running_ = with_.worker_count();
    for (std::size_t i = 0; i < workers_running_; ++i) {
        worker_threads_.emplace_back(&running::run_worker, this, i);
    }
    for (std::size_t i = 0; i < program_.inputs.size(); ++i) {
        input_threads_.emplace_back(&running::run_input, this, i);
    }
    supervisor_ = std::thread(&running::supervise, this);
    log_.info(
        "Pipeline runs. pipeline={} inputs={} filters={} outputs={} workers={}",
        id(),
        program_.inputs.size(),
        program_.filters.size(),
        program_.outputs.size(),
        with_.worker_count()
    );
    return {};
}

void pipeline::running::stop(std::chrono::nanoseconds limit) {
    const time_point by = std::chrono::steady_clock::now() + limit;
    {
        const std::lock_guard lock(mutex_);
        stop_by_ = stop_by_ ? std::min(*stop_by_, by) : by;
    }
    changed_.notify_all();
}

bool pipeline::running::wait() {
    std::unique_lock lock(mutex_);
    if (!is_started_) {
        return !has_failed_;
    }
    changed_.wait(lock, [&] { return has_ended_; });
    if (supervisor_.joinable()) {
        std::thread ended = std::move(supervisor_);
        lock.unlock();
        ended.join();
        lock.lock();
    }
    return !has_failed_;
}

std::vector<std::pair<std::string, files_status>>
pipeline::running::describe_files(std::size_t count_max) {
    std::vector<std::pair<std::string, files_status>> out;
    for (const auto& each : program_.inputs) {
        if (auto described = each->plugin().describe_files(count_max)) {
            out.emplace_back(each->id, *std::move(described));
        }
    }
    return out;
}

void pipeline::running::run_input(std::size_t number) {
    input_holder& mine = *program_.inputs[number];
    try {
        mine.plugin().run(*entrances_[number], stop_inputs_.get_token());
    } catch (const std::exception& why) {
        fail(mine.id, why.what());
    }
    {
        const std::lock_guard lock(mutex_);
        --inputs_running_;
    }
    changed_.notify_all();
}

void pipeline::running::run_worker(std::size_t number) {
    worker mine(program_, series_, time_, log_, number, unflushed_);
    batch_queue::receipt paper;
    while (batch_ptr batch = queue_.take(number, paper)) {
        try {
            mine.run(*batch, paper.flush);
        } catch (const std::exception& why) {
            fail(mine.at_work(), why.what());
        }
        // Its token is settled before the queue counts it as gone.
        batch.reset();
        queue_.done(number, paper);
        if (queue_.is_idle()) {
            wake();
        }
    }
    {
        const std::lock_guard lock(mutex_);
        --workers_running_;
    }
    changed_.notify_all();
}

std::chrono::nanoseconds pipeline::running::time_left() {
    const std::lock_guard lock(mutex_);
    if (!stop_by_) {
        return with_.drain_limit;
    }
    const auto left = *stop_by_ - std::chrono::steady_clock::now();
    return std::max<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0));
}

template <class Predicate>
bool pipeline::running::wait_until_stop_limit(
    std::unique_lock<std::mutex>& lock, Predicate is_done
) {
    while (!is_done()) {
        if (!stop_by_) {
            changed_.wait(lock);
        } else if (changed_.wait_until(lock, *stop_by_) == std::cv_status::timeout && std::chrono::steady_clock::now() >= *stop_by_) {
            return is_done();
        }
    }
    return true;
}

/// Until a stop is asked for, or there is nothing left to do.
void pipeline::running::wait_for_the_end() {
    const auto is_over = [&] {
        return stop_by_ || (inputs_running_ == 0 && queue_.is_idle() && tracker_->is_idle());
    };
    std::unique_lock lock(mutex_);
    if (!has_flushing_filters()) {
        changed_.wait(lock, is_over);
        return;
    }
    while (!changed_.wait_for(lock, with_.flush_interval, is_over)) {
        // What is under way when it is dropped takes this lock.
        lock.unlock();
        flush_filters(flush_call::periodic);
        lock.lock();
    }
}

void pipeline::running::end_inputs() {
    stop_inputs_.request_stop();
    queue_.refuse();
    {
        // Those that cannot read again give the rest of what they have, as long as there is time.
        std::unique_lock lock(mutex_);
        if (!wait_until_stop_limit(lock, [&] { return inputs_running_ == 0; })) {
            queue_.close();
        }
    }
    for (std::thread& each : input_threads_) {
        each.join();
    }
}

/// Drains the queue; what is still in it when the time is up is dropped.
void pipeline::running::end_workers() {
    if (has_flushing_filters()) {
        std::unique_lock lock(mutex_);
        wait_until_stop_limit(lock, [&] { return queue_.is_idle(); });
        lock.unlock();
        flush_filters(flush_call::last);
    }
    queue_.close();
    {
        std::unique_lock lock(mutex_);
        const bool is_drained = wait_until_stop_limit(lock, [&] {
            return workers_running_ == 0 && tracker_->is_idle();
        });
        if (is_drained) {
            return;
        }
    }
    // Workers and outputs that wait for its room could not be joined.
    program_.dead_letters->close();
    if (const std::size_t dropped = queue_.discard(); dropped > 0) {
        log_.debug(
            "The time to drain is up; what is queued is dropped. pipeline={} events={}",
            id(),
            dropped
        );
    }
}

void pipeline::running::end_outputs() {
    for (const auto& each : program_.outputs) {
        each->plugin().finish(time_left());
    }
    for (std::thread& each : worker_threads_) {
        each.join();
    }
}

void pipeline::running::lose(std::int64_t events, std::string_view cause, std::string_view owner) {
    if (events == 0) {
        return;
    }
    log_.error("Events are lost: {}. pipeline={} {} events={}", cause, id(), owner, events);
    series_->events_lost.add(events);
    const std::lock_guard lock(mutex_);
    has_failed_ = true;
}

/// After the workers have ended: what filters hold back was final for its input when it came.
void pipeline::running::account_for_filters() {
    std::string flushing;
    for (const auto& each : program_.filters) {
        if (each->flushes) {
            flushing.append(flushing.empty() ? "" : ",").append(each->id);
        }
        std::size_t held = 0;
        for (const auto& instance : each->instances) {
            held += instance->held_events();
        }
        lose(
            static_cast<std::int64_t>(held),
            "a filter held them back, and the time to stop was up before it could give them on",
            "filter=" + each->id
        );
    }
    lose(
        *unflushed_,
        "filters had held them back, and they could not be delivered in time",
        "filters=" + flushing
    );
}

/// After the outputs have ended: what is undelivered now stays so.
void pipeline::running::account_for_inputs() {
    for (const auto& each : entrances_) {
        const std::int64_t events = each->undelivered();
        if (!each->can_read_again()) {
            lose(
                events,
                "they could not be delivered in time, and their input cannot read them again",
                "input=" + each->input_id()
            );
        } else if (events > 0) {
            log_.warn(
                "Not everything could be delivered in time; it will be read again. pipeline={} "
                "input={} events={}",
                id(),
                each->input_id(),
                events
            );
        }
    }
    log_.info("Pipeline has ended. pipeline={}", id());
}

void pipeline::running::supervise() {
    wait_for_the_end();
    end_inputs();
    end_workers();
    end_outputs();
    account_for_filters();
    close_filters();
    for (const auto& each : program_.inputs) {
        each->plugin().close();
    }
    account_for_inputs();
    {
        const std::lock_guard lock(mutex_);
        has_ended_ = true;
    }
    changed_.notify_all();
    if (on_end_) {
        on_end_();
    }
}

} // namespace logboom::pipelines
