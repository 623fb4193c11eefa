// Message sets of format 0 and 1 (Kafka before 0.11). The log stores batches v2 only: what old
// producers send (Produce 0-2) is converted up on arrival, what old consumers ask for (Fetch 0-3)
// is converted down on the way out. Both copy and unpack, within limits. Any thread.
#pragma once

#include "codecs/kafka/record_batch_builder.h"

namespace logboom::kafka {

struct legacy_limits {
    /// Sum of the unpacked bytes of one conversion.
    std::size_t unpacked_size_max = 64U << 20U;
    /// Records of one conversion.
    std::size_t records_max = 1'000'000;
};

/// A message set as one batch v2 with the same compression. Messages of format 0 get no timestamp
/// (-1). A set that is already of format 2 is copied.
result<std::vector<std::byte>> convert_up(bytes_view message_set, const legacy_limits& limits);

/// Batches v2 back to back (an incomplete one at the end is left out) as a message set of `magic` 0
/// or 1. Records below `from` and control batches are left out, headers are dropped. Compression is
/// kept where the old format knows it (gzip, snappy, and lz4 in format 1).
result<std::vector<std::byte>>
convert_down(bytes_view batches, std::int8_t magic, offset from, const legacy_limits& limits);

} // namespace logboom::kafka
