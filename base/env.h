// The file system as a seam, for everything that must survive a crash: the log, its checkpoints,
// the agent's sincedb. posix_env is the real one; memory_env (base/memory_env.h) forgets what was
// not synced and fails on demand, so that tests can lose power. Files that are tailed are not read
// through it: they are watched with the kernel's own calls.
//
// What is made here is for its owner and group alone, whatever the umask: lines of files that only
// root may read lie in what is written. Directories get directory_mode, files and locks file_mode.
//
// Paths are absolute or relative to the working directory. All calls may block. An env is
// thread-safe; a file may be used by several threads as pread(2) and pwrite(2) may.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace logboom {

/// Permissions of what is made here.
constexpr unsigned directory_mode = 0750;
constexpr unsigned file_mode = 0640;

enum class open_mode {
    /// Must exist.
    read_only,
    /// Created when missing.
    read_write,
    /// Created when missing, emptied when not.
    truncate,
};

class file {
  public:
    virtual ~file() = default;

    /// Fewer bytes than asked for only at the end of the file.
    [[nodiscard]] virtual result<std::size_t> pread(mutable_bytes into, std::uint64_t at) const = 0;
    /// All or an error; after an error the bytes behind `at` are undefined.
    [[nodiscard]] virtual result<void> pwrite(bytes_view from, std::uint64_t at) = 0;
    [[nodiscard]] virtual result<void> truncate(std::uint64_t size) = 0;
    /// fdatasync. After a failure nothing about the unsynced bytes is known (do not retry).
    [[nodiscard]] virtual result<void> sync() = 0;
    [[nodiscard]] virtual result<std::uint64_t> size() const = 0;
    /// The descriptor for sendfile(2) and mmap(2); -1 for a file without one.
    [[nodiscard]] virtual int descriptor() const noexcept = 0;
};

/// Held for as long as the object lives; see env::lock.
class file_lock {
  public:
    virtual ~file_lock() = default;
};

class env {
  public:
    virtual ~env() = default;

    [[nodiscard]] virtual result<std::unique_ptr<file>>
    open(const std::string& path, open_mode mode) = 0;
    [[nodiscard]] virtual bool exists(const std::string& path) = 0;
    /// Names, without "." and "..", in no order. An error when `path` is no readable directory.
    [[nodiscard]] virtual result<std::vector<std::string>> list(const std::string& path) = 0;
    [[nodiscard]] virtual bool is_directory(const std::string& path) = 0;
    /// Who may do what, as in chmod(1).
    [[nodiscard]] virtual result<unsigned> permissions(const std::string& path) = 0;
    /// With all missing parents. What is there keeps its permissions.
    [[nodiscard]] virtual result<void> make_directories(const std::string& path) = 0;
    /// Replaces `to` atomically; durable after sync_directory of its parent.
    [[nodiscard]] virtual result<void> rename(const std::string& from, const std::string& to) = 0;
    [[nodiscard]] virtual result<void> remove(const std::string& path) = 0;
    /// A directory with all that is in it.
    [[nodiscard]] virtual result<void> remove_tree(const std::string& path) = 0;
    [[nodiscard]] virtual result<void> sync_directory(const std::string& path) = 0;
    /// Takes an exclusive lock on `path` (created when missing) or fails at once.
    [[nodiscard]] virtual result<std::unique_ptr<file_lock>> lock(const std::string& path) = 0;
};

/// The machine's file system.
std::unique_ptr<env> make_posix_env();

/// open(2) with `flags`; what is not there is made with file_mode. For descriptors that are
/// appended to, which no env has.
result<int> open_private(const std::string& path, int flags);

/// The whole file; `size_max` guards against a file that is not what it should be.
result<std::string> read_file(env& from, const std::string& path, std::size_t size_max);

/// Writes `path`.tmp, syncs it, renames it over `path` and syncs the directory: after a crash
/// `path` holds either the old or the new text.
result<void> replace_file(env& to, const std::string& path, std::string_view text);

/// A sentence when `directory` is there and lets in more than directory_mode does; else empty. For
/// a start to say: changing what an administrator made is not for us.
std::string openness_warning(env& files, const std::string& directory);

/// "dir/name", with one slash.
std::string join_path(std::string_view directory, std::string_view name);
/// The part before the last slash: "." when there is none.
std::string parent_path(std::string_view path);

} // namespace logboom
