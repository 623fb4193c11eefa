#include "agent/file/completed_files.h"

#include <cstdio>
#include <memory>
#include <unistd.h>

namespace logboom::agent {

bool completed_files::finish(const std::string& path) {
    const bool is_noted = what_ == completed_action::remove || note(path);
    if (!is_noted || what_ == completed_action::log) {
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

bool completed_files::note(const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> to(
        std::fopen(log_path_.c_str(), "ae"), &std::fclose
    );
    const std::string text = path + "\n";
    if (!to || std::fwrite(text.data(), 1, text.size(), to.get()) != text.size() ||
        std::fflush(to.get()) != 0) {
        log_.error(
            "Cannot note a completed file; it is kept path={} log={} error=\"{}\"",
            path,
            log_path_,
            last_os_error("").text()
        );
        return false;
    }
    return true;
}

} // namespace logboom::agent
