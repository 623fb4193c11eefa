// One open file: plain bytes by position, or the inflated bytes of a gzip archive (gzip_source.h).
// Owns the descriptor. One thread.
#pragma once

#include "agent/file/blank_run.h"
#include "agent/file/file_identity.h"
#include "base/result.h"

#include <memory>

namespace logboom::agent {

/// Who has a file open for writing.
enum class writers {
    none,
    some,
    /// Nobody can tell: a network file system, or somebody else's file.
    unknown,
};

class file_source {
  public:
    /// Never blocks on a FIFO or device: they are refused.
    static result<std::unique_ptr<file_source>> open(const std::string& path, bool is_archive);
    /// As plain bytes; null when it cannot be opened or another file has the name by now.
    static std::unique_ptr<file_source>
    open_known(const std::string& path, const file_identity& identity);

    file_source() = default;
    virtual ~file_source() = default;
    file_source(const file_source&) = delete;
    file_source& operator=(const file_source&) = delete;

    /// 0 at the end of what is there.
    virtual result<std::size_t> read(char* into, std::size_t size, std::int64_t at) = 0;
    /// Of the NULs that begin at `at`: reads some `size_max` bytes at most, and no holes. Only of
    /// plain bytes: what comes out of an archive is all there.
    virtual result<blank_run> measure_blank(std::int64_t /*at*/, std::int64_t /*size_max*/) {
        return blank_run{.is_over = true};
    }
    /// More must come before the file can be whole, by what read() has met up to its end.
    [[nodiscard]] virtual bool is_cut_off() const noexcept { return false; }
    [[nodiscard]] virtual result<file_stat> stat() const = 0;
    /// At this moment.
    [[nodiscard]] virtual writers find_writers() const = 0;
};

} // namespace logboom::agent
