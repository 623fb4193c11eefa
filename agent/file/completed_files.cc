// Deleting and noting completed files, so that a note is on disk before its file goes.
#include "agent/file/completed_files.h"

#include "base/env.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace logboom::agent {
namespace {

/// Appends all of `text` to `path` and makes it durable.
result<void> append_durably(const std::string& path, std::string_view text) {
    struct stat found {};
    const bool is_new = ::stat(path.c_str(), &found) != 0;
    LB_TRY(const int descriptor, open_private(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC));
    const auto written = ::write(descriptor, text.data(), text.size());
    const bool is_done =
        written == static_cast<ssize_t>(text.size()) && ::fdatasync(descriptor) == 0;
    const error why = is_done ? error{} : last_os_error(path);
    ::close(descriptor);
    if (!is_done) {
        return why;
    }
    return is_new ? make_posix_env()->sync_directory(parent_path(path)) : result<void>{};
}

} // namespace

bool completed_files::finish(const std::string& path) {
    if (what_ != completed_action::remove) {
        if (const auto noted = append_durably(log_path_, path + "\n"); noted.has_error()) {
            log_.error(
                "Cannot note a completed file; it is kept path={} log={} error=\"{}\"",
                path,
                log_path_,
                noted.error().text()
            );
            return false;
        }
    }
    if (what_ == completed_action::log) {
        return false;
    }
    if (::unlink(path.c_str()) != 0) {
        log_.warn(
            "A completed file cannot be deleted path={} error=\"{}\"",
            path,
            last_os_error("").text()
        );
        return false;
    }
    return true;
}

} // namespace logboom::agent
