#include "cli/output.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <poll.h>
#include <unistd.h>

namespace logboom::cli {

bool output::print(std::string_view text) {
    constexpr std::size_t flush_size = std::size_t{64} * 1024;
    if (problem_ == 0) {
        buffer_ += text;
    }
    return buffer_.size() < flush_size ? problem_ == 0 : flush();
}

bool output::flush() {
    std::string_view rest = buffer_;
    while (!rest.empty() && problem_ == 0) {
        const ssize_t done = ::write(descriptor_, rest.data(), rest.size());
        if (done < 0 && errno == EAGAIN) {
            pollfd writable{descriptor_, POLLOUT, 0};
            ::poll(&writable, 1, -1);
        } else if (done < 0 && errno != EINTR) {
            problem_ = errno;
        }
        rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(done, 0)));
    }
    buffer_.clear();
    return problem_ == 0;
}

exit_code finish(output& out, exit_code code) {
    if (out.flush()) {
        return code;
    }
    if (out.problem() == EPIPE) {
        std::signal(SIGPIPE, SIG_DFL);
        std::raise(SIGPIPE);
    }
    std::fprintf(stderr, "logboom: stdout: %s\n", std::strerror(out.problem()));
    return code == exit_code::done ? exit_code::failed : code;
}

} // namespace logboom::cli
