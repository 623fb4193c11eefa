// What of a log is written but perhaps not on disk: group commit's book-keeping. It makes the jobs
// (flush_job.h), and from their outcomes it knows how far log_bounds may call the log flushed.
// Several jobs may be under way, and end in any order. Owned by partition_log, on its thread.
#pragma once

#include "base/clock.h"
#include "buffer/log/flush_job.h"
#include "buffer/log/log_bounds.h"
#include "buffer/log/log_config.h"
#include "buffer/log/segment_files.h"
#include "buffer/log/segment_list.h"

#include <memory>
#include <optional>
#include <vector>

namespace logboom::log {

enum class flush_kind {
    /// The records only: what an acknowledgement waits for.
    records,
    /// Indexes too, so that recovery starts here: what a checkpoint and a roll want.
    checkpoint,
};

class flush_ledger {
  public:
    /// A file of the directory was made, renamed or removed: the next job syncs the directory.
    void note_names() noexcept { ++names_changed_; }
    /// The next checkpoint syncs this: a snapshot, an index of a segment that was sealed.
    void note_index(std::shared_ptr<file> index);
    /// Records are about to be appended behind all that is flushed.
    void note_first_unflushed(clock::duration now) noexcept { unflushed_since_ = now; }

    /// Nothing when all is flushed already. Errors: writing the rows that index files lack; a job
    /// of kind records needs none.
    result<std::optional<flush_job>> begin(
        flush_kind kind,
        const segment_files& files,
        const segment_list& segments,
        const log_bounds& bounds
    );
    /// Takes the outcome of a job that succeeded.
    void settle(const flush_outcome& outcome, log_bounds& bounds, clock::duration now);
    /// flush.messages or flush.ms say that it is time.
    [[nodiscard]] bool is_due(
        const log_config& config,
        const segment_list& segments,
        const log_bounds& bounds,
        const clock& time
    ) const;

  private:
    [[nodiscard]] bool has_work(flush_kind kind, const log_bounds& bounds) const noexcept;

    std::vector<std::shared_ptr<file>> indexes_to_sync_;
    /// Of a log that was just opened nobody knows: its directory counts as changed.
    std::uint64_t names_changed_ = 1;
    std::uint64_t names_synced_ = 0;
    clock::duration unflushed_since_{0};
};

} // namespace logboom::log
