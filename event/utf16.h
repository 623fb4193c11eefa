// UTF-16 in bytes: how characters stand there, and from there to UTF-8. What the charset conversion
// and the inputs that look for line ends share. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace logboom {

/// How characters stand in bytes, as far as those must know who look for line ends.
enum class text_units : std::uint8_t {
    /// ASCII characters are one byte each, and no other character has such a byte.
    bytes,
    utf16_le,
    utf16_be,
};

inline std::size_t unit_size(text_units units) noexcept {
    return units == text_units::bytes ? 1 : 2;
}
/// The two bytes at the front of `text`.
inline char16_t utf16_unit(std::string_view text, text_units units) noexcept {
    const auto first = static_cast<unsigned char>(text[0]);
    const auto second = static_cast<unsigned char>(text[1]);
    return static_cast<char16_t>(
        units == text_units::utf16_le ? second << 8 | first : first << 8 | second
    );
}
constexpr bool is_high_surrogate(char16_t unit) noexcept {
    return unit >= 0xD800 && unit < 0xDC00;
}
constexpr bool is_low_surrogate(char16_t unit) noexcept {
    return unit >= 0xDC00 && unit < 0xE000;
}

/// By the byte order mark at the front; bytes when there is none.
text_units units_of_mark(std::string_view text) noexcept;
/// UTF-16 as UTF-8; what is none becomes U+FFFD.
void append_utf16(std::string_view text, text_units units, std::string& out);
/// ASCII text, or any in UTF-8, in those units.
std::string in_units(std::string_view utf8, text_units units);

} // namespace logboom
