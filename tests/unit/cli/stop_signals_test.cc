#include "cli/stop_signals.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <thread>
#include <unistd.h>

using namespace logboom::cli;
using event = stop_signals::event;

namespace {

/// What a stop_signals changes of the process is as before when it goes.
class as_before {
  public:
    as_before() : pipe_handler_(std::signal(SIGPIPE, SIG_DFL)) {
        pthread_sigmask(SIG_BLOCK, nullptr, &mask_);
    }
    ~as_before() {
        pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
        std::signal(SIGPIPE, pipe_handler_);
    }
    as_before(const as_before&) = delete;
    as_before& operator=(const as_before&) = delete;

  private:
    sigset_t mask_{};
    void (*pipe_handler_)(int);
};

} // namespace

TEST_SUITE("cli/stop_signals") {
    TEST_CASE("each signal is what it is for, and comes once") {
        const as_before mask;
        const stop_signals signals;
        ::kill(::getpid(), SIGHUP);
        CHECK(signals.wait() == event::hangup);
        ::kill(::getpid(), SIGTERM);
        CHECK(signals.wait() == event::stop);
        ::kill(::getpid(), SIGINT);
        CHECK(signals.wait() == event::stop);
    }

    TEST_CASE("who waits can be woken from another thread, and from before it waited") {
        const as_before mask;
        const stop_signals signals;
        signals.wake();
        signals.wake();
        // Several wishes before it looks are one.
        CHECK(signals.wait() == event::woken);
        std::jthread other([&] { signals.wake(); });
        CHECK(signals.wait() == event::woken);
    }

    TEST_CASE("a wish that comes while it is woken is not lost") {
        const as_before mask;
        const stop_signals signals;
        ::kill(::getpid(), SIGTERM);
        signals.wake();
        CHECK(signals.wait() == event::woken);
        CHECK(signals.wait() == event::stop);
    }

    TEST_CASE("writing to who reads no more is an error, and not the end") {
        const as_before mask;
        const stop_signals signals;
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        ::close(ends[0]);
        CHECK(::write(ends[1], "x", 1) < 0);
        CHECK(errno == EPIPE);
        ::close(ends[1]);
    }
}
