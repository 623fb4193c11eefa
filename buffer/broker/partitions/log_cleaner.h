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

#include <unordered_map>

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
    /// `directories` outlive the cleaner. Not called when log.cleaner.enable=false.
    void start(std::vector<log::log_directory*> directories, std::chrono::milliseconds backoff);
    /// Gives up what is under way; `done` when nothing is any more. No start() after it.
    void stop(std::function<void()> done);

  private:
    /// The compaction that is under way.
    struct running {
        log::partition_log* log;
        log::compaction_job job;
        log::compaction_outcome outcome;
        /// Its topic was deleted: the log is gone, and its directory was renamed.
        bool forgotten = false;
    };

    void look();
    log::partition_log* dirtiest();
    void begin(log::partition_log& log, log::compaction_job job);
    void swap();
    void finish();
    void report_failure(log::partition_log& log, const error& why);
    void forget(const std::string& topic);
    void look_after(std::chrono::milliseconds wait);

    services with_;
    std::vector<log::log_directory*> directories_;
    std::chrono::milliseconds backoff_{};
    std::unique_ptr<net::loop_timer> timer_;
    std::shared_ptr<running> current_;
    /// Logs whose compaction failed, and when to try again.
    std::unordered_map<log::partition_log*, clock::duration> failed_;
    bool stopping_ = false;
    std::function<void()> stopped_;
    counter compactions_;
    counter failures_;
    counter bytes_before_;
    counter bytes_after_;
};

} // namespace logboom::broker
