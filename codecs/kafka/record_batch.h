// Record batch v2: the unit that a producer sends, the log stores and a consumer gets, byte for
// byte (docs/log_format.md has the table). A view borrows the bytes; patching happens in place, in
// the buffer the request was read into, just before it is written to the log. Any thread.
#pragma once

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "codecs/compress/compress.h"
#include "codecs/kafka/record_errc.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace logboom::kafka {

constexpr std::size_t batch_header_size = 61;
/// baseOffset and batchLength, which batchLength does not count.
constexpr std::size_t batch_overhead = 12;

enum class timestamp_type : std::uint8_t { create_time = 0, log_append_time = 1 };

/// Where each header field begins.
namespace batch_field {
constexpr std::size_t base_offset = 0;
constexpr std::size_t length = 8;
constexpr std::size_t leader_epoch = 12;
constexpr std::size_t magic = 16;
constexpr std::size_t crc = 17;
constexpr std::size_t attributes = 21;
constexpr std::size_t last_offset_delta = 23;
constexpr std::size_t base_timestamp = 27;
constexpr std::size_t max_timestamp = 35;
constexpr std::size_t producer_id = 43;
constexpr std::size_t producer_epoch = 51;
constexpr std::size_t base_sequence = 53;
constexpr std::size_t record_count = 57;
} // namespace batch_field

template <class Integer>
Integer load_big(const std::byte* from) noexcept {
    std::make_unsigned_t<Integer> value = 0;
    std::memcpy(&value, from, sizeof value);
    if constexpr (sizeof value == 2) {
        value = __builtin_bswap16(value);
    } else if constexpr (sizeof value == 4) {
        value = __builtin_bswap32(value);
    } else if constexpr (sizeof value == 8) {
        value = __builtin_bswap64(value);
    }
    return static_cast<Integer>(value);
}
template <class Integer>
void store_big(std::byte* into, Integer given) noexcept {
    const auto value = load_big<Integer>(reinterpret_cast<const std::byte*>(&given));
    std::memcpy(into, &value, sizeof value);
}

/// A batch header and what follows it. The fields are as found: nothing is checked before validate
/// or check_batch has said so, except that the 61 header bytes are there.
class record_batch_view {
  public:
    /// `data` begins with a batch; it may be longer or (when only the header was read) shorter.
    explicit record_batch_view(bytes_view data) noexcept : data_(data) {
        LB_ASSERT(data.size() >= batch_header_size);
    }

    [[nodiscard]] offset base_offset() const noexcept { return offset(at<std::int64_t>(0)); }
    [[nodiscard]] std::int32_t length() const noexcept { return at<std::int32_t>(8); }
    /// Whole size in the log; sane only when length() is.
    [[nodiscard]] std::size_t size() const noexcept {
        return batch_overhead + static_cast<std::uint32_t>(length());
    }
    [[nodiscard]] leader_epoch epoch() const noexcept {
        return leader_epoch(at<std::int32_t>(batch_field::leader_epoch));
    }
    [[nodiscard]] std::int8_t magic() const noexcept { return at<std::int8_t>(batch_field::magic); }
    [[nodiscard]] std::uint32_t crc() const noexcept { return at<std::uint32_t>(batch_field::crc); }
    [[nodiscard]] std::uint16_t attributes() const noexcept {
        return at<std::uint16_t>(batch_field::attributes);
    }
    [[nodiscard]] std::int32_t last_offset_delta() const noexcept {
        return at<std::int32_t>(batch_field::last_offset_delta);
    }
    [[nodiscard]] offset last_offset() const noexcept {
        return base_offset() + std::int64_t{last_offset_delta()};
    }
    [[nodiscard]] offset next_offset() const noexcept { return last_offset() + 1; }
    [[nodiscard]] timestamp_ms base_timestamp() const noexcept {
        return timestamp_ms(at<std::int64_t>(batch_field::base_timestamp));
    }
    [[nodiscard]] timestamp_ms max_timestamp() const noexcept {
        return timestamp_ms(at<std::int64_t>(batch_field::max_timestamp));
    }
    [[nodiscard]] producer_id producer() const noexcept {
        return producer_id(at<std::int64_t>(batch_field::producer_id));
    }
    [[nodiscard]] producer_epoch epoch_of_producer() const noexcept {
        return producer_epoch(at<std::int16_t>(batch_field::producer_epoch));
    }
    [[nodiscard]] std::int32_t base_sequence() const noexcept {
        return at<std::int32_t>(batch_field::base_sequence);
    }
    [[nodiscard]] std::int32_t record_count() const noexcept {
        return at<std::int32_t>(batch_field::record_count);
    }

    /// No arithmetic on these offsets can overflow.
    [[nodiscard]] bool offsets_are_sane() const noexcept {
        constexpr std::int64_t base_max = std::numeric_limits<std::int64_t>::max() - (1LL << 32U);
        return base_offset().value() >= 0 && base_offset().value() <= base_max &&
               last_offset_delta() >= 0;
    }

    /// Bits 0-2 as they are; may be a codec nobody knows.
    [[nodiscard]] compress::codec compression() const noexcept {
        return static_cast<compress::codec>(attributes() & 0x07U);
    }
    [[nodiscard]] timestamp_type time_type() const noexcept {
        return static_cast<timestamp_type>((attributes() >> 3U) & 1U);
    }
    [[nodiscard]] bool is_transactional() const noexcept { return (attributes() & 0x10U) != 0; }
    [[nodiscard]] bool is_control() const noexcept { return (attributes() & 0x20U) != 0; }
    [[nodiscard]] bool has_producer() const noexcept { return producer().value() >= 0; }

    /// What the CRC must be. Needs the whole batch.
    [[nodiscard]] std::uint32_t computed_crc() const noexcept;
    /// The records, packed or not. Needs the whole batch.
    [[nodiscard]] bytes_view payload() const noexcept {
        return data_.subspan(batch_header_size, size() - batch_header_size);
    }
    /// This batch alone. Needs the whole batch.
    [[nodiscard]] bytes_view whole() const noexcept { return data_.first(size()); }

  private:
    template <class Integer>
    [[nodiscard]] Integer at(std::size_t where) const noexcept {
        return load_big<Integer>(data_.data() + where);
    }

    bytes_view data_;
};

/// Outside the CRC: nothing else changes.
inline void patch_base_offset(mutable_bytes batch, offset to) noexcept {
    store_big(batch.data() + batch_field::base_offset, to.value());
}
inline void patch_leader_epoch(mutable_bytes batch, leader_epoch to) noexcept {
    store_big(batch.data() + batch_field::leader_epoch, to.value());
}
/// Renews the CRC, too. Needs the whole batch.
void patch_max_timestamp(mutable_bytes batch, timestamp_ms to) noexcept;
/// Makes `now` the time of every record (LogAppendTime) and renews the CRC. Needs the whole batch.
void patch_append_time(mutable_bytes batch, timestamp_ms now) noexcept;

/// Is there one whole batch v2 at the start of `data`, with the right CRC? What recovery and
/// replication need; says nothing about the records inside.
result<void> check_batch(bytes_view data);

} // namespace logboom::kafka
