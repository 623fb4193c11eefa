// Zigzag varints of records, read within bounds. Internal to this folder. A cursor is a value.
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <vector>

namespace logboom::kafka {

/// Reads forward; every call is false, and moves nothing of use, once the bytes do not suffice or a
/// varint has more bytes than its type can need.
class varint_cursor {
  public:
    explicit varint_cursor(bytes_view data) noexcept
        : at_(data.data()), end_(data.data() + data.size()) {}

    [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
    [[nodiscard]] const std::byte* position() const noexcept { return at_; }

    bool read_int32(std::int32_t& out) noexcept {
        std::uint64_t raw = 0;
        if (!read_raw<5>(raw) || raw > 0xFFFF'FFFFULL) {
            return false;
        }
        const auto value = static_cast<std::uint32_t>(raw);
        out = static_cast<std::int32_t>((value >> 1U) ^ (0U - (value & 1U)));
        return true;
    }
    bool read_int64(std::int64_t& out) noexcept {
        std::uint64_t raw = 0;
        if (!read_raw<10>(raw)) {
            return false;
        }
        out = static_cast<std::int64_t>((raw >> 1U) ^ (0ULL - (raw & 1ULL)));
        return true;
    }
    bool skip(std::size_t count) noexcept {
        if (count > left()) {
            return false;
        }
        at_ += count;
        return true;
    }
    bool take(std::size_t count, bytes_view& out) noexcept {
        const std::byte* from = at_;
        if (!skip(count)) {
            return false;
        }
        out = bytes_view(from, count);
        return true;
    }

  private:
    template <int BytesMax>
    bool read_raw(std::uint64_t& out) noexcept {
        if (at_ != end_ && (*at_ & std::byte{0x80}) == std::byte{0}) [[likely]] {
            out = static_cast<std::uint64_t>(*at_++);
            return true;
        }
        std::uint64_t value = 0;
        for (int i = 0; i < BytesMax && at_ != end_; ++i) {
            const auto each = static_cast<std::uint64_t>(*at_++);
            value |= (each & 0x7FU) << static_cast<unsigned>(7 * i);
            if (each < 0x80U) {
                out = value;
                // The tenth byte of a 64-bit varint has room for one bit only.
                return i < 9 || each <= 1;
            }
        }
        return false;
    }

    const std::byte* at_;
    const std::byte* end_;
};

inline void put_varint(std::vector<std::byte>& into, std::int64_t value) {
    auto raw = (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63U);
    while (raw >= 0x80U) {
        into.push_back(static_cast<std::byte>(raw | 0x80U));
        raw >>= 7U;
    }
    into.push_back(static_cast<std::byte>(raw));
}

inline void put_bytes(std::vector<std::byte>& into, bytes_view from) {
    into.insert(into.end(), from.begin(), from.end());
}

} // namespace logboom::kafka
