// Compaction of one log (cleanup.policy=compact): of each key the newest record stays. Three steps
// as with flush_job: partition_log::begin_compaction plans on the owner's thread, run() reads
// sealed segments and writes cleaned copies on any thread, finish_compaction swaps them in on the
// owner's. Offsets do not change; a crash at any point leaves the old or the new segment.
#pragma once

#include "base/env.h"
#include "base/ids.h"
#include "buffer/log/log_config.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace logboom::log {

class segment;

struct compaction_outcome {
    /// Segments whose cleaned copies are complete and synced.
    std::vector<offset> cleaned;
    /// Every key below is unique among the segments that were read.
    offset clean_until;
    std::uint64_t bytes_before = 0;
    std::uint64_t bytes_after = 0;
    result<void> done;
    /// For partition_log's eyes only.
    std::uint64_t history = 0;
};

class compaction_job {
  public:
    compaction_job(compaction_job&&) = default;
    compaction_job& operator=(compaction_job&&) = default;

    /// Blocks. Call once.
    [[nodiscard]] compaction_outcome run();

  private:
    friend class partition_log;
    compaction_job() = default;

    struct source {
        offset base;
        offset end;
        std::shared_ptr<file> records;
        std::uint64_t size = 0;
    };
    class key_map;

    result<void> clean(compaction_outcome& out);
    result<std::size_t> map_keys(key_map& keys) const;
    result<void> copy_segment(const source& from, const key_map& keys, compaction_outcome& out);
    result<bool> copy_batch(bytes_view batch, const key_map& keys, segment& into) const;

    env* env_ = nullptr;
    std::string directory_;
    std::vector<source> sources_;
    /// Keys of records at or above this are not yet unique.
    offset dirty_from_;
    timestamp_ms now_;
    log_config config_;
    /// The newest batch of each producer is kept, empty if need be.
    std::unordered_map<producer_id, offset> producers_;
    std::uint64_t history_ = 0;
};

} // namespace logboom::log
