// The files that the file output has open: opened when first written to, opened again when somebody
// deleted or replaced them, closed when nothing was written for a while. At most `open_max` at a
// time. With gzip each open file is a member of its own, flushed after every write, so that what
// was written can be read. Not thread-safe: the output locks.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace logboom {

struct file_options {
    bool gzip = false;
    /// Each write replaces the file's content.
    bool overwrites = false;
    /// Permissions of what is created; -1 leaves it to the umask.
    int directory_mode = -1;
    int file_mode = -1;
    std::size_t open_max = 512;
};

class open_files {
  public:
    explicit open_files(const file_options& options);
    ~open_files();
    open_files(const open_files&) = delete;
    open_files& operator=(const open_files&) = delete;

    /// Opens `path` unless it is open and still the file of that name.
    result<void> open(const std::string& path);
    /// Writes to an open file. `text` loses what was written: after an error call again with the
    /// rest.
    result<void> write(const std::string& path, std::string_view& text);
    /// Closes what was not written to since the call before.
    void close_stale();
    void close_all();
    [[nodiscard]] std::size_t count() const noexcept { return files_.size(); }

  private:
    class one_file;

    void close_oldest();

    file_options options_;
    std::map<std::string, std::unique_ptr<one_file>, std::less<>> files_;
    std::uint64_t writes_ = 0;
};

} // namespace logboom
