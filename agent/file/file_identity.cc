#include "agent/file/file_identity.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

namespace logboom::agent {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

std::int64_t nanoseconds(const struct statx_timestamp& at) {
    return at.tv_sec * second_ns + at.tv_nsec;
}

result<file_stat> stat_at(int directory, const char* path, int flags) {
    struct statx found {};
    constexpr unsigned wanted = STATX_BASIC_STATS | STATX_BTIME;
    if (statx(directory, path, flags | AT_STATX_SYNC_AS_STAT, wanted, &found) != 0) {
        return last_os_error(path);
    }
    file_stat out;
    out.identity = {found.stx_dev_major, found.stx_dev_minor, found.stx_ino, 0};
    if ((found.stx_mask & STATX_BTIME) != 0) {
        out.identity.birth_ns = nanoseconds(found.stx_btime);
    }
    out.size = static_cast<std::int64_t>(found.stx_size);
    out.modified_ns = nanoseconds(found.stx_mtime);
    out.changed_ns = nanoseconds(found.stx_ctime);
    out.links = found.stx_nlink;
    out.is_regular = S_ISREG(found.stx_mode);
    return out;
}

bool is_remote_type(const struct statfs& found) {
    switch (static_cast<std::uint32_t>(found.f_type)) {
    case 0x6969U:     // NFS
    case 0x517bU:     // SMB
    case 0xff534d42U: // CIFS
    case 0xfe534d42U: // SMB2
    case 0x65735546U: // FUSE
    case 0x00c36400U: // Ceph
    case 0x01021997U: // 9p
    case 0x5346414fU: // AFS
    case 0x0bd00bd0U: // Lustre
        return true;
    default:
        return false;
    }
}

} // namespace

std::string file_identity::text() const {
    return fmt::format(
        "{}.{}-{}-{:x}", device_major, device_minor, inode, static_cast<std::uint64_t>(birth_ns)
    );
}

result<file_stat> stat_path(const std::string& path) {
    return stat_at(AT_FDCWD, path.c_str(), 0);
}

result<file_stat> stat_descriptor(int descriptor) {
    return stat_at(descriptor, "", AT_EMPTY_PATH);
}

bool is_remote(const std::string& directory) {
    struct statfs found {};
    return statfs(directory.c_str(), &found) == 0 && is_remote_type(found);
}

bool is_remote(int descriptor) {
    struct statfs found {};
    return fstatfs(descriptor, &found) == 0 && is_remote_type(found);
}

} // namespace logboom::agent
