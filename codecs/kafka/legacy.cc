// Message sets 0 and 1: read, unpacked and built up into batches; batches taken down to them.
#include "codecs/kafka/legacy.h"

#include "codecs/kafka/record_varint.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>

namespace logboom::kafka {
namespace {

/// offset and size, which size does not count.
constexpr std::size_t entry_overhead = 12;
/// crc, magic, attributes, key size, value size.
constexpr std::size_t message_size_min = 14;
constexpr std::size_t timestamp_size = 8;
constexpr std::uint8_t codec_bits = 0x07;
constexpr std::uint8_t append_time_bit = 0x08;

struct legacy_message {
    offset at;
    std::int8_t magic = 0;
    std::uint8_t attributes = 0;
    timestamp_ms timestamp{-1};
    std::optional<bytes_view> key;
    std::optional<bytes_view> value;
};

std::uint32_t crc32_of(bytes_view data) noexcept {
    return static_cast<std::uint32_t>(
        ::crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size())
    );
}

error corrupt(const char* what) {
    return {record_errc::corrupt_message, what};
}

/// A nullable field with an int32 size; false when it does not fit.
bool take_field(bytes_view& from, std::optional<bytes_view>& out) noexcept {
    if (from.size() < sizeof(std::int32_t)) {
        return false;
    }
    const auto size = load_big<std::int32_t>(from.data());
    from = from.subspan(sizeof(std::int32_t));
    if (size < -1 || std::cmp_greater(size, from.size())) {
        return false;
    }
    out.reset();
    if (size >= 0) {
        out = from.first(static_cast<std::size_t>(size));
        from = from.subspan(static_cast<std::size_t>(size));
    }
    return true;
}

/// The first message of a set, and the rest of it.
result<legacy_message> take_message(bytes_view& set) {
    if (set.size() < entry_overhead) {
        return corrupt("message header");
    }
    legacy_message found;
    found.at = offset(load_big<std::int64_t>(set.data()));
    const auto size = load_big<std::int32_t>(set.data() + 8);
    if (size < static_cast<std::int32_t>(message_size_min) ||
        std::cmp_greater(size, set.size() - entry_overhead)) {
        return corrupt("message size");
    }
    bytes_view body = set.subspan(entry_overhead, static_cast<std::size_t>(size));
    set = set.subspan(entry_overhead + static_cast<std::size_t>(size));
    const auto crc = load_big<std::uint32_t>(body.data());
    body = body.subspan(sizeof crc);
    if (crc32_of(body) != crc) {
        return corrupt("checksum");
    }
    found.magic = load_big<std::int8_t>(body.data());
    found.attributes = load_big<std::uint8_t>(body.data() + 1);
    body = body.subspan(2);
    if (found.magic != 0 && found.magic != 1) {
        return error(record_errc::invalid_record, "magic");
    }
    if (found.magic == 1) {
        if (body.size() < timestamp_size) {
            return corrupt("message size");
        }
        found.timestamp = timestamp_ms(load_big<std::int64_t>(body.data()));
        body = body.subspan(timestamp_size);
    }
    if (!take_field(body, found.key) || !take_field(body, found.value) || !body.empty()) {
        return corrupt("message fields");
    }
    return found;
}

// ---- lz4 frames of format 0 (KAFKA-3160): their header checksum covers the frame's magic too.

/// XXH32 with seed 0 of fewer than 16 bytes.
std::uint32_t short_xxh32(bytes_view data) noexcept {
    constexpr std::uint32_t prime1 = 0x9E3779B1U;
    constexpr std::uint32_t prime2 = 0x85EBCA77U;
    constexpr std::uint32_t prime3 = 0xC2B2AE3DU;
    constexpr std::uint32_t prime4 = 0x27D4EB2FU;
    constexpr std::uint32_t prime5 = 0x165667B1U;
    std::uint32_t hash = prime5 + static_cast<std::uint32_t>(data.size());
    for (; data.size() >= sizeof(std::uint32_t); data = data.subspan(sizeof(std::uint32_t))) {
        std::uint32_t word = 0;
        std::memcpy(&word, data.data(), sizeof word);
        hash = std::rotl(hash + word * prime3, 17) * prime4;
    }
    for (const std::byte each : data) {
        hash = std::rotl(hash + std::to_integer<std::uint32_t>(each) * prime5, 11) * prime1;
    }
    hash = (hash ^ (hash >> 15U)) * prime2;
    hash = (hash ^ (hash >> 13U)) * prime3;
    return hash ^ (hash >> 16U);
}

std::vector<std::byte> with_lz4_checksum(bytes_view frame) {
    std::vector<std::byte> fixed(frame.begin(), frame.end());
    constexpr std::size_t magic_size = 4;
    constexpr unsigned content_size_flag = 0x08;
    if (frame.size() > magic_size) {
        const bool sized = (std::to_integer<unsigned>(frame[magic_size]) & content_size_flag) != 0;
        const std::size_t descriptor = sized ? 10 : 2;
        if (frame.size() > magic_size + descriptor) {
            const std::uint32_t hash = short_xxh32(frame.subspan(magic_size, descriptor));
            fixed[magic_size + descriptor] = static_cast<std::byte>((hash >> 8U) & 0xFFU);
        }
    }
    return fixed;
}

result<bytes> unpack(const legacy_message& wrapper, std::size_t size_max) {
    const auto codec = static_cast<compress::codec>(wrapper.attributes & codec_bits);
    if (codec > compress::codec::lz4) {
        return error(record_errc::unsupported_compression_type, "codec of a legacy message");
    }
    if (!wrapper.value) {
        return corrupt("compressed message without value");
    }
    auto unpacked = codec == compress::codec::lz4 && wrapper.magic == 0
                        ? compress::decompress(codec, with_lz4_checksum(*wrapper.value), size_max)
                        : compress::decompress(codec, *wrapper.value, size_max);
    if (unpacked.has_error()) {
        const bool bomb = unpacked.error().code == compress::errc::too_large;
        return error(
            bomb ? record_errc::message_too_large : record_errc::corrupt_message,
            unpacked.error().text()
        );
    }
    return unpacked;
}

/// Adds messages to a batch, looking into wrappers; keeps count of the limits.
class up_converter {
  public:
    up_converter(record_batch_builder& into, const legacy_limits& limits)
        : into_(into), limits_(limits), bytes_left_(limits.unpacked_size_max) {}

    result<void> add(const legacy_message& message) {
        if ((message.attributes & codec_bits) == 0) {
            return add_plain(message);
        }
        LB_TRY(const bytes inner, unpack(message, bytes_left_));
        bytes_left_ -= inner.size();
        bytes_view left = inner.view();
        if (left.empty()) {
            return error(record_errc::invalid_record, "empty compressed message");
        }
        while (!left.empty()) {
            LB_TRY(const legacy_message each, take_message(left));
            if ((each.attributes & codec_bits) != 0 || each.magic != message.magic) {
                return error(record_errc::invalid_record, "compressed message inside another");
            }
            LB_CHECK(add_plain(each));
        }
        return {};
    }

  private:
    result<void> add_plain(const legacy_message& message) {
        if (message.magic == 1 && (message.attributes & append_time_bit) != 0) {
            return error(record_errc::invalid_timestamp, "LogAppendTime from a client");
        }
        if (std::cmp_greater_equal(into_.size(), limits_.records_max)) {
            return error(record_errc::message_too_large, "too many messages");
        }
        into_.add(message.timestamp, message.key, message.value);
        return {};
    }

    record_batch_builder& into_;
    const legacy_limits& limits_;
    std::size_t bytes_left_;
};

// ---- down

void put_field(std::vector<std::byte>& into, const std::optional<bytes_view>& value) {
    std::array<std::byte, sizeof(std::int32_t)> size{};
    store_big(size.data(), value ? static_cast<std::int32_t>(value->size()) : -1);
    put_bytes(into, size);
    if (value) {
        put_bytes(into, *value);
    }
}

void put_message(std::vector<std::byte>& into, const legacy_message& message) {
    const std::size_t begin = into.size();
    const bool timed = message.magic == 1;
    const std::size_t fixed = entry_overhead + 6 + (timed ? timestamp_size : 0);
    into.resize(begin + fixed);
    put_field(into, message.key);
    put_field(into, message.value);
    std::byte* const at = into.data() + begin;
    store_big(at, message.at.value());
    store_big(at + 8, static_cast<std::int32_t>(into.size() - begin - entry_overhead));
    store_big(at + 16, message.magic);
    store_big(at + 17, message.attributes);
    if (timed) {
        store_big(at + 18, message.timestamp.value());
    }
    store_big(at + 12, crc32_of(bytes_view(into).subspan(begin + 16)));
}

/// The codec that a message set of this format can carry, else none.
compress::codec legacy_codec(compress::codec wanted, std::int8_t magic) noexcept {
    const bool known = wanted == compress::codec::gzip || wanted == compress::codec::snappy ||
                       (wanted == compress::codec::lz4 && magic == 1);
    return known ? wanted : compress::codec::none;
}

struct down_conversion {
    std::int8_t magic = 1;
    offset from;
    std::size_t bytes_left = 0;
    std::size_t records_left = 0;
};

/// Messages of one batch; offsets relative to the first where the format wants it.
result<void>
put_batch(std::vector<std::byte>& into, const record_batch_view& batch, down_conversion& how) {
    LB_TRY(auto reader, record_reader::open(batch.whole(), how.bytes_left));
    how.bytes_left -= std::min(how.bytes_left, reader.payload().size());
    const auto codec = legacy_codec(batch.compression(), how.magic);
    const bool wrapped = codec != compress::codec::none;
    const std::uint8_t time_bits =
        how.magic == 1 && batch.time_type() == timestamp_type::log_append_time ? append_time_bit
                                                                               : 0;
    std::vector<std::byte> inner;
    std::vector<std::byte>& target = wrapped ? inner : into;
    std::optional<offset> first;
    legacy_message wrapper{.magic = how.magic};
    record each;
    while (true) {
        LB_TRY(const bool more, reader.next(each));
        if (!more) {
            break;
        }
        if (each.offset < how.from) {
            continue;
        }
        if (how.records_left-- == 0) {
            return error(record_errc::message_too_large, "too many records");
        }
        first = first.value_or(each.offset);
        const bool relative = wrapped && how.magic == 1;
        put_message(
            target,
            {.at = relative ? offset(each.offset - *first) : each.offset,
             .magic = how.magic,
             .attributes = time_bits,
             .timestamp = each.timestamp,
             .key = each.key,
             .value = each.value}
        );
        wrapper.at = each.offset;
        wrapper.timestamp = std::max(wrapper.timestamp, each.timestamp);
    }
    if (wrapped && !inner.empty()) {
        LB_TRY(const bytes packed, compress::compress(codec, inner));
        wrapper.attributes = static_cast<std::uint8_t>(time_bits | static_cast<unsigned>(codec));
        wrapper.value = packed.view();
        put_message(into, wrapper);
    }
    return {};
}

} // namespace

result<std::vector<std::byte>> convert_up(bytes_view message_set, const legacy_limits& limits) {
    if (message_set.size() <= batch_field::magic) {
        return corrupt("message set");
    }
    if (std::to_integer<int>(message_set[batch_field::magic]) == 2) {
        return std::vector<std::byte>(message_set.begin(), message_set.end());
    }
    batch_options options;
    bytes_view first = message_set;
    LB_TRY(const legacy_message head, take_message(first));
    options.compression = static_cast<compress::codec>(head.attributes & codec_bits);
    record_batch_builder batch(options);
    up_converter converter(batch, limits);
    while (!message_set.empty()) {
        LB_TRY(const legacy_message each, take_message(message_set));
        LB_CHECK(converter.add(each));
    }
    return batch.finish();
}

result<std::vector<std::byte>>
convert_down(bytes_view batches, std::int8_t magic, offset from, const legacy_limits& limits) {
    LB_ASSERT(magic == 0 || magic == 1);
    std::vector<std::byte> out;
    down_conversion how{magic, from, limits.unpacked_size_max, limits.records_max};
    while (batches.size() >= batch_header_size) {
        const record_batch_view batch(batches);
        if (batch.length() > 0 && batch.size() > batches.size()) {
            break;
        }
        LB_CHECK(check_batch(batches));
        if (!batch.offsets_are_sane()) {
            return corrupt("offsets");
        }
        if (!batch.is_control() && batch.last_offset() >= from) {
            LB_CHECK(put_batch(out, batch, how));
        }
        batches = batches.subspan(batch.size());
    }
    return out;
}

} // namespace logboom::kafka
