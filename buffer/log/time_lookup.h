// Records by their time, as ListOffsets asks for them: the index says which batch, the batch itself
// which record. Functions without state.
#pragma once

#include "buffer/log/segment_list.h"

#include <optional>

namespace logboom::log {

struct timestamp_offset {
    timestamp_ms timestamp{-1};
    logboom::offset offset{-1};
    leader_epoch epoch{-1};
};

struct time_lookup_limits {
    /// Where the log begins: what lies before it is not found.
    offset start;
    /// Of a compressed batch.
    std::size_t unpacked_size_max = 0;
};

/// The first record with a timestamp >= `wanted`; nothing when there is none.
result<std::optional<timestamp_offset>>
find_time(const segment_list& segments, timestamp_ms wanted, const time_lookup_limits& limits);
/// The record with the largest timestamp; nothing when there is none.
result<std::optional<timestamp_offset>>
find_max_timestamp(const segment_list& segments, const time_lookup_limits& limits);

} // namespace logboom::log
