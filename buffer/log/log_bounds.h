// The offsets that say what a log holds and how safe it is. They change only here, and after every
// change:
//   start <= high watermark <= end
//   recovery point <= flushed <= end
//   clean until <= end
// Plain value; partition_log owns it, on its thread, and is alone in changing it.
#pragma once

#include "base/ids.h"

namespace logboom::log {

class log_bounds {
  public:
    struct opening {
        offset start;
        offset end;
        /// Everything below survives a power cut, indexes too.
        offset durable;
        offset clean_until;
    };
    /// Of an empty log at offset 0.
    log_bounds() = default;
    /// As recovery found them.
    explicit log_bounds(const opening& found);

    /// The first record that can be read.
    [[nodiscard]] offset start() const noexcept { return start_; }
    /// Behind the last record.
    [[nodiscard]] offset end() const noexcept { return end_; }
    /// Consumers read below it. Without replicas that could lag behind it is the end.
    [[nodiscard]] offset high_watermark() const noexcept { return end_; }
    /// Everything below survives a power cut.
    [[nodiscard]] offset flushed() const noexcept { return flushed_; }
    /// Where recovery would start.
    [[nodiscard]] offset recovery_point() const noexcept { return recovery_point_; }
    /// Everything below has been compacted.
    [[nodiscard]] offset clean_until() const noexcept { return clean_until_; }

    /// Records were appended. Needs `end` above the old one.
    void extend(offset end);
    /// Records were deleted from the front; the start only rises. Needs `start` <= end().
    void raise_start(offset start);
    /// A sync is done. Needs `covered` <= end(); what was known to be safe stays so.
    void cover(offset covered, bool with_indexes);
    /// Compaction is done up to there. Needs `until` <= end().
    void note_clean(offset until);

  private:
    void check() const;

    offset start_;
    offset end_;
    offset flushed_;
    offset recovery_point_;
    offset clean_until_;
};

} // namespace logboom::log
