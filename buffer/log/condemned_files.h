// Files of segments that have left a log. They keep their bytes under ".deleted" names for
// file.delete.delay.ms, so that whoever still copies them by name can finish. Owned by
// partition_log, on its thread; the caller removes what take_due() gives, on any.
#pragma once

#include "base/clock.h"
#include "buffer/log/segment_files.h"

#include <deque>
#include <string>
#include <vector>

namespace logboom::log {

class condemned_files {
  public:
    /// Renames the segment's files. They go at `due`, but not before those of earlier calls.
    /// Errors: renaming; some of the files have their new names then.
    result<void> add(const segment_files& files, offset base, clock::duration due);
    /// Paths of the files whose time has come.
    [[nodiscard]] std::vector<std::string> take_due(clock::duration now);

  private:
    struct segment_remains {
        clock::duration due;
        std::vector<std::string> paths;
    };
    /// Oldest first.
    std::deque<segment_remains> remains_;
};

} // namespace logboom::log
