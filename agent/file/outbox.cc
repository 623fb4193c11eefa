#include "agent/file/outbox.h"

namespace logboom::agent {

bool outbox::put(line_batch batch) {
    LB_ASSERT(batch.events != nullptr);
    batch.events->ack = ack_token([inbox = inbox_, range = batch.range](ack_verdict verdict) {
        inbox->post(range, verdict);
    });
    const bool was_full = is_full();
    waiting_.push_back(std::move(batch.events));
    return was_full || hand_over();
}

bool outbox::hand_over() {
    while (!waiting_.empty()) {
        switch (sink_->offer(waiting_.front(), inbox_)) {
        case offer_outcome::taken:
            waiting_.pop_front();
            break;
        case offer_outcome::full:
            return true;
        case offer_outcome::refused:
            return false;
        }
    }
    return true;
}

} // namespace logboom::agent
