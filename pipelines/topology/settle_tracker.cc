#include "pipelines/topology/settle_tracker.h"

namespace logboom::pipelines {

ack_token settle_tracker::wrap(ack_token inner, ack_token::callback on_final) {
    {
        const std::lock_guard lock(mutex_);
        ++open_;
        unsettled_.add(1);
    }
    // std::function wants what it holds to be copyable.
    auto held = std::make_shared<ack_token>(std::move(inner));
    return ack_token(
        [self = shared_from_this(), held, on_final = std::move(on_final)](ack_verdict verdict) {
            if (verdict == ack_verdict::delivered) {
                held->delivered();
            } else {
                held->lost();
            }
            if (on_final) {
                on_final(verdict);
            }
            self->settle(verdict);
        }
    );
}

void settle_tracker::settle(ack_verdict verdict) {
    if (verdict == ack_verdict::lost) {
        lost_.add();
    }
    unsettled_.add(-1);
    std::function<void()> hook;
    {
        const std::lock_guard lock(mutex_);
        LB_ASSERT(open_ > 0);
        if (--open_ == 0) {
            hook = hook_;
        }
        if (!hook) {
            return;
        }
        ++hooks_running_;
    }
    hook();
    // Under the lock, so that whoever waits does not go before the call has been made.
    const std::lock_guard lock(mutex_);
    --hooks_running_;
    hook_returned_.notify_all();
}

void settle_tracker::on_idle(std::function<void()> hook) {
    std::unique_lock lock(mutex_);
    hook_ = std::move(hook);
    hook_returned_.wait(lock, [&] { return hooks_running_ == 0; });
}

bool settle_tracker::is_idle() const {
    return open() == 0;
}

std::size_t settle_tracker::open() const {
    const std::lock_guard lock(mutex_);
    return open_;
}

} // namespace logboom::pipelines
