// The log of one partition: a directory of segments, byte-compatible with Kafka's
// (docs/log_format.md). Appends patch the batch in place and write it once; reads give slices of
// open files, for sendfile. Nothing is decompressed. What is acknowledged as durable is what
// bounds().flushed() covers (flush_job.h).
//
// Owned by log_directory. All calls on one owner thread; slices and flush jobs may be used on any.
// After a failed write or sync every call answers errc::storage_failed: the bytes on disk are
// unknown, and the next start recovers them.
#pragma once

#include "buffer/log/errc.h"
#include "buffer/log/flush_ledger.h"
#include "buffer/log/log_bounds.h"
#include "buffer/log/log_compaction.h"
#include "buffer/log/log_config.h"
#include "buffer/log/log_context.h"
#include "buffer/log/time_lookup.h"

#include <memory>
#include <optional>
#include <vector>

namespace logboom::log {

struct append_options {
    /// Records come from a client: the whole table of checks applies. False for batches of our own
    /// making (group metadata, markers), of which there may be several.
    bool from_client = true;
    /// Version of the Produce request.
    api_version produce{9};
    /// Written into the batch; -1 for that of become_leader.
    leader_epoch epoch{-1};
};

struct append_result {
    offset base_offset;
    offset last_offset;
    /// With message.timestamp.type=LogAppendTime, else -1.
    timestamp_ms append_time{-1};
    offset log_start_offset;
    /// An idempotent producer's batch that is in the log already, at base_offset.
    bool duplicate = false;
};

struct read_options {
    offset from;
    std::size_t bytes_max = 1U << 20U;
    /// The first batch is given whole even when it is larger than bytes_max.
    bool at_least_one_batch = true;
    /// Batches that end at or above this are left out; the high watermark unless given.
    std::optional<offset> below;
};

/// Whole batches in one file.
struct log_slice {
    std::shared_ptr<const file> source;
    std::uint64_t position = 0;
    std::size_t length = 0;
};

struct read_result {
    /// In order; empty when there is nothing to read yet.
    std::vector<log_slice> slices;
    std::size_t size = 0;
    /// The first offset that was not read.
    offset next_offset;
    offset high_watermark;
    offset log_start_offset;
};

struct epoch_end {
    leader_epoch epoch{-1};
    offset end_offset{-1};
};

struct partition_log_options {
    std::string directory;
    topic_partition partition;
    log_config config;
    /// From the log directory's checkpoints; 0 when they do not name this partition.
    offset recovery_point{0};
    offset log_start_offset{0};
    offset clean_until{0};
    /// The last shutdown wrote everything: nothing to recover.
    bool clean = false;
};

class partition_log {
  public:
    /// Creates the directory's first segment when there is none. Recovers when not `clean`: from
    /// the recovery point on, the first torn batch and all behind it are cut off. Damage below it
    /// is errc::corrupt, and nothing is changed.
    static result<std::unique_ptr<partition_log>>
    open(log_context context, partition_log_options options);
    ~partition_log();
    partition_log(const partition_log&) = delete;
    partition_log& operator=(const partition_log&) = delete;

    /// Errors: record_errc, errc. `records` is patched in place (offset, epoch, append time) and
    /// need not outlive the call.
    result<append_result> append(mutable_bytes records, const append_options& options);
    result<read_result> read(const read_options& options);

    /// From now on appends carry `epoch`. Errors: fenced_leader_epoch when it is older than the
    /// log's.
    result<void> become_leader(leader_epoch epoch);

    [[nodiscard]] const std::string& directory() const noexcept;
    [[nodiscard]] const log_config& config() const noexcept;
    void configure(const log_config& changed);
    /// So many bytes of what was read are on their way to a consumer.
    void count_fetched(std::size_t size) const noexcept;
    [[nodiscard]] bool failed() const noexcept;
    [[nodiscard]] std::uint64_t size_bytes() const noexcept;
    [[nodiscard]] std::size_t segment_count() const noexcept;

    /// Start, end, high watermark, and how far the log is flushed and compacted. Valid as long as
    /// the log, and always as it is now.
    [[nodiscard]] const log_bounds& bounds() const noexcept;
    [[nodiscard]] leader_epoch current_epoch() const noexcept;
    /// Of those whose sequences are known; -1 when there is none.
    [[nodiscard]] producer_id largest_producer() const noexcept;

    /// The first record with a timestamp >= `at`; nothing when there is none.
    result<std::optional<timestamp_offset>> offset_for_time(timestamp_ms at);
    /// The record with the largest timestamp (ListOffsets -3); nothing when the log is empty.
    result<std::optional<timestamp_offset>> offset_of_max_timestamp();
    /// OffsetForLeaderEpoch: the largest epoch known that is <= `epoch`, and where it ends.
    [[nodiscard]] epoch_end end_of_epoch(leader_epoch epoch) const;
    /// The epoch of the record at `at`; -1 when unknown.
    [[nodiscard]] leader_epoch epoch_at(offset at) const;

    /// Nothing when all is flushed already.
    std::optional<flush_job> begin_flush(flush_kind kind);
    /// Errors: storage_failed when the sync failed; the log has failed then, for good.
    result<void> finish_flush(flush_outcome outcome);
    /// flush.messages or flush.ms say that it is time.
    [[nodiscard]] bool flush_due() const noexcept;

    /// DeleteRecords: moves the log's start; whole segments below it go. -1 is the high watermark.
    result<offset> delete_records_before(offset before);
    /// Retention and expiry of producers. Every few minutes; gives the number of segments deleted.
    result<std::size_t> housekeep();
    /// Paths of files that were deleted a while ago: the caller removes them, on any thread.
    [[nodiscard]] std::vector<std::string> take_removable();
    /// cleanup.policy=compact: its steps, on the owner's thread.
    [[nodiscard]] log_compaction& compaction() noexcept;

    /// Writes and syncs everything, and a snapshot of producer state: after it, `clean` is true.
    result<void> close();

  private:
    class state;
    explicit partition_log(std::unique_ptr<state> own);

    std::unique_ptr<state> state_;
};

/// Reads a slice into memory: for TLS, conversion and tests.
result<std::vector<std::byte>> read_slice(const log_slice& from);

} // namespace logboom::log
