#include "buffer/log/append_rules.h"

#include "base/assertion.h"

#include <algorithm>

namespace logboom::log {

using kafka::record_batch_view;

result<void> check_client_batch(
    mutable_bytes records, const log_config& config, api_version produce, timestamp_ms now
) {
    LB_TRY(
        const timestamp_ms largest,
        kafka::validate_produced(
            records,
            {
                .message_size_max = static_cast<std::size_t>(config.max_message_bytes),
                .produce = produce,
                .keys_required = config.cleanup_compact,
                .deep = config.validate_deep,
                .before_ms_max = config.message_timestamp_before_max_ms,
                .after_ms_max = config.message_timestamp_after_max_ms,
                .time_type = config.message_timestamp_type,
                .now = now,
                .unpacked_size_max = log_config::unpacked_size_max,
            }
        )
    );
    const record_batch_view batch(records);
    LB_ASSERT(batch.size() == records.size());
    if (config.message_timestamp_type == kafka::timestamp_type::create_time &&
        largest != batch.max_timestamp()) {
        kafka::patch_max_timestamp(records, largest);
    }
    return {};
}

result<void> check_own_batches(bytes_view records) {
    constexpr auto length_min =
        static_cast<std::int32_t>(kafka::batch_header_size - kafka::batch_overhead);
    LB_ASSERT(!records.empty());
    while (!records.empty()) {
        if (records.size() < kafka::batch_header_size) {
            return error(kafka::record_errc::corrupt_message, "shorter than a batch header");
        }
        const record_batch_view batch(records);
        if (batch.length() < length_min || batch.size() > records.size() || batch.magic() != 2 ||
            !batch.offsets_are_sane()) {
            return error(kafka::record_errc::corrupt_message, "batch length");
        }
        records = records.subspan(batch.size());
    }
    return {};
}

void stamp_batches(mutable_bytes records, const batch_stamp& stamp) {
    LB_ASSERT(stamp.base_offset.value() >= 0);
    offset next = stamp.base_offset;
    while (!records.empty()) {
        const record_batch_view batch(records);
        const mutable_bytes whole = records.first(batch.size());
        kafka::patch_base_offset(whole, next);
        kafka::patch_leader_epoch(whole, stamp.epoch);
        if (stamp.append_time) {
            kafka::patch_append_time(whole, *stamp.append_time);
        }
        LB_ASSERT(batch.next_offset() > next);
        next = batch.next_offset();
        records = records.subspan(whole.size());
    }
}

result<bool>
must_roll(segment& active, bytes_view records, const log_config& config, timestamp_ms now) {
    LB_ASSERT(!records.empty());
    if (active.size() == 0) {
        return false;
    }
    const record_batch_view first_batch(records);
    std::int64_t records_offsets = 0;
    for (bytes_view left = records; !left.empty();) {
        const record_batch_view each(left);
        records_offsets += std::int64_t{each.last_offset_delta()} + 1;
        left = left.subspan(each.size());
    }
    const bool too_big = std::cmp_greater(active.size() + records.size(), config.segment_bytes);
    const bool index_full =
        std::cmp_greater(active.index_bytes() + offset_row::size, config.segment_index_bytes);
    if (too_big || index_full || !active.reaches(active.end() + (records_offsets - 1))) {
        return true;
    }
    // The active segment is never compacted: it must not grow older than compaction may wait.
    const std::int64_t age_max = config.cleanup_compact
                                     ? std::min(config.segment_ms, config.max_compaction_lag_ms)
                                     : config.segment_ms;
    LB_TRY(const timestamp_ms first, active.first_timestamp());
    if (first.value() < 0) {
        return now - active.age().begun > age_max;
    }
    const bool own_time = config.message_timestamp_type == kafka::timestamp_type::log_append_time;
    const timestamp_ms coming = own_time ? now : first_batch.max_timestamp();
    return coming - first > age_max;
}

} // namespace logboom::log
