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

} // namespace logboom::log
