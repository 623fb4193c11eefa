// Which leader epoch begins at which offset: the leader-epoch-checkpoint of a partition, in memory.
// Plain value; partition_log keeps it and writes it when it changes.
#pragma once

#include "buffer/log/checkpoint_file.h"

#include <vector>

namespace logboom::log {

/// Epochs and starts both rise from entry to entry.
class leader_epochs {
  public:
    leader_epochs() = default;
    /// What a file says: entries that contradict others go, as in Kafka.
    explicit leader_epochs(const std::vector<epoch_start>& entries);

    /// -1 when there is none.
    [[nodiscard]] leader_epoch latest() const noexcept;
    /// Epoch `epoch` begins at `start`; entries that this contradicts go. False when nothing
    /// changed.
    bool assign(leader_epoch epoch, offset start);
    /// Drops what begins at or above `end`. False when nothing changed.
    bool cut_end(offset end);
    /// Drops what ended before `start`; the epoch that covers it begins there. False as above.
    bool cut_start(offset start);

    /// The largest epoch <= `epoch`, and the offset where it ends; see partition_log::end_of_epoch.
    [[nodiscard]] epoch_start end_of(leader_epoch epoch, offset log_end) const;
    [[nodiscard]] leader_epoch at(offset where) const;
    [[nodiscard]] const std::vector<epoch_start>& starts() const noexcept { return starts_; }

  private:
    void check_newest() const;

    std::vector<epoch_start> starts_;
};

} // namespace logboom::log
