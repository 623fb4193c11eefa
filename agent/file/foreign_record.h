// Whether a record that does not say when its file was born is of a file that has its inode now:
// what Logstash has written names device and inode only, and those of a file that is gone are given
// to others.
#pragma once

#include "agent/file/file_source.h"
#include "agent/file/sincedb_format.h"

namespace logboom::agent {

struct foreign_doubt {
    std::string_view delimiter;
    /// A file that was read as a whole may end without a delimiter.
    bool is_read_mode = false;
    bool is_compressed = false;

    /// Why `record` cannot be of the file at `path`, as the second half of a sentence; empty when
    /// it can. `content` is null where it cannot be read. At most one read.
    [[nodiscard]] std::string_view
    of(const checkpoint_record& record,
       const std::string& path,
       const file_stat& stat,
       file_source* content) const;
};

} // namespace logboom::agent
