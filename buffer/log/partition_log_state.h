// The inside of partition_log: its pieces, and the operations that need several of them. What one
// piece can do alone stands with that piece.
#pragma once

#include "buffer/log/append_rules.h"
#include "buffer/log/condemned_files.h"
#include "buffer/log/flush_ledger.h"
#include "buffer/log/leader_epochs.h"
#include "buffer/log/log_bounds.h"
#include "buffer/log/log_compaction.h"
#include "buffer/log/log_condition.h"
#include "buffer/log/partition_log.h"
#include "buffer/log/producer_state.h"
#include "buffer/log/segment_files.h"
#include "buffer/log/segment_list.h"

namespace logboom::log {

class partition_log::state {
  public:
    state(log_context context, partition_log_options options);
    [[nodiscard]] label_values topic_label() const { return {options_.partition.topic}; }
    void count_fetched(std::size_t size) const noexcept {
        fetched_bytes_.add(static_cast<std::int64_t>(size));
    }

    result<void> open();
    result<append_result> append(mutable_bytes records, const append_options& options);
    result<read_result> read(const read_options& options);
    result<void> become_leader(leader_epoch epoch);
    std::optional<flush_job> begin_flush(flush_kind kind);
    result<void> finish_flush(const flush_outcome& outcome);
    result<offset> delete_records_before(offset before);
    result<std::size_t> housekeep();
    result<void> close();
    [[nodiscard]] time_lookup_limits lookup_limits() const noexcept;

    log_context context_;
    partition_log_options options_;
    segment_files files_;
    log_condition condition_;
    segment_list segments_;
    log_bounds bounds_;
    leader_epochs epochs_;
    producer_state producers_;
    flush_ledger ledger_;
    condemned_files condemned_;
    log_compaction compaction_;

  private:
    [[nodiscard]] bool uses_append_time() const noexcept;
    [[nodiscard]] std::optional<append_result>
    duplicate_of(const std::optional<sequence_range>& known);
    result<void> write(bytes_view records, timestamp_ms now);
    result<void> roll();
    result<void> abandon_roll(const error& why);
    result<void> note_snapshot();
    result<void> write_epochs();
    result<void> cut_epochs();
    result<std::size_t> drop_front(std::size_t count);

    leader_epoch leader_{-1};
    counter appended_bytes_;
    counter appended_records_;
    counter duplicates_;
    counter fetched_bytes_;
    counter deleted_segments_;
};

} // namespace logboom::log
