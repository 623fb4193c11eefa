#include "codecs/kafka/record_batch_validation.h"

#include "codecs/kafka/record_batch_reader.h"

namespace logboom::kafka {
namespace {

constexpr std::int16_t zstd_since_produce = 7;

/// Framing: one batch v2, whole and unharmed, no more.
result<void> check_frame(bytes_view records, const validation_rules& rules) {
    if (records.empty()) {
        return error(record_errc::invalid_record, "no batch");
    }
    if (records.size() <= batch_field::magic) {
        return error(record_errc::corrupt_message, "shorter than a batch header");
    }
    if (std::to_integer<int>(records[batch_field::magic]) != 2) {
        return error(record_errc::invalid_record, "magic is not 2");
    }
    if (records.size() < batch_header_size) {
        return error(record_errc::corrupt_message, "shorter than a batch header");
    }
    const record_batch_view batch(records);
    if (batch.length() < static_cast<std::int32_t>(batch_header_size - batch_overhead) ||
        batch.size() > records.size()) {
        return error(record_errc::corrupt_message, "batch length");
    }
    if (batch.size() > rules.message_size_max) {
        return error(record_errc::message_too_large, std::to_string(batch.size()) + " bytes");
    }
    const std::size_t behind = records.size() - batch.size();
    if (behind >= batch_header_size) {
        return error(record_errc::invalid_record, "more than one batch");
    }
    if (behind > 0) {
        return error(record_errc::corrupt_message, "bytes behind the batch");
    }
    return check_batch(records);
}

/// Header fields that a producer must set just so.
result<void> check_header(const record_batch_view& batch, const validation_rules& rules) {
    if (batch.compression() > compress::codec::zstd) {
        return error(record_errc::corrupt_message, "unknown compression codec");
    }
    if (batch.compression() == compress::codec::zstd &&
        rules.produce.value() < zstd_since_produce) {
        return error(record_errc::unsupported_compression_type, "zstd");
    }
    if (batch.base_offset() != offset(0)) {
        return error(record_errc::invalid_record, "base offset is not 0");
    }
    if (batch.record_count() <= 0) {
        return error(record_errc::invalid_record, "no records");
    }
    if (std::int64_t{batch.record_count()} != std::int64_t{batch.last_offset_delta()} + 1) {
        return error(record_errc::invalid_record, "record count and last offset delta disagree");
    }
    if (batch.is_control()) {
        return error(record_errc::invalid_record, "control batch from a client");
    }
    if (batch.has_producer() &&
        (batch.base_sequence() < 0 || batch.epoch_of_producer().value() < 0)) {
        return error(record_errc::invalid_record, "producer id without sequence or epoch");
    }
    if (!batch.has_producer() && batch.is_transactional()) {
        return error(record_errc::invalid_record, "transactional batch without producer id");
    }
    if (batch.time_type() == timestamp_type::log_append_time) {
        return error(record_errc::invalid_timestamp, "timestamp type LogAppendTime from a client");
    }
    return {};
}

result<void> check_time(timestamp_ms at, const validation_rules& rules) {
    if (at.value() < 0) {
        return {};
    }
    const std::int64_t age = rules.now.value() - at.value();
    if (age > rules.before_ms_max || -age > rules.after_ms_max) {
        return error(record_errc::invalid_timestamp, "timestamp " + std::to_string(at.value()));
    }
    return {};
}

timestamp_ms time_of(const record_batch_view& batch, std::int64_t delta) noexcept {
    return timestamp_ms(static_cast<std::int64_t>(
        static_cast<std::uint64_t>(batch.base_timestamp().value()) +
        static_cast<std::uint64_t>(delta)
    ));
}

/// Gives the largest time.
result<timestamp_ms>
check_records(bytes_view payload, const record_batch_view& batch, const validation_rules& rules) {
    LB_TRY(const walked_records found, walk_records(payload, batch.record_count()));
    if (rules.keys_required && found.first_keyless >= 0) {
        return error(
            record_errc::invalid_record,
            "record " + std::to_string(found.first_keyless) + " of a compacted topic has no key"
        );
    }
    const timestamp_ms largest = time_of(batch, found.timestamp_delta_max);
    if (rules.time_type == timestamp_type::create_time) {
        LB_CHECK(check_time(time_of(batch, found.timestamp_delta_min), rules));
        LB_CHECK(check_time(largest, rules));
    }
    return largest;
}

bool must_unpack(const record_batch_view& batch, const validation_rules& rules) noexcept {
    const bool times_matter = rules.time_type == timestamp_type::create_time;
    const bool oldest_matters =
        times_matter && rules.before_ms_max != std::numeric_limits<std::int64_t>::max();
    const bool largest_is_unset = times_matter && batch.max_timestamp() < batch.base_timestamp();
    return rules.deep || rules.keys_required || oldest_matters || largest_is_unset;
}

} // namespace

result<timestamp_ms> validate_produced(bytes_view records, const validation_rules& rules) {
    LB_CHECK(check_frame(records, rules));
    const record_batch_view batch(records);
    LB_CHECK(check_header(batch, rules));
    if (batch.compression() == compress::codec::none) {
        return check_records(batch.payload(), batch, rules);
    }
    if (must_unpack(batch, rules)) {
        LB_TRY(const record_reader unpacked, record_reader::open(records, rules.unpacked_size_max));
        return check_records(unpacked.payload(), batch, rules);
    }
    // The header's maximum is the producer's word for what is inside.
    if (rules.time_type == timestamp_type::create_time) {
        LB_CHECK(check_time(batch.max_timestamp(), rules));
    }
    return batch.max_timestamp();
}

} // namespace logboom::kafka
