// What a topic's configuration says about its log, under Kafka's names (a dot is an underscore
// here). The defaults stand in the table of keys (buffer/broker/config). A plain value;
// partition_log::configure takes a changed one at any time.
#pragma once

#include "codecs/kafka/record_batch_validation.h"

#include <cstdint>
#include <limits>

namespace logboom::log {

struct log_config {
    static constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();
    /// What a compressed batch may unpack to where the log must look inside.
    static constexpr std::size_t unpacked_size_max = 64U << 20U;

    std::int64_t segment_bytes{};
    std::int64_t segment_ms{};
    std::int64_t segment_index_bytes{};
    /// -1: for ever.
    std::int64_t retention_ms{};
    /// -1: no limit.
    std::int64_t retention_bytes{};
    std::int64_t index_interval_bytes{};
    std::int64_t max_message_bytes{};
    kafka::timestamp_type message_timestamp_type{};
    std::int64_t message_timestamp_before_max_ms{};
    std::int64_t message_timestamp_after_max_ms{};
    /// After how many records, or how long after an append, the caller should flush: see
    /// partition_log::flush_due.
    std::int64_t flush_messages{};
    std::int64_t flush_ms{};
    /// cleanup.policy, which may be both.
    bool cleanup_delete{};
    bool cleanup_compact{};
    double min_cleanable_dirty_ratio{};
    std::int64_t delete_retention_ms{};
    std::int64_t min_compaction_lag_ms{};
    std::int64_t max_compaction_lag_ms{};
    std::int64_t file_delete_delay_ms{};
    /// producer.id.expiration.ms.
    std::int64_t producer_id_expiration_ms{};
    /// logboom.validate.records=deep: look into compressed batches before taking them.
    bool validate_deep{};
};

} // namespace logboom::log
