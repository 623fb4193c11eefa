// What makes a file the same file under any name: device, inode and time of birth. The birth time
// tells a file from a later one that was given the same inode. Plain data.
#pragma once

#include "base/result.h"

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace logboom::agent {

struct file_identity {
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    std::uint64_t inode = 0;
    /// Nanoseconds since the epoch; 0 when the file system does not say (or an imported sincedb).
    std::int64_t birth_ns = 0;

    friend auto operator<=>(const file_identity&, const file_identity&) = default;

    /// "major.minor-inode-birth", decimal but for the birth time, which is hexadecimal.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] file_identity without_birth() const {
        return {device_major, device_minor, inode, 0};
    }
};

struct file_stat {
    file_identity identity;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    /// Of the contents or of what the file system says of the file; nobody can set it back.
    std::int64_t changed_ns = 0;
    std::uint32_t links = 0;
    bool is_regular = false;
};

/// Follows symbolic links.
result<file_stat> stat_path(const std::string& path);
result<file_stat> stat_descriptor(int descriptor);
/// True when the directory is on a file system whose changes by others inotify does not tell
/// (NFS, SMB, FUSE, Ceph, 9p).
bool is_remote(const std::string& directory);
bool is_remote(int descriptor);

} // namespace logboom::agent

template <>
struct std::hash<logboom::agent::file_identity> {
    std::size_t operator()(const logboom::agent::file_identity& id) const noexcept {
        constexpr std::uint64_t spread = 0x9e3779b97f4a7c15U;
        return ((id.inode * spread) ^ id.device_minor) * spread ^
               static_cast<std::uint64_t>(id.birth_ns);
    }
};
