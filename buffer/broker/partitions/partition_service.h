// Appends to partitions and everything that follows one: waking fetches that wait for records, and
// the group commit. At most one flush per log directory is under way; appends that want to be on
// disk and arrive meanwhile share the next one, so one fdatasync answers all who wait. The same
// machinery flushes and writes checkpoints every second or so, which keeps recovery short, and
// looks for old segments every few minutes. Owned by the server; on the loop.
#pragma once

#include "buffer/broker/core/broker_context.h"
#include "buffer/broker/topics/topic_catalog.h"

#include <unordered_map>
#include <unordered_set>

namespace logboom::broker {

/// Somebody who waits for records (a long-polling fetch). Held weakly.
class append_waiter {
  public:
    virtual ~append_waiter() = default;
    /// `bytes` more are in one of the partitions. True when that is enough: records_ready follows,
    /// in a turn of its own.
    virtual bool appended(std::size_t bytes) = 0;
    virtual void records_ready() = 0;
};

class partition_service final : public partition_access {
  public:
    struct services {
        net::event_loop& loop;
        topic_catalog& topics;
        metrics& counters;
        logger messages;
    };

    explicit partition_service(services with);
    /// `directories` outlive the service. Begins checkpoints and retention.
    void start(
        std::vector<log::log_directory*> directories,
        std::chrono::milliseconds checkpoint_every,
        std::chrono::milliseconds housekeep_every
    );
    /// No more timers and flushes; `done` when none is under way. Who waits for the disk is told
    /// errc::stopped.
    void stop(std::function<void()> done);

    void append(
        const topic_partition& to,
        mutable_bytes records,
        const log::append_options& options,
        durability wait,
        appended done
    ) override;
    /// The same for a partition that is at hand; `to.log` must not be nullptr.
    void append_to(
        const partition_state& to,
        mutable_bytes records,
        const log::append_options& options,
        durability wait,
        appended done
    );

    /// `who` hears of appends to `log` until stop_waiting or its end.
    void wait_for_append(log::partition_log& log, const std::shared_ptr<append_waiter>& who);
    void stop_waiting(log::partition_log& log, const append_waiter& who);

  private:
    struct sync_waiter {
        log::append_result outcome;
        appended done;
    };
    struct log_entry {
        log::log_directory* directory = nullptr;
        std::vector<std::weak_ptr<append_waiter>> readers;
        std::vector<sync_waiter> syncs;
    };
    struct directory_entry {
        log::log_directory* directory = nullptr;
        bool flushing = false;
        bool flush_posted = false;
        bool checkpointing = false;
        bool checkpoints_fail = false;
        bool checkpoint_due = false;
        bool changed = true;
        std::unordered_set<log::partition_log*> unsynced;
        /// Deleted while the flush under way holds a job of theirs.
        std::unordered_set<log::partition_log*> forgotten;
    };
    struct running_job {
        log::partition_log* log;
        log::flush_job job;
        log::flush_outcome outcome;
    };
    using job_list = std::vector<running_job>;

    void wake_readers(log::partition_log& log, std::size_t bytes);
    void deliver_ready();
    directory_entry& entry_of(log::log_directory* directory);
    void post_flush(directory_entry& in);
    void begin_flush(directory_entry& in);
    void finish_flush(directory_entry& in, job_list& jobs, bool checkpoint);
    void write_checkpoints(directory_entry& in);
    void settle(log::partition_log& log);
    void fail_syncs(log_entry& of, const error& why);
    void forget(const std::string& topic);
    void checkpoint_all();
    void housekeep_all();
    void flush_ended();

    services with_;
    std::unordered_map<log::partition_log*, log_entry> logs_;
    std::vector<std::unique_ptr<directory_entry>> directories_;
    std::vector<std::weak_ptr<append_waiter>> ready_;
    bool ready_posted_ = false;
    std::chrono::milliseconds checkpoint_every_{};
    std::chrono::milliseconds housekeep_every_{};
    std::unique_ptr<net::loop_timer> checkpoint_timer_;
    std::unique_ptr<net::loop_timer> housekeep_timer_;
    bool stopping_ = false;
    std::function<void()> stopped_;
    counter flushes_;
    counter flush_failures_;
};

} // namespace logboom::broker
