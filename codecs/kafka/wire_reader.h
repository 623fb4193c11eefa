// Reads the primitives of the Kafka protocol from bytes that nobody has vouched for. No length or
// count is believed before it is checked against what is left, and what decoding allocates is held
// to a small multiple of the input's size (allow()). Errors are sticky: after the first one every
// read gives zero or empty and status() says why, so a decoder checks once at its end. Views point
// into the input.
#pragma once

#include "base/bytes.h"
#include "base/ids.h"
#include "codecs/kafka/wire_errc.h"

#include <bit>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace logboom::kafka {

/// Classic is the encoding of the first years, compact the one of "flexible" versions (KIP-482).
enum class encoding : bool { classic, compact };
enum class nullability : bool { required, nullable };

/// The big-endian integer at `from`, which has at least sizeof(Int) bytes.
template <std::integral Int>
Int load_big_endian(const std::byte* from) noexcept {
    Int value;
    std::memcpy(&value, from, sizeof value);
    if constexpr (sizeof(Int) == 2) {
        return static_cast<Int>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
    } else if constexpr (sizeof(Int) == 4) {
        return static_cast<Int>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
    } else if constexpr (sizeof(Int) == 8) {
        return static_cast<Int>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
    } else {
        return value;
    }
}

class wire_reader {
  public:
    explicit wire_reader(bytes_view input) noexcept
        : rest_(input), allowance_(input.size() * allowance_factor + allowance_floor) {}

    template <std::integral Int>
    Int integer() noexcept {
        if (rest_.size() < sizeof(Int)) {
            fail(wire_errc::truncated);
            return 0;
        }
        const Int value = load_big_endian<Int>(rest_.data());
        rest_ = rest_.subspan(sizeof(Int));
        return value;
    }
    bool boolean() noexcept;
    double real() noexcept { return std::bit_cast<double>(integer<std::int64_t>()); }
    uuid id() noexcept;

    /// At most 5 (10) bytes and no bit beyond the type. Padding with zero groups inside that limit
    /// is accepted, as Kafka does.
    std::uint32_t unsigned_varint() noexcept;
    std::uint64_t unsigned_varlong() noexcept;
    std::int32_t varint() noexcept;
    std::int64_t varlong() noexcept;

    /// nullopt only for a null that is allowed.
    std::optional<std::string_view> string(encoding form, nullability nulls) noexcept;
    std::optional<bytes_view> byte_string(encoding form, nullability nulls) noexcept;
    /// The element count of an array whose elements take at least `element_size_min` (>= 1) bytes
    /// each; nullopt only for a null that is allowed.
    std::optional<std::size_t>
    count(encoding form, nullability nulls, std::size_t element_size_min) noexcept;

    bytes_view take(std::size_t size) noexcept;
    /// To be asked before a decoder allocates; false (and failed) when the message would take up
    /// too much more memory than it has bytes.
    bool allow(std::size_t allocation) noexcept;
    /// The size and bytes of one tagged field as a reader of their own, which shares the allowance;
    /// give it back with leave().
    wire_reader enter_tagged_field() noexcept;
    void leave(wire_reader& inner) noexcept;
    /// A whole section of tagged fields, none of which is of interest.
    void skip_tagged_fields() noexcept;

    [[nodiscard]] std::size_t remaining() const noexcept { return rest_.size(); }
    [[nodiscard]] bool failed() const noexcept { return failed_; }
    void fail(wire_errc why) noexcept {
        if (!failed_) {
            failed_ = true;
            why_ = why;
        }
        rest_ = {};
    }
    [[nodiscard]] result<void> status() const {
        if (failed_) {
            return error(why_);
        }
        return {};
    }
    /// status(), and an error when bytes are left.
    [[nodiscard]] result<void> finish() {
        if (!rest_.empty()) {
            fail(wire_errc::trailing_bytes);
        }
        return status();
    }

  private:
    static constexpr std::size_t allowance_factor = 4;
    static constexpr std::size_t allowance_floor = 1 << 20;

    /// A length field; nullopt for null (allowed or, after fail(), not).
    std::optional<std::size_t> length(encoding form, nullability nulls, std::size_t width) noexcept;

    bytes_view rest_;
    std::size_t allowance_;
    bool failed_ = false;
    wire_errc why_ = wire_errc::truncated;
};

} // namespace logboom::kafka
