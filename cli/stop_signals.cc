#include "cli/stop_signals.h"

#include "base/assertion.h"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace logboom::cli {

stop_signals::stop_signals() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t caught;
    sigemptyset(&caught);
    sigaddset(&caught, SIGTERM);
    sigaddset(&caught, SIGINT);
    sigaddset(&caught, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &caught, nullptr);
    signals_ = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
    LB_ASSERT(signals_ >= 0 && wake_ >= 0);
}

stop_signals::~stop_signals() {
    close(signals_);
    close(wake_);
}

stop_signals::event stop_signals::wait() const {
    pollfd watched[] = {{signals_, POLLIN, 0}, {wake_, POLLIN, 0}};
    while (poll(watched, 2, -1) < 0 && errno == EINTR) {
    }
    if (watched[1].revents != 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = read(wake_, &count, sizeof(count));
        return event::woken;
    }
    signalfd_siginfo what{};
    [[maybe_unused]] const auto got = read(signals_, &what, sizeof(what));
    return what.ssi_signo == SIGHUP ? event::hangup : event::stop;
}

void stop_signals::wake() const noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(wake_, &one, sizeof(one));
}

} // namespace logboom::cli
