// Appends to partitions and everything that follows one: waking fetches that wait for records, and
// the group commit. At most one flush per log directory is under way; appends that want to be on
// disk and arrive meanwhile share the next one, so one fdatasync answers all who wait. The same
// machinery flushes and writes checkpoints every second or so, which keeps recovery short, and
// looks for old segments every few minutes. Owned by the server; on the loop.
#pragma once

#include "buffer/broker/core/broker_context.h"
#include "buffer/broker/topics/topic_catalog.h"

#include <unordered_set>

namespace logboom::broker {

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
    /// The same for a partition that is at hand and has a log.
    void append_to(
        partition& to,
        mutable_bytes records,
        const log::append_options& options,
        durability wait,
        appended done
    );

  private:
    struct directory_entry {
        log::log_directory* directory = nullptr;
        bool flushing = false;
        bool flush_posted = false;
        bool checkpointing = false;
        bool checkpoints_fail = false;
        bool checkpoint_due = false;
        bool changed = true;
        std::unordered_set<std::shared_ptr<partition>> unsynced;
    };
    struct running_job {
        std::shared_ptr<partition> source;
        log::flush_job job;
        log::flush_outcome outcome;
    };
    using job_list = std::vector<running_job>;

    void wake_ready();
    void deliver_ready();
    directory_entry& entry_of(const partition& of);
    void post_flush(directory_entry& in);
    void begin_flush(directory_entry& in);
    /// Of all partitions in the directory that have something to write down.
    [[nodiscard]] job_list checkpoint_jobs(const directory_entry& in) const;
    void finish_flush(directory_entry& in, job_list& jobs, bool checkpoint);
    void write_checkpoints(directory_entry& in);
    void settle(partition& which);
    void checkpoint_all();
    void housekeep_all();
    void flush_ended();

    services with_;
    std::vector<std::unique_ptr<directory_entry>> directories_;
    partition::readers ready_;
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
