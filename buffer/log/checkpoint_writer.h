// Keeps the checkpoint files of one log directory: writes those whose content has changed, and
// never an older state over a newer one. Owned by log_directory; write() may be called on any
// thread.
#pragma once

#include "buffer/log/checkpoint_file.h"

#include <array>
#include <mutex>
#include <optional>

namespace logboom::log {

/// What the checkpoint files of a log directory say.
struct checkpoint_values {
    offset_checkpoint starts;
    offset_checkpoint recovery_points;
    /// How far compaction has come; only of logs that it has seen.
    offset_checkpoint cleaned;
    offset_checkpoint watermarks;
};

class checkpoint_writer {
  public:
    checkpoint_writer(env& files, std::string directory);

    /// Once, at the start. Errors: malformed_file.
    result<checkpoint_values> read();
    /// For write(): later ones are larger. On the owner's thread.
    [[nodiscard]] std::uint64_t next_number() noexcept { return ++numbers_; }
    /// Blocks. Does nothing when a state with a larger number was written.
    result<void> write(std::uint64_t number, const checkpoint_values& values);

  private:
    env& files_;
    std::string directory_;
    std::uint64_t numbers_ = 0;
    std::mutex mutex_;
    std::uint64_t written_ = 0;
    /// What is on disk; nothing after a failure.
    std::array<std::optional<offset_checkpoint>, 4> known_;
};

} // namespace logboom::log
