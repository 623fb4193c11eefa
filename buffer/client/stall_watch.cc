#include "buffer/client/stall_watch.h"

#include <utility>

namespace logboom::client {
namespace {

constexpr std::chrono::minutes repeat_after{1};

} // namespace

stall_watch::finding
stall_watch::look(std::chrono::nanoseconds now, bool is_waiting, std::int64_t settled) {
    const bool begins = !std::exchange(was_waiting_, is_waiting);
    if (!is_waiting || begins || settled != settled_) {
        settled_ = settled;
        since_ = now;
        is_suspicious_ = false;
        return std::exchange(is_stalled_, false) ? finding::moves_again : finding::nothing_new;
    }
    is_suspicious_ = lasting(now) >= bearable_ / 2;
    if (lasting(now) < bearable_ || (is_stalled_ && now < next_complaint_)) {
        return finding::nothing_new;
    }
    is_stalled_ = true;
    next_complaint_ = now + repeat_after;
    return finding::stalled;
}

} // namespace logboom::client
