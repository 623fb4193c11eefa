// Which segments a log may part with: decisions only, partition_log carries them out. Pure
// functions over the list.
#pragma once

#include "buffer/log/log_bounds.h"
#include "buffer/log/log_config.h"
#include "buffer/log/segment_list.h"

namespace logboom::log {

/// How many from the front go for one of Kafka's three reasons: age, size, the log's start. The
/// active one may be among them when it is not empty: then there must be a new one first.
[[nodiscard]] std::size_t count_expired(
    const segment_list& segments,
    const log_bounds& bounds,
    const log_config& config,
    timestamp_ms now
);

/// How many from the front, without the active one, have nothing at or above `start`.
[[nodiscard]] std::size_t count_below(const segment_list& segments, offset start);

} // namespace logboom::log
