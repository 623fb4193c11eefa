// What happens to batches between a request and the write: the checks of a Produce request, the
// place in the log that they get, and whether they need a new segment. Functions without state.
#pragma once

#include "buffer/log/log_config.h"
#include "buffer/log/segment.h"
#include "codecs/kafka/record_batch_validation.h"

#include <optional>

namespace logboom::log {

/// The checks for one batch that came from a client; its max timestamp is set right. Errors:
/// record_errc.
result<void> check_client_batch(
    mutable_bytes records, const log_config& config, api_version produce, timestamp_ms now
);
/// Batches of our own making still come through pointers: their frame must hold. Errors:
/// record_errc.
result<void> check_own_batches(bytes_view records);

struct batch_stamp {
    /// Of the first batch; the others follow.
    offset base_offset;
    leader_epoch epoch;
    /// With message.timestamp.type=LogAppendTime.
    std::optional<timestamp_ms> append_time;
};
/// Gives each batch its place in the log. The records must have been checked.
void stamp_batches(mutable_bytes records, const batch_stamp& stamp);

/// Kafka's conditions for a new segment: size, age of the first batch, a full index, offsets too
/// far apart. The records must have been checked.
result<bool>
must_roll(segment& active, bytes_view records, const log_config& config, timestamp_ms now);

} // namespace logboom::log
