#include "buffer/log/retention.h"

#include "base/assertion.h"

namespace logboom::log {

std::size_t count_expired(
    const segment_list& segments,
    const log_bounds& bounds,
    const log_config& config,
    timestamp_ms now
) {
    std::int64_t excess =
        config.retention_bytes < 0
            ? -1
            : static_cast<std::int64_t>(segments.size_bytes()) - config.retention_bytes;
    std::size_t count = 0;
    for (; count < segments.size(); ++count) {
        segment& each = segments.at(count);
        const bool is_active = count + 1 == segments.size();
        if ((is_active && each.size() == 0) || each.end() > bounds.high_watermark()) {
            break;
        }
        const timestamp_ms newest =
            each.max_timestamp().value() >= 0 ? each.max_timestamp() : each.age().written;
        const bool is_old =
            config.cleanup_delete && config.retention_ms >= 0 && now - newest > config.retention_ms;
        const auto size = static_cast<std::int64_t>(each.size());
        const bool is_surplus = config.cleanup_delete && excess >= 0 && excess >= size;
        const bool is_below_start = each.end() <= bounds.start() && !is_active;
        if (!is_old && !is_surplus && !is_below_start) {
            break;
        }
        excess -= size;
    }
    LB_ASSERT(count == 0 || segments.at(count - 1).end() <= bounds.high_watermark());
    return count;
}

std::size_t count_below(const segment_list& segments, offset start) {
    std::size_t count = 0;
    while (count + 1 < segments.size() && segments.at(count).end() <= start) {
        ++count;
    }
    LB_ASSERT(count < segments.size());
    return count;
}

} // namespace logboom::log
