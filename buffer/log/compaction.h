// Compaction of one log (cleanup.policy=compact): of each key the newest record stays. As with
// flush_job the log's owner and a thread that may block take turns: log_compaction::begin() plans
// (owner), run() reads sealed segments and writes cleaned copies of groups of neighbours (any
// thread), begin_swap() renames the copies to .swap (owner), sync() makes that durable (any
// thread), finish() lets them take the segments' places (owner). Offsets do not change;
// a crash at any point leaves the old or the new segments.
#pragma once

#include "base/env.h"
#include "base/ids.h"
#include "buffer/log/log_config.h"

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace logboom::kafka {
class record_batch_builder;
} // namespace logboom::kafka

namespace logboom::log {

class segment;

/// How much of a log's sealed part compaction has seen, and what waits for it.
struct cleanable_size {
    std::uint64_t clean_bytes = 0;
    std::uint64_t dirty_bytes = 0;
    /// Of the first dirty record; 0 while max.compaction.lag.ms has no limit.
    std::int64_t dirty_age_ms = 0;

    /// Dirty bytes in all bytes, 0 to 1, as Kafka measures it; 0 for an empty log.
    [[nodiscard]] double dirty_ratio() const noexcept;
};
/// Kafka's rule: the ratio is above min.cleanable.dirty.ratio, or something waits for longer than
/// max.compaction.lag.ms.
[[nodiscard]] bool must_compact(const cleanable_size& size, const log_config& config) noexcept;

/// Neighbouring segments that become one.
struct segment_group {
    /// The first one's: that of the cleaned copy.
    offset base;
    /// Behind the last one.
    offset end;
};

struct compaction_outcome {
    /// Groups whose cleaned copies are complete and synced.
    std::vector<segment_group> cleaned;
    /// Every key below is unique among the segments that were read.
    offset clean_until;
    std::uint64_t bytes_before = 0;
    std::uint64_t bytes_after = 0;
    result<void> done;
    /// For log_compaction's eyes only.
    env* files = nullptr;
    std::string directory;

    /// Between begin_swap() and finish(), unless `cleaned` is empty. Blocks.
    void sync() { done = files->sync_directory(directory); }
};

class compaction_job {
  public:
    compaction_job(compaction_job&&) = default;
    compaction_job& operator=(compaction_job&&) = default;

    /// Blocks. Call once.
    [[nodiscard]] compaction_outcome run();
    /// From any thread: run() ends soon, with errc::canceled.
    void cancel() const noexcept { canceled_->store(true, std::memory_order_relaxed); }

  private:
    friend class log_compaction;
    compaction_job() = default;

    struct source {
        offset base;
        offset end;
        std::shared_ptr<file> records;
        std::uint64_t size = 0;
        /// It has a .txnindex, which only the first of a group keeps.
        bool has_transactions = false;
    };
    struct group_copy;
    class key_map;

    result<void> clean(compaction_outcome& out);
    result<void> map_keys(key_map& keys);
    result<std::size_t>
    copy_group(std::size_t first, const key_map& keys, compaction_outcome& out) const;
    result<std::size_t>
    copy_sources(std::size_t first, const key_map& keys, group_copy& copy) const;
    [[nodiscard]] bool
    is_next_in_group(std::size_t first, std::size_t next, const group_copy& copy) const;
    result<void> copy_source(const source& from, const key_map& keys, group_copy& copy) const;
    result<void>
    copy_batch(bytes_view data, bool is_last, const key_map& keys, group_copy& copy) const;
    result<void>
    keep_records(bytes_view data, const key_map& keys, kafka::record_batch_builder& kept) const;
    [[nodiscard]] result<void> check_canceled() const;

    env* env_ = nullptr;
    std::string directory_;
    std::vector<source> sources_;
    /// Keys of records at or above this are not yet unique.
    offset dirty_from_;
    /// Where the map of keys ends: behind the last source, or where its memory was full.
    offset mapped_end_;
    timestamp_ms now_;
    log_config config_;
    /// The newest batch of each producer is kept, empty if need be.
    std::unordered_map<producer_id, offset> producers_;
    std::shared_ptr<std::atomic<bool>> canceled_ = std::make_shared<std::atomic<bool>>(false);
};

} // namespace logboom::log
