// The one thread that owns all of a broker's state, seen by the parts that live on it: posting,
// timers, and blocking work on the side. An interface so that tests can move time by hand
// (manual_loop.h); the real one is an Asio io_context plus a small thread pool (asio_loop.h).
// Everything but post() is called on the loop itself, and every callback runs on it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace logboom::net {

/// One pending call; destroying it cancels. Must not outlive its loop.
class loop_timer {
  public:
    virtual ~loop_timer() = default;
};

class event_loop {
  public:
    virtual ~event_loop() = default;

    /// Runs `work` soon. From any thread.
    virtual void post(std::function<void()> work) = 0;
    /// Runs `work` once, `wait` from now.
    [[nodiscard]] virtual std::unique_ptr<loop_timer>
    call_after(std::chrono::nanoseconds wait, std::function<void()> work) = 0;
    /// Runs `work` on a thread that may block, then `done` here. The pool is small and jobs wait in
    /// line; jobs under way at shutdown are awaited.
    virtual void run_blocking(std::function<void()> work, std::function<void()> done) = 0;
    /// The same for work of minutes, on one thread of its own, so that an fdatasync that somebody
    /// waits for never stands behind it.
    virtual void run_long(std::function<void()> work, std::function<void()> done) = 0;
};

} // namespace logboom::net
