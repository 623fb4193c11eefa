// Counts the batches of a pipeline that are not yet settled: wraps each batch's token, so that the
// pipeline knows when everything is final. Shared by the tokens it has wrapped. Thread-safe.
#pragma once

#include "base/assertion.h"
#include "base/metrics.h"
#include "event/ack.h"

#include <condition_variable>
#include <mutex>

namespace logboom::pipelines {

class settle_tracker : public std::enable_shared_from_this<settle_tracker> {
  public:
    settle_tracker(counter lost, gauge unsettled)
        : lost_(std::move(lost)), unsettled_(std::move(unsettled)) {}

    /// A token that settles `inner` when it is settled, and then tells `on_final`
    /// if there is one.
    ack_token wrap(ack_token inner, ack_token::callback on_final = {});
    /// Calls `hook` each time the count falls to zero, on the thread that settled. Returns when no
    /// call of the hook before it is under way any more, so what that one used may go; not to be
    /// called from within a hook.
    void on_idle(std::function<void()> hook);
    [[nodiscard]] bool is_idle() const;
    [[nodiscard]] std::size_t open() const;

  private:
    void settle(ack_verdict verdict);

    mutable std::mutex mutex_;
    std::size_t open_ = 0;
    std::function<void()> hook_;
    std::size_t hooks_running_ = 0;
    std::condition_variable hook_returned_;
    const counter lost_;
    const gauge unsettled_;
};

} // namespace logboom::pipelines
