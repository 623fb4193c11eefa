// The real event_loop: one Asio io_context, run by whoever calls run(), and a small pool of threads
// for work that may block. Owned by the server.
#pragma once

#include "net/event_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <optional>

namespace logboom::net {

class asio_loop final : public event_loop {
  public:
    explicit asio_loop(std::size_t blocking_threads);
    ~asio_loop() override;

    void post(std::function<void()> work) override;
    std::unique_ptr<loop_timer>
    call_after(std::chrono::nanoseconds wait, std::function<void()> work) override;
    void run_blocking(std::function<void()> work, std::function<void()> done) override;
    void run_long(std::function<void()> work, std::function<void()> done) override;

    /// Serves until stop() and until no blocking job is under way.
    void run();
    /// Serves one callback, waiting for it: for start-up code.
    void run_one();
    /// From any thread.
    void stop();

    [[nodiscard]] boost::asio::io_context& io() noexcept { return io_; }

  private:
    void
    run_on(boost::asio::thread_pool& pool, std::function<void()> work, std::function<void()> done);

    boost::asio::io_context io_{1};
    /// Without it run_one() ends the loop when it finds nothing more to do.
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        io_.get_executor()};
    boost::asio::thread_pool pool_;
    /// Made when it is needed first.
    std::optional<boost::asio::thread_pool> long_pool_;
};

} // namespace logboom::net
