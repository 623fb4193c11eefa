// An event_loop for tests: nothing happens until run_ready() or advance() is called; blocking work
// runs inline when its turn comes.
#pragma once

#include "base/clock.h"
#include "net/event_loop.h"

#include <deque>
#include <map>

namespace logboom::net {

class manual_loop final : public event_loop {
  public:
    /// `time` is moved by advance(); it must outlive the loop.
    explicit manual_loop(manual_clock& time) : time_(time) {}

    void post(std::function<void()> work) override { ready_.push_back(std::move(work)); }
    std::unique_ptr<loop_timer>
    call_after(std::chrono::nanoseconds wait, std::function<void()> work) override {
        const key at{time_.steady() + wait, next_++};
        timers_.emplace(at, std::move(work));
        return std::make_unique<timer>(*this, at);
    }
    void run_blocking(std::function<void()> work, std::function<void()> done) override {
        post([work = std::move(work), done = std::move(done)] {
            work();
            done();
        });
    }
    void run_long(std::function<void()> work, std::function<void()> done) override {
        run_blocking(std::move(work), std::move(done));
    }

    void run_ready() {
        while (!ready_.empty()) {
            const auto work = std::move(ready_.front());
            ready_.pop_front();
            work();
        }
    }
    /// Runs what falls due on the way, each at its time.
    void advance(std::chrono::nanoseconds by) {
        const auto end = time_.steady() + by;
        run_ready();
        while (!timers_.empty() && timers_.begin()->first.at <= end) {
            auto node = timers_.extract(timers_.begin());
            if (node.key().at > time_.steady()) {
                time_.advance(node.key().at - time_.steady());
            }
            node.mapped()();
            run_ready();
        }
        time_.advance(end - time_.steady());
    }
    [[nodiscard]] std::size_t timer_count() const noexcept { return timers_.size(); }

  private:
    struct key {
        std::chrono::nanoseconds at;
        std::uint64_t number;
        friend auto operator<=>(const key&, const key&) = default;
    };
    class timer final : public loop_timer {
      public:
        timer(manual_loop& owner, key at) : owner_(owner), at_(at) {}
        ~timer() override { owner_.timers_.erase(at_); }

      private:
        manual_loop& owner_;
        key at_;
    };

    manual_clock& time_;
    std::deque<std::function<void()>> ready_;
    std::map<key, std::function<void()>> timers_;
    std::uint64_t next_ = 0;
};

} // namespace logboom::net
