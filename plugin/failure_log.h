// What goes wrong with events in a plugin: all of it is counted, and told at most once a minute,
// because the same failure mostly comes with every event. Used by all workers at once; what it
// refers to outlives it.
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"

#include <atomic>

namespace logboom {

class failure_log {
  public:
    failure_log(counter total, const clock& time, logger log)
        : total_(std::move(total)), time_(time), log_(std::move(log)) {}

    /// `what` is a full sentence.
    void add(std::string_view what) {
        total_.add();
        const auto now = time_.steady().count();
        auto until = silent_until_.load(std::memory_order_relaxed);
        if (now < until || !silent_until_.compare_exchange_strong(until, now + silence.count())) {
            return;
        }
        log_.warn("{} failures={}", what, total_.value());
    }

  private:
    static constexpr std::chrono::nanoseconds silence = std::chrono::minutes(1);

    const counter total_;
    const clock& time_;
    logger log_;
    /// By the steady clock.
    std::atomic<std::int64_t> silent_until_{0};
};

} // namespace logboom
