// How many bytes of requests may be in memory at once (queued.max.request.bytes), over all
// connections. Who finds it exhausted stops reading its socket and is called when there is room
// again; so a flood of requests slows its senders down instead of growing the process. On the loop.
#pragma once

#include "base/assertion.h"

#include <cstdint>
#include <deque>
#include <functional>

namespace logboom::broker {

class memory_budget {
  public:
    explicit memory_budget(std::int64_t max) : max_(max) {}

    /// May a connection that holds `own` bytes read on? One that holds all there is may, so that a
    /// single request larger than the budget still passes.
    [[nodiscard]] bool may_read(std::int64_t own) const noexcept {
        return used_ < max_ || used_ == own;
    }
    void charge(std::int64_t bytes) noexcept { used_ += bytes; }
    void release(std::int64_t bytes) {
        LB_ASSERT(bytes <= used_);
        used_ -= bytes;
        while (used_ < max_ && !waiting_.empty()) {
            const auto call = std::move(waiting_.front());
            waiting_.pop_front();
            call();
        }
    }
    /// `call` once there is room. It must not read at once, only see to it that it will.
    void wait(std::function<void()> call) { waiting_.push_back(std::move(call)); }

    [[nodiscard]] std::int64_t used() const noexcept { return used_; }

  private:
    std::int64_t max_;
    std::int64_t used_ = 0;
    std::deque<std::function<void()>> waiting_;
};

} // namespace logboom::broker
