#include "codecs/kafka/record_batch_builder.h"

#include "codecs/kafka/record_varint.h"

#include <algorithm>

namespace logboom::kafka {
namespace {

void put_nullable(std::vector<std::byte>& into, const std::optional<bytes_view>& value) {
    put_varint(into, value ? static_cast<std::int64_t>(value->size()) : -1);
    if (value) {
        put_bytes(into, *value);
    }
}

std::uint16_t attributes_of(const batch_options& options) noexcept {
    return static_cast<std::uint16_t>(
        static_cast<unsigned>(options.compression) |
        (static_cast<unsigned>(options.time_type) << 3U) | (options.transactional ? 0x10U : 0U) |
        (options.control ? 0x20U : 0U)
    );
}

} // namespace

void record_batch_builder::add(
    timestamp_ms at,
    std::optional<bytes_view> key,
    std::optional<bytes_view> value,
    std::span<const record_header> headers
) {
    record fields;
    fields.key = key;
    fields.value = value;
    std::vector<std::byte> encoded;
    put_varint(encoded, static_cast<std::int64_t>(headers.size()));
    for (const record_header& each : headers) {
        put_varint(encoded, static_cast<std::int64_t>(each.key.size()));
        put_bytes(encoded, as_bytes(each.key));
        put_nullable(encoded, each.value);
    }
    put(at, last_delta_ + 1, fields, encoded);
}

void record_batch_builder::add_at(std::int32_t offset_delta, const record& from) {
    LB_ASSERT(offset_delta > last_delta_);
    std::vector<std::byte> encoded;
    record_header_range headers = from.headers;
    put_varint(encoded, headers.size());
    record_header each;
    while (headers.next(each)) {
        put_varint(encoded, static_cast<std::int64_t>(each.key.size()));
        put_bytes(encoded, as_bytes(each.key));
        put_nullable(encoded, each.value);
    }
    put(from.timestamp, offset_delta, from, encoded);
}

void record_batch_builder::put(
    timestamp_ms at, std::int32_t delta, const record& fields, bytes_view headers
) {
    if (count_ == 0) {
        base_timestamp_ = at.value();
    }
    max_timestamp_ = count_ == 0 ? at.value() : std::max(max_timestamp_, at.value());
    scratch_.clear();
    scratch_.push_back(std::byte{0});
    put_varint(scratch_, at.value() - base_timestamp_);
    put_varint(scratch_, delta);
    put_nullable(scratch_, fields.key);
    put_nullable(scratch_, fields.value);
    put_bytes(scratch_, headers);
    put_varint(payload_, static_cast<std::int64_t>(scratch_.size()));
    put_bytes(payload_, scratch_);
    last_delta_ = delta;
    ++count_;
}

result<std::vector<std::byte>>
record_batch_builder::finish(std::optional<std::int32_t> last_offset_delta) {
    if (count_ == 0) {
        // An empty batch has no payload at all, packed or not.
        options_.compression = compress::codec::none;
    }
    LB_TRY(const bytes packed, compress::compress(options_.compression, payload_));
    std::vector<std::byte> batch(batch_header_size);
    put_bytes(batch, packed.view());
    const auto put_field = [&batch](std::size_t where, auto value) {
        store_big(batch.data() + where, value);
    };
    put_field(batch_field::base_offset, options_.base_offset.value());
    put_field(batch_field::length, static_cast<std::int32_t>(batch.size() - batch_overhead));
    put_field(batch_field::leader_epoch, options_.epoch.value());
    put_field(batch_field::magic, std::int8_t{2});
    put_field(batch_field::attributes, attributes_of(options_));
    put_field(batch_field::last_offset_delta, last_offset_delta.value_or(std::max(last_delta_, 0)));
    put_field(batch_field::base_timestamp, count_ == 0 ? std::int64_t{-1} : base_timestamp_);
    put_field(batch_field::max_timestamp, max_timestamp_);
    put_field(batch_field::producer_id, options_.producer.value());
    put_field(batch_field::producer_epoch, options_.epoch_of_producer.value());
    put_field(batch_field::base_sequence, options_.base_sequence);
    put_field(batch_field::record_count, count_);
    put_field(batch_field::crc, record_batch_view(batch).computed_crc());
    payload_.clear();
    count_ = 0;
    last_delta_ = -1;
    max_timestamp_ = -1;
    return batch;
}

} // namespace logboom::kafka
