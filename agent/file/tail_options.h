// What the settings of the file input mean for what is done with the files, as plain data.
#pragma once

#include "agent/file/line_limit.h"
#include "base/clock.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace logboom::agent {

struct tail_options {
    std::string delimiter = "\n";
    /// Of the text that the codec takes. Files whose mark says otherwise have others.
    text_units units = text_units::bytes;
    line_limit longest_line = line_limit::of_topic(long_line_policy::split);
    /// start_position => beginning, or mode => read.
    bool from_beginning = false;
    bool read_mode = false;
    /// Zero: never.
    clock::duration ignore_older{};
    clock::duration close_older = std::chrono::hours(1);
    std::size_t open_files_max = 4095;
    /// Bytes that one file may read before the next has its turn.
    std::int64_t turn_size = std::int64_t{1} << 20U;
    /// Bytes handed on and not acknowledged, of all files; reading pauses above.
    std::int64_t unacked_size_max = std::int64_t{64} << 20U;
    /// mode => read: an empty file, and one of which nobody can tell whether it is being written,
    /// is complete when nothing has come for this long.
    clock::duration completed_quiet = std::chrono::seconds(5);
    /// Undelivered bytes of deleted files that are held open; above, the oldest are given up.
    std::int64_t pinned_size_max = std::int64_t{10} << 30U;
    /// A file that has no name in the glob any more is closed when it has been silent for this
    /// long.
    clock::duration orphan_quiet = std::chrono::seconds(5);
    /// Files born this long before the checkpoint was written may be new to it all the same.
    clock::duration discovery_slack = std::chrono::seconds(2);
};

/// Both clocks at one moment.
struct now_at {
    clock::duration steady{};
    timestamp_ms wall{0};
};

} // namespace logboom::agent
