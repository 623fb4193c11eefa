// Appends, the group commit of each log directory, and what runs every second or every few minutes.
#include "buffer/broker/partitions/partition_service.h"

#include "base/metric_list.h"
#include "buffer/broker/core/errc.h"

#include <algorithm>
#include <iterator>

namespace logboom::broker {

partition_service::partition_service(services with)
    : with_(std::move(with))
    , flushes_(with_.counters, declared("logboom_broker_flushes_total"))
    , flush_failures_(with_.counters, declared("logboom_broker_flush_failures_total")) {
    with_.topics.on_deleted([this](const topic_state& topic) {
        for (const auto& each : topic.partitions) {
            // Fetches that waited there answer now, with the error that the topic is gone.
            std::ranges::move(each->take_readers(), std::back_inserter(ready_));
        }
        wake_ready();
    });
}

void partition_service::start(
    std::vector<log::log_directory*> directories,
    std::chrono::milliseconds checkpoint_every,
    std::chrono::milliseconds housekeep_every
) {
    for (log::log_directory* each : directories) {
        auto made = std::make_unique<directory_entry>();
        made->directory = each;
        directories_.push_back(std::move(made));
    }
    checkpoint_every_ = checkpoint_every;
    housekeep_every_ = housekeep_every;
    checkpoint_timer_ = with_.loop.call_after(checkpoint_every_, [this] { checkpoint_all(); });
    housekeep_timer_ = with_.loop.call_after(housekeep_every_, [this] { housekeep_all(); });
}

void partition_service::stop(std::function<void()> done) {
    stopping_ = true;
    checkpoint_timer_.reset();
    housekeep_timer_.reset();
    stopped_ = std::move(done);
    flush_ended();
}

/// At stop: calls stopped_ once the last flush has ended.
void partition_service::flush_ended() {
    if (!stopped_) {
        return;
    }
    for (const auto& each : directories_) {
        if (each->flushing || each->checkpointing) {
            return;
        }
    }
    for (const auto& [name, topic] : with_.topics.all()) {
        for (const auto& each : topic.partitions) {
            each->fail_syncs(error(errc::stopped));
        }
    }
    std::exchange(stopped_, nullptr)();
}

partition_service::directory_entry& partition_service::entry_of(const partition& of) {
    for (const auto& each : directories_) {
        if (each->directory == &of.directory()) {
            return *each;
        }
    }
    constexpr bool is_ours = false;
    LB_ASSERT(is_ours);
    __builtin_unreachable();
}

void partition_service::append(
    const topic_partition& to,
    mutable_bytes records,
    const log::append_options& options,
    durability wait,
    appended done
) {
    partition* const found = with_.topics.find(to);
    if (found == nullptr || found->log() == nullptr) {
        done(error(errc::unknown_partition, to.topic));
        return;
    }
    append_to(*found, records, options, wait, std::move(done));
}

void partition_service::append_to(
    partition& to,
    mutable_bytes records,
    const log::append_options& options,
    durability wait,
    appended done
) {
    log::partition_log& log = *to.log();
    auto outcome = log.append(records, options);
    if (outcome.has_error()) {
        done(std::move(outcome));
        return;
    }
    directory_entry& in = entry_of(to);
    in.changed = true;
    if (!outcome->duplicate) {
        to.collect_ready(records.size(), ready_);
        wake_ready();
    }
    const bool on_disk = log.bounds().flushed() > outcome->last_offset;
    if (on_disk || (wait == durability::written && !log.flush_due())) {
        done(std::move(outcome));
        return;
    }
    if (stopping_) {
        done(error(errc::stopped));
        return;
    }
    to.wait_for_sync(*outcome, std::move(done));
    in.unsynced.insert(to.shared_from_this());
    post_flush(in);
}

// ---- readers

void partition_service::wake_ready() {
    if (!ready_.empty() && !ready_posted_) {
        ready_posted_ = true;
        with_.loop.post([this] { deliver_ready(); });
    }
}

void partition_service::deliver_ready() {
    ready_posted_ = false;
    const auto ready = std::exchange(ready_, {});
    for (const auto& each : ready) {
        if (const auto reader = each.lock()) {
            reader->records_ready();
        }
    }
}

// ---- group commit

void partition_service::post_flush(directory_entry& in) {
    if (in.flushing || in.flush_posted) {
        return;
    }
    // In a turn of its own, so that all requests of this turn share the sync.
    in.flush_posted = true;
    with_.loop.post([this, at = &in] {
        at->flush_posted = false;
        if (!at->flushing && !stopping_) {
            begin_flush(*at);
        }
    });
}

partition_service::job_list partition_service::checkpoint_jobs(const directory_entry& in) const {
    job_list jobs;
    for (const auto& [name, topic] : with_.topics.all()) {
        for (const auto& each : topic.partitions) {
            if (&each->directory() != in.directory || !each->is_online()) {
                continue;
            }
            log::partition_log& log = *each->log();
            if (log.bounds().recovery_point() < log.bounds().end()) {
                if (auto job = log.begin_flush(log::flush_kind::checkpoint)) {
                    jobs.push_back({each, *std::move(job), {}});
                }
            }
        }
    }
    return jobs;
}

void partition_service::begin_flush(directory_entry& in) {
    const bool checkpoint = std::exchange(in.checkpoint_due, false);
    auto unsynced = std::exchange(in.unsynced, {});
    const auto jobs = std::make_shared<job_list>();
    if (checkpoint) {
        // Now, and not at the end: what is appended meanwhile is for the next one.
        in.changed = false;
        *jobs = checkpoint_jobs(in);
        for (const running_job& each : *jobs) {
            unsynced.erase(each.source);
        }
    }
    for (const auto& each : unsynced) {
        if (each->log() == nullptr) {
            continue; // deleted meanwhile
        }
        if (auto job = each->log()->begin_flush(log::flush_kind::records)) {
            jobs->push_back({each, *std::move(job), {}});
        } else {
            settle(*each);
        }
    }
    if (jobs->empty()) {
        if (checkpoint) {
            write_checkpoints(in);
        }
        return;
    }
    in.flushing = true;
    flushes_.add();
    with_.loop.run_blocking(
        [jobs] {
            for (running_job& each : *jobs) {
                each.outcome = each.job.run();
            }
        },
        [this, at = &in, jobs, checkpoint] { finish_flush(*at, *jobs, checkpoint); }
    );
}

void partition_service::finish_flush(directory_entry& in, job_list& jobs, bool checkpoint) {
    in.flushing = false;
    for (running_job& each : jobs) {
        log::partition_log* const log = each.source->log();
        if (log == nullptr) {
            continue; // deleted meanwhile
        }
        if (auto done = log->finish_flush(std::move(each.outcome)); done.has_error()) {
            flush_failures_.add();
            each.source->fail_syncs(done.error());
            continue;
        }
        settle(*each.source);
    }
    if (stopping_) {
        flush_ended();
        return;
    }
    if (checkpoint) {
        write_checkpoints(in);
    }
    if (!in.unsynced.empty() || in.checkpoint_due) {
        begin_flush(in);
    }
}

void partition_service::write_checkpoints(directory_entry& in) {
    if (in.checkpointing) {
        in.changed = true;
        return;
    }
    in.checkpointing = true;
    const auto outcome = std::make_shared<result<void>>();
    with_.loop.run_blocking(
        [outcome, write = in.directory->begin_checkpoints()] { *outcome = write(); },
        [this, at = &in, outcome] {
            at->checkpointing = false;
            const bool is_news = outcome->has_error() != at->checkpoints_fail;
            at->checkpoints_fail = outcome->has_error();
            if (outcome->has_error() && is_news) {
                with_.messages.error(
                    "The checkpoints of a log directory cannot be written; the next start after a "
                    "crash will take longer. path={} error={}",
                    at->directory->path(),
                    outcome->error().text()
                );
            }
            if (stopping_) {
                flush_ended();
            }
        }
    );
}

void partition_service::settle(partition& which) {
    if (which.settle_syncs()) {
        entry_of(which).unsynced.insert(which.shared_from_this());
    }
}

// ---- background

void partition_service::checkpoint_all() {
    for (const auto& each : directories_) {
        each->checkpoint_due = each->changed;
        if (each->checkpoint_due) {
            post_flush(*each);
        }
    }
    checkpoint_timer_ = with_.loop.call_after(checkpoint_every_, [this] { checkpoint_all(); });
}

void partition_service::housekeep_all() {
    for (const auto& each : directories_) {
        if (auto done = each->directory->housekeep(); done.has_error()) {
            with_.messages.error(
                "Old segments cannot be removed. path={} error={}",
                each->directory->path(),
                done.error().text()
            );
        }
        if (auto remove = each->directory->begin_removals()) {
            with_.loop.run_long(std::move(remove), [] {});
        }
        each->changed = true;
    }
    housekeep_timer_ = with_.loop.call_after(housekeep_every_, [this] { housekeep_all(); });
}

} // namespace logboom::broker
