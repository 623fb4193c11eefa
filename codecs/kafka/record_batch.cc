#include "codecs/kafka/record_batch.h"

#include "base/crc32c.h"

namespace logboom::kafka {

std::uint32_t record_batch_view::computed_crc() const noexcept {
    return crc32c(data_.subspan(batch_field::attributes, size() - batch_field::attributes));
}

void patch_max_timestamp(mutable_bytes batch, timestamp_ms to) noexcept {
    store_big(batch.data() + batch_field::max_timestamp, to.value());
    store_big(batch.data() + batch_field::crc, record_batch_view(batch).computed_crc());
}

void patch_append_time(mutable_bytes batch, timestamp_ms now) noexcept {
    constexpr std::uint16_t log_append_time_bit = 0x08U;
    const record_batch_view before(batch);
    const auto attributes = static_cast<std::uint16_t>(before.attributes() | log_append_time_bit);
    store_big(batch.data() + batch_field::attributes, attributes);
    patch_max_timestamp(batch, now);
}

result<void> check_batch(bytes_view data) {
    constexpr std::int32_t length_min = batch_header_size - batch_overhead;
    if (data.size() < batch_header_size) {
        return error(record_errc::corrupt_message, "shorter than a batch header");
    }
    const record_batch_view batch(data);
    if (batch.length() < length_min || batch.size() > data.size()) {
        return error(record_errc::corrupt_message, "batch length");
    }
    if (batch.magic() != 2) {
        return error(record_errc::corrupt_message, "magic");
    }
    if (batch.computed_crc() != batch.crc()) {
        return error(record_errc::corrupt_message, "checksum");
    }
    return {};
}

} // namespace logboom::kafka
