#include "buffer/log/log_bounds.h"

#include "base/assertion.h"

#include <algorithm>

namespace logboom::log {

log_bounds::log_bounds(const opening& found)
    : start_(found.start)
    , end_(found.end)
    , flushed_(found.durable)
    , recovery_point_(found.durable)
    , clean_until_(found.clean_until) {
    check();
}

void log_bounds::check() const {
    LB_ASSERT(start_.value() >= 0);
    LB_ASSERT(start_ <= high_watermark());
    LB_ASSERT(high_watermark() <= end_);
    LB_ASSERT(recovery_point_ <= flushed_);
    LB_ASSERT(flushed_ <= end_);
    LB_ASSERT(clean_until_ <= end_);
}

void log_bounds::extend(offset end) {
    LB_ASSERT(end > end_);
    end_ = end;
    check();
}

void log_bounds::raise_start(offset start) {
    LB_ASSERT(start <= end_);
    start_ = std::max(start_, start);
    if (watermark_) {
        // Nothing below the start is there to be waited for.
        watermark_ = std::max(*watermark_, start_);
    }
    check();
}

void log_bounds::cover(offset covered, bool with_indexes) {
    LB_ASSERT(covered <= end_);
    flushed_ = std::max(flushed_, covered);
    if (with_indexes) {
        recovery_point_ = std::max(recovery_point_, covered);
    }
    check();
}

void log_bounds::note_clean(offset until) {
    LB_ASSERT(until <= end_);
    clean_until_ = std::max(clean_until_, until);
    check();
}

void log_bounds::cut(offset end) {
    LB_ASSERT(end <= end_);
    end_ = end;
    // The start may be in the middle of the batch that was cut.
    start_ = std::min(start_, end_);
    if (watermark_) {
        watermark_ = std::min(*watermark_, end_);
    }
    flushed_ = std::min(flushed_, end_);
    recovery_point_ = std::min(recovery_point_, end_);
    clean_until_ = std::min(clean_until_, end_);
    check();
}

void log_bounds::follow_replicas() {
    watermark_ = high_watermark();
    check();
}

void log_bounds::advance_high_watermark(offset watermark) {
    if (watermark_) {
        watermark_ = std::max(*watermark_, std::min(watermark, end_));
    }
    check();
}

} // namespace logboom::log
