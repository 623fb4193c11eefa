// Starts compaction of logs with cleanup.policy=compact, as Kafka's log cleaner does: the dirtiest
// log that is dirty enough first, one at a time, and when none is, another look after
// log.cleaner.backoff.ms. Plans and swaps on the loop; reads and writes records on the thread for
// long work. Owned by the server; on the loop. A kill in the middle is what recovery of buffer/log
// is for.
#pragma once

#include "base/log.h"
#include "base/metrics.h"
#include "buffer/broker/topics/topic_catalog.h"
#include "net/event_loop.h"

namespace logboom::broker {

class log_cleaner {
  public:
    struct services {
        net::event_loop& loop;
        topic_catalog& topics;
        const clock& time;
        metrics& counters;
        logger messages;
    };

    explicit log_cleaner(services with);
    /// Not called when log.cleaner.enable=false.
    void start(std::chrono::milliseconds backoff);
    /// Gives up what is under way; `done` when nothing is any more. No start() after it.
    void stop(std::function<void()> done);

  private:
    /// The compaction that is under way.
    struct running {
        std::shared_ptr<partition> source;
        log::compaction_job job;
        log::compaction_outcome outcome;
        /// nullptr when the topic was deleted: its directory was renamed, the copies with it.
        [[nodiscard]] log::partition_log* log() const noexcept { return source->log(); }
    };

    void look();
    std::shared_ptr<partition> dirtiest();
    void begin(std::shared_ptr<partition> source, log::compaction_job job);
    void swap();
    void finish();
    void report_failure(partition& of, const error& why);
    void look_after(std::chrono::milliseconds wait);

    services with_;
    std::chrono::milliseconds backoff_{};
    std::unique_ptr<net::loop_timer> timer_;
    std::shared_ptr<running> current_;
    bool stopping_ = false;
    std::function<void()> stopped_;
    counter compactions_;
    counter failures_;
    counter bytes_before_;
    counter bytes_after_;
};

} // namespace logboom::broker
