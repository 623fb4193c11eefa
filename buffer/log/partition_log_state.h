// The inside of partition_log, shared by the files that implement it: partition_log.cc (append,
// read, lookups), partition_log_flush.cc (roll, group commit, close), partition_log_retention.cc
// (what goes away), partition_log_compaction.cc, partition_log_recovery.cc (open). Not for others.
#pragma once

#include "buffer/log/leader_epochs.h"
#include "buffer/log/partition_log.h"
#include "buffer/log/producer_state.h"
#include "buffer/log/segment.h"

#include <array>
#include <deque>

namespace logboom::log {

class partition_log::state {
  public:
    state(log_context context, partition_log_options options);

    // partition_log_recovery.cc
    result<void> open();
    // partition_log.cc
    result<append_result> append(mutable_bytes records, const append_options& options);
    result<read_result> read(const read_options& options);
    result<void> become_leader(leader_epoch epoch);
    result<std::optional<timestamp_offset>> offset_for_time(timestamp_ms at);
    result<std::optional<timestamp_offset>> offset_of_max_timestamp();
    // partition_log_flush.cc
    std::optional<flush_job> begin_flush(flush_kind kind);
    result<void> finish_flush(flush_outcome outcome);
    [[nodiscard]] bool flush_due() const noexcept;
    result<void> close();
    // partition_log_compaction.cc
    result<cleanable_size> cleanable();
    std::optional<compaction_job> begin_compaction();
    result<void> begin_swap(compaction_outcome& outcome);
    result<void> finish_compaction(compaction_outcome outcome);
    // partition_log_retention.cc
    result<offset> delete_records_before(offset before);
    result<std::size_t> housekeep();
    std::vector<std::string> take_removable();
    result<void> truncate_to(offset to);

    [[nodiscard]] segment& active() noexcept { return *segments_.back(); }
    [[nodiscard]] std::size_t segment_of(offset at) const noexcept;
    [[nodiscard]] std::uint64_t size_bytes() const noexcept;
    [[nodiscard]] offset high_watermark() const noexcept {
        return watermark_follows_ ? end_ : high_watermark_;
    }

    log_context context_;
    partition_log_options options_;
    std::vector<std::unique_ptr<segment>> segments_;
    producer_state producers_;
    leader_epochs epochs_;

    offset start_;
    offset end_;
    offset high_watermark_;
    bool watermark_follows_ = true;
    offset flushed_;
    offset recovery_point_;
    leader_epoch leader_{-1};
    bool failed_ = false;
    bool closed_ = false;
    bool compacting_ = false;
    /// Compaction has been here.
    offset clean_until_;

  private:
    struct read_hint {
        logboom::offset offset{-1};
        std::uint64_t position = 0;
        logboom::offset segment_base;
    };
    struct condemned {
        clock::duration due;
        std::vector<std::string> paths;
    };

    // append
    result<void> check_own(bytes_view records) const;
    result<std::optional<append_result>>
    check_client(mutable_bytes records, const append_options& options);
    void patch(mutable_bytes records, leader_epoch epoch);
    result<void> write(bytes_view records);
    error fail(error why);
    error refuse(error why);
    // read
    result<std::optional<batch_place>> place_of(offset at, std::size_t& index);
    void remember(const extent& found, offset segment_base);
    // lookups
    result<std::optional<timestamp_offset>>
    record_in(segment& in, const batch_place& place, timestamp_ms at);
    // roll and flush
    [[nodiscard]] result<bool> must_roll(bytes_view records);
    result<void> roll();
    result<void> abandon_roll(const error& why);
    result<std::shared_ptr<file>> write_snapshot(offset at);
    result<void> write_epochs();
    // retention
    result<std::size_t> delete_expired();
    result<std::size_t> drop_front(std::size_t count);
    result<void> cut_epochs();
    void condemn(offset base);
    // compaction
    [[nodiscard]] std::size_t cleanable_count() const;
    [[nodiscard]] std::optional<std::pair<std::size_t, std::size_t>>
    members_of(const segment_group& group) const;
    result<void> drop_stale(compaction_outcome& of, std::string_view suffix);
    result<void> swap_group(const segment_group& group);
    result<void> finish_swap(offset base);
    // recovery
    struct scan_range {
        std::uint64_t position = 0;
        std::uint64_t file_size = 0;
        /// The base of the next segment; no_offset for the last one.
        offset limit;
    };
    result<std::vector<offset>> list_segments();
    result<void> recover_swap(offset base, std::vector<offset>& bases);
    result<void> load_segments(const std::vector<offset>& bases);
    result<void> load_sealed(segment& each, offset limit);
    result<bool> scan_segment(segment& from, const scan_range& range);
    result<void> cut_off(const std::vector<offset>& bases, std::size_t index, std::uint64_t size);
    result<void> remove_segment(offset base);
    result<void> start_over();
    result<std::vector<offset>> list_snapshots();
    result<void> load_producers();
    result<void> replay_producers(offset from);
    [[nodiscard]] std::string path_of(offset base, std::string_view suffix) const;

    /// What the next flush of kind checkpoint must sync in any case: snapshots, sealed indexes.
    std::vector<std::shared_ptr<file>> indexes_to_sync_;
    std::uint64_t names_changed_ = 0;
    std::uint64_t names_synced_ = 0;
    /// When a shortage was last said to the operator.
    std::optional<clock::duration> warned_at_;
    /// Counts truncations: outcomes of flushes begun before one say nothing about offsets.
    std::uint64_t history_ = 0;
    clock::duration unflushed_since_{0};
    std::array<read_hint, 8> hints_;
    std::size_t next_hint_ = 0;
    std::deque<condemned> condemned_;
    /// Behind the last batch that recovery has seen.
    offset observed_end_;
    bool epochs_changed_ = false;
    counter& appended_bytes_;
    counter& appended_records_;
    counter& duplicates_;
    counter& truncated_bytes_;
    counter& deleted_segments_;
    counter& failures_;
};

} // namespace logboom::log
