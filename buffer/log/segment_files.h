// The files of one log's directory, by name: Kafka's twenty digits and a suffix. What a segment, a
// snapshot and a swap are called, and how they are made, replaced and removed, stands here alone.
// Owned by partition_log; no state but the directory.
#pragma once

#include "base/env.h"
#include "buffer/log/segment.h"
#include "buffer/log/segment_name.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace logboom::log {

class segment_files {
  public:
    segment_files(env& files, std::string directory)
        : env_(files), directory_(std::move(directory)) {}

    [[nodiscard]] env& files() const noexcept { return env_; }
    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
    [[nodiscard]] std::string path(offset base, std::string_view suffix) const;
    [[nodiscard]] bool exists(offset base, std::string_view suffix) const;
    /// Makes what changed in the directory durable.
    [[nodiscard]] result<void> sync_names() const;

    [[nodiscard]] result<std::unique_ptr<segment>> create(offset base) const;
    [[nodiscard]] result<std::unique_ptr<segment>> open(offset base) const;
    /// At once, all but the snapshot at its base: that is about what came before it.
    [[nodiscard]] result<void> remove(offset base) const;
    /// Of a segment that did not come about.
    [[nodiscard]] result<void> remove_unborn(offset base) const;

    /// The bases of the producer snapshots, ascending.
    [[nodiscard]] result<std::vector<offset>> list_snapshots() const;
    /// The file is to be synced before the recovery point may pass it.
    [[nodiscard]] result<std::shared_ptr<file>>
    write_snapshot(offset base, std::string_view content) const;

    /// The three steps of compaction's replacement, see compaction.h: a copy is ready, it takes its
    /// place, it is not wanted.
    [[nodiscard]] result<void> rename_copy_to_swap(offset base) const;
    [[nodiscard]] result<void> finish_swap(offset base) const;
    [[nodiscard]] result<void> remove_copy(offset base, std::string_view suffix) const;

  private:
    env& env_;
    std::string directory_;
};

} // namespace logboom::log
