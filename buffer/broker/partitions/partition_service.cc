#include "buffer/broker/partitions/partition_service.h"

#include "base/metric_list.h"
#include "buffer/broker/core/errc.h"

#include <algorithm>

namespace logboom::broker {

partition_service::partition_service(services with)
    : with_(std::move(with))
    , flushes_(with_.counters, declared("logboom_broker_flushes_total"))
    , flush_failures_(with_.counters, declared("logboom_broker_flush_failures_total")) {
    with_.topics.on_deleted([this](const std::string& topic) { forget(topic); });
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
    for (auto& [log, entry] : logs_) {
        fail_syncs(entry, error(errc::stopped));
    }
    std::exchange(stopped_, nullptr)();
}

partition_service::directory_entry& partition_service::entry_of(log::log_directory* directory) {
    for (const auto& each : directories_) {
        if (each->directory == directory) {
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
    const topic_state* topic = with_.topics.find(to.topic);
    const auto index = static_cast<std::size_t>(to.partition.value());
    if (topic == nullptr || to.partition.value() < 0 || index >= topic->partitions.size() ||
        topic->partitions[index].log == nullptr) {
        done(error(errc::unknown_partition, to.topic));
        return;
    }
    append_to(topic->partitions[index], records, options, wait, std::move(done));
}

void partition_service::append_to(
    const partition_state& to,
    mutable_bytes records,
    const log::append_options& options,
    durability wait,
    appended done
) {
    log::partition_log& log = *to.log;
    auto outcome = log.append(records, options);
    if (outcome.has_error()) {
        done(std::move(outcome));
        return;
    }
    directory_entry& in = entry_of(to.directory);
    in.changed = true;
    if (!outcome->duplicate) {
        wake_readers(log, records.size());
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
    log_entry& entry = logs_[&log];
    entry.directory = to.directory;
    entry.syncs.push_back({*outcome, std::move(done)});
    in.unsynced.insert(&log);
    post_flush(in);
}

// ---- readers

void partition_service::wait_for_append(
    log::partition_log& log, const std::shared_ptr<append_waiter>& who
) {
    logs_[&log].readers.push_back(who);
}

void partition_service::stop_waiting(log::partition_log& log, const append_waiter& who) {
    const auto found = logs_.find(&log);
    if (found == logs_.end()) {
        return;
    }
    std::erase_if(found->second.readers, [&](const std::weak_ptr<append_waiter>& each) {
        const auto alive = each.lock();
        return !alive || alive.get() == &who;
    });
}

void partition_service::wake_readers(log::partition_log& log, std::size_t bytes) {
    const auto found = logs_.find(&log);
    if (found == logs_.end() || found->second.readers.empty()) {
        return;
    }
    for (const auto& each : found->second.readers) {
        const auto reader = each.lock();
        if (reader && reader->appended(bytes)) {
            ready_.push_back(each);
        }
    }
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

void partition_service::begin_flush(directory_entry& in) {
    const bool checkpoint = std::exchange(in.checkpoint_due, false);
    auto jobs = std::make_shared<job_list>();
    if (checkpoint) {
        // Now, and not at the end: what is appended meanwhile is for the next one.
        in.changed = false;
        for (const auto& [at, log] : in.directory->logs()) {
            if (!log->failed() && log->bounds().recovery_point() < log->bounds().end()) {
                if (auto job = log->begin_flush(log::flush_kind::checkpoint)) {
                    jobs->push_back({log.get(), *std::move(job), {}});
                }
            }
        }
    }
    const auto unsynced = std::exchange(in.unsynced, {});
    for (log::partition_log* log : unsynced) {
        const bool covered = std::any_of(jobs->begin(), jobs->end(), [&](const running_job& each) {
            return each.log == log;
        });
        if (covered) {
            continue;
        }
        if (auto job = log->begin_flush(log::flush_kind::records)) {
            jobs->push_back({log, *std::move(job), {}});
        } else {
            settle(*log);
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
        // The topic may have been deleted meanwhile; then the log is gone.
        if (in.forgotten.contains(each.log)) {
            continue;
        }
        if (auto done = each.log->finish_flush(std::move(each.outcome)); done.has_error()) {
            flush_failures_.add();
            const auto found = logs_.find(each.log);
            if (found != logs_.end()) {
                fail_syncs(found->second, done.error());
            }
            continue;
        }
        settle(*each.log);
    }
    in.forgotten.clear();
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

/// Answers those whose records are on disk now, and all when the log has failed.
void partition_service::settle(log::partition_log& log) {
    const auto found = logs_.find(&log);
    if (found == logs_.end()) {
        return;
    }
    const offset flushed = log.bounds().flushed();
    std::vector<sync_waiter> waiting = std::exchange(found->second.syncs, {});
    std::vector<sync_waiter> later;
    std::vector<sync_waiter> now;
    for (sync_waiter& each : waiting) {
        (each.outcome.last_offset < flushed ? now : later).push_back(std::move(each));
    }
    if (!later.empty() && !log.failed()) {
        entry_of(found->second.directory).unsynced.insert(&log);
        found->second.syncs = std::exchange(later, {});
    }
    const std::string path = log.directory();
    for (sync_waiter& each : now) {
        each.done(each.outcome);
    }
    for (sync_waiter& each : later) {
        each.done(error(log::errc::storage_failed, path));
    }
}

void partition_service::fail_syncs(log_entry& of, const error& why) {
    const std::vector<sync_waiter> waiting = std::exchange(of.syncs, {});
    for (const sync_waiter& each : waiting) {
        each.done(why);
    }
}

void partition_service::forget(const std::string& topic) {
    const topic_state* doomed = with_.topics.find(topic);
    if (doomed == nullptr) {
        return;
    }
    for (const partition_state& each : doomed->partitions) {
        for (const auto& in : directories_) {
            in->unsynced.erase(each.log);
            if (in->flushing) {
                in->forgotten.insert(each.log);
            }
        }
        const auto found = logs_.find(each.log);
        if (found == logs_.end()) {
            continue;
        }
        for (const auto& reader : found->second.readers) {
            ready_.push_back(reader);
        }
        fail_syncs(found->second, error(errc::unknown_partition, topic));
        logs_.erase(each.log);
    }
    // Fetches that waited there answer now, with the error that the topic is gone.
    if (!ready_.empty() && !ready_posted_) {
        ready_posted_ = true;
        with_.loop.post([this] { deliver_ready(); });
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
