// One partition of a topic, as the broker knows it: its log, or why it has none; who waits for its
// records or for the disk; when it may be compacted again; its gauges. Made by the catalog and
// owned by its topic. A job that is under way may hold it longer: then the topic was deleted, and
// log() is nullptr. On the loop.
#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "buffer/log/log_directory.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace logboom::broker {

/// Somebody who waits for records (a long-polling fetch). Held weakly.
class append_waiter {
  public:
    virtual ~append_waiter() = default;
    /// So many bytes were appended; true when records_ready() should be called.
    virtual bool appended(std::size_t bytes) = 0;
    /// In a turn of its own, once, and when the partition goes away.
    virtual void records_ready() = 0;
};

class partition : public std::enable_shared_from_this<partition> {
  public:
    using appended = std::function<void(result<log::append_result>)>;
    using readers = std::vector<std::weak_ptr<append_waiter>>;

    /// `in` and `own` outlive it, or end by retire().
    partition(topic_partition name, log::log_directory& in, log::partition_log& own)
        : name_(std::move(name)), directory_(in), log_(&own) {}
    /// One that is offline: `reason` says why.
    partition(topic_partition name, log::log_directory& in, std::string reason)
        : name_(std::move(name)), directory_(in), offline_reason_(std::move(reason)) {}

    [[nodiscard]] const topic_partition& name() const noexcept { return name_; }
    [[nodiscard]] log::log_directory& directory() const noexcept { return directory_; }
    /// nullptr when it has been offline since the start, or is retired. It may have failed since.
    [[nodiscard]] log::partition_log* log() const noexcept { return log_; }
    [[nodiscard]] bool is_online() const noexcept { return log_ != nullptr && !log_->failed(); }
    /// Half a sentence; empty when it is online.
    [[nodiscard]] std::string offline_reason() const;
    /// Its topic is deleted: the log goes. Who waits for the disk is told errc::unknown_partition.
    void retire();

    /// `who` hears of appends until stop_waiting() or its end.
    void wait_for_append(const std::shared_ptr<append_waiter>& who) { readers_.push_back(who); }
    void stop_waiting(const append_waiter& who);
    /// So many bytes were appended; adds those who have enough now.
    void collect_ready(std::size_t bytes, readers& into) const;
    /// All of them; none is left here.
    [[nodiscard]] readers take_readers() noexcept { return std::exchange(readers_, {}); }

    /// `done` hears when `written` is on disk, or that it never will be.
    void wait_for_sync(const log::append_result& written, appended done);
    /// Answers those whose records are on disk by now, and all when the log has failed. True when
    /// others go on waiting.
    bool settle_syncs();
    void fail_syncs(const error& why);

    /// Compaction failed: not again before that, on the steady clock.
    void put_off_compaction(clock::duration until) noexcept { compact_after_ = until; }
    [[nodiscard]] bool may_compact(clock::duration now) const noexcept {
        return now >= compact_after_;
    }

    /// Bounds and size to its gauges, if it has a log.
    void show(metrics& to);

  private:
    struct sync_waiter {
        log::append_result outcome;
        appended done;
    };
    struct shown_gauges {
        gauge start;
        gauge end;
        gauge size;
    };

    topic_partition name_;
    log::log_directory& directory_;
    log::partition_log* log_ = nullptr;
    std::string offline_reason_;
    readers readers_;
    std::vector<sync_waiter> syncs_;
    clock::duration compact_after_{};
    std::optional<shown_gauges> shown_;
};

} // namespace logboom::broker
