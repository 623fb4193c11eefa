// What a broker checks before it takes records from a client: the whole of Kafka's table, an error
// code each (record_errc). Uncompressed batches are walked record by record, always; compressed
// ones are unpacked only when a rule needs to see records. Any thread.
#pragma once

#include "codecs/kafka/record_batch.h"

#include <limits>

namespace logboom::kafka {

struct validation_rules {
    /// max.message.bytes.
    std::size_t message_size_max = 1'048'588;
    /// Version of the Produce request.
    api_version produce{9};
    /// cleanup.policy has compact: every record needs a key.
    bool keys_required = false;
    /// Look at the records of compressed batches too.
    bool deep = false;
    /// message.timestamp.before/after.max.ms, compared with `now`; ignored for LogAppendTime.
    std::int64_t before_ms_max = std::numeric_limits<std::int64_t>::max();
    std::int64_t after_ms_max = 3'600'000;
    timestamp_type time_type = timestamp_type::create_time;
    timestamp_ms now{0};
    /// What a compressed batch may unpack to.
    std::size_t unpacked_size_max = 64U << 20U;
};

/// `records`: the records field of one partition in a Produce request of version 3 or later:
/// exactly one batch v2. An error's context names the record at fault. Gives the time that the
/// header's maximum must be: not every client sets it (Sarama before 2025 leaves it at -1), and
/// Kafka does it for them.
result<timestamp_ms> validate_produced(bytes_view records, const validation_rules& rules);

} // namespace logboom::kafka
