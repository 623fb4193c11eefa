// What a topic's configuration says about its log: Kafka's names and defaults (a dot is an
// underscore here). A plain value; partition_log::configure takes a changed one at any time.
#pragma once

#include "codecs/kafka/record_batch_validation.h"

#include <cstdint>
#include <limits>

namespace logboom::log {

struct log_config {
    static constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

    std::int64_t segment_bytes = 1'073'741'824;
    std::int64_t segment_ms = 604'800'000;
    std::int64_t segment_index_bytes = 10'485'760;
    /// -1: for ever.
    std::int64_t retention_ms = 604'800'000;
    /// -1: no limit.
    std::int64_t retention_bytes = -1;
    std::int64_t index_interval_bytes = 4096;
    std::int64_t max_message_bytes = 1'048'588;
    kafka::timestamp_type message_timestamp_type = kafka::timestamp_type::create_time;
    std::int64_t message_timestamp_before_max_ms = unlimited;
    std::int64_t message_timestamp_after_max_ms = 3'600'000;
    /// After how many records, or how long after an append, the caller should flush: see
    /// partition_log::flush_due.
    std::int64_t flush_messages = unlimited;
    std::int64_t flush_ms = unlimited;
    /// cleanup.policy, which may be both.
    bool cleanup_delete = true;
    bool cleanup_compact = false;
    double min_cleanable_dirty_ratio = 0.5;
    std::int64_t delete_retention_ms = 86'400'000;
    std::int64_t min_compaction_lag_ms = 0;
    std::int64_t max_compaction_lag_ms = unlimited;
    std::int64_t file_delete_delay_ms = 60'000;
    /// producer.id.expiration.ms.
    std::int64_t producer_id_expiration_ms = 86'400'000;
    /// What a compressed batch may unpack to where the log must look inside.
    std::size_t unpacked_size_max = 64U << 20U;
    /// logboom.validate.records=deep: look into compressed batches before taking them.
    bool validate_deep = false;
};

} // namespace logboom::log
