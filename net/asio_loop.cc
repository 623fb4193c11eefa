#include "net/asio_loop.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace logboom::net {
namespace {

namespace asio = boost::asio;

class asio_timer final : public loop_timer {
  public:
    asio_timer(asio::io_context& io, std::chrono::nanoseconds wait, std::function<void()> work)
        : work_(std::make_shared<std::function<void()>>(std::move(work))), timer_(io, wait) {
        timer_.async_wait([alive = std::weak_ptr(work_)](const boost::system::error_code& code) {
            const auto call = alive.lock();
            if (call && !code) {
                (*call)();
            }
        });
    }

  private:
    /// Shared so that a timer that is destroyed by its own call, or after it fell due and before it
    /// ran, does no harm.
    std::shared_ptr<std::function<void()>> work_;
    asio::steady_timer timer_;
};

} // namespace

asio_loop::asio_loop(std::size_t blocking_threads) : pool_(blocking_threads) {}

asio_loop::~asio_loop() {
    if (long_pool_) {
        long_pool_->join();
    }
    pool_.join();
}

void asio_loop::post(std::function<void()> work) {
    asio::post(io_, std::move(work));
}

std::unique_ptr<loop_timer>
asio_loop::call_after(std::chrono::nanoseconds wait, std::function<void()> work) {
    return std::make_unique<asio_timer>(io_, wait, std::move(work));
}

void asio_loop::run_blocking(std::function<void()> work, std::function<void()> done) {
    run_on(pool_, std::move(work), std::move(done));
}

void asio_loop::run_long(std::function<void()> work, std::function<void()> done) {
    if (!long_pool_) {
        long_pool_.emplace(std::size_t{1});
    }
    run_on(*long_pool_, std::move(work), std::move(done));
}

void asio_loop::run_on(
    asio::thread_pool& pool, std::function<void()> work, std::function<void()> done
) {
    // The guard keeps run() going until `done` has been called.
    asio::post(
        pool,
        [this, guard = asio::make_work_guard(io_), work = std::move(work), done = std::move(done)](
        ) mutable {
            work();
            asio::post(io_, std::move(done));
        }
    );
}

void asio_loop::run() {
    io_.run();
}

void asio_loop::run_one() {
    io_.run_one();
}

void asio_loop::stop() {
    io_.stop();
}

} // namespace logboom::net
