// One open file: plain bytes by position, or the inflated bytes of a gzip archive (mode => read),
// where going back means inflating again from the front. Owns the descriptor. One thread.
#pragma once

#include "agent/file/file_identity.h"
#include "base/result.h"

#include <memory>

namespace logboom::agent {

class file_source {
  public:
    /// Never blocks on a FIFO or device: they are refused.
    static result<std::unique_ptr<file_source>> open(const std::string& path, bool is_archive);

    file_source() = default;
    virtual ~file_source() = default;
    file_source(const file_source&) = delete;
    file_source& operator=(const file_source&) = delete;

    /// 0 at the end.
    virtual result<std::size_t> read(char* into, std::size_t size, std::int64_t at) = 0;
    [[nodiscard]] virtual result<file_stat> stat() const = 0;
};

/// Inflates all of it.
bool is_archive_valid(const std::string& path);

} // namespace logboom::agent
