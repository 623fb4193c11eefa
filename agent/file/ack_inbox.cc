#include "agent/file/ack_inbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace logboom::agent {

ack_inbox::ack_inbox() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (descriptor_ < 0) {
        throw error_exception(last_os_error("eventfd"));
    }
}

ack_inbox::~ack_inbox() {
    ::close(descriptor_);
}

void ack_inbox::post(const handed_range& range, ack_verdict verdict) {
    bool wakes = false;
    {
        const std::lock_guard lock(mutex_);
        wakes = reports_.empty() && !may_wait_;
        reports_.push_back({range, verdict});
    }
    if (wakes) {
        wake();
    }
}

void ack_inbox::wake() noexcept {
    const std::uint64_t one = 1;
    // A full counter is readable already.
    [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

bool ack_inbox::let_wait(bool may_wait) {
    const std::lock_guard lock(mutex_);
    may_wait_ = may_wait;
    return !reports_.empty();
}

void ack_inbox::take(std::vector<report>& into) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(descriptor_, &count, sizeof count);
    into.clear();
    const std::lock_guard lock(mutex_);
    into.swap(reports_);
}

} // namespace logboom::agent
