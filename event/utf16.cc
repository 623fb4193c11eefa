#include "event/utf16.h"

#include "event/utf8.h"

#include <algorithm>

namespace logboom {
namespace {

constexpr char32_t above_basic = 0x10000;

void append_unit(char32_t unit, text_units units, std::string& out) {
    const auto high = static_cast<char>(unit >> 8U);
    const auto low = static_cast<char>(unit & 0xFFU);
    out.push_back(units == text_units::utf16_le ? low : high);
    out.push_back(units == text_units::utf16_le ? high : low);
}

} // namespace

text_units units_of_mark(std::string_view text) noexcept {
    if (text.starts_with("\xFE\xFF")) {
        return text_units::utf16_be;
    }
    // With two NULs behind it, it is UTF-32's.
    const bool is_little =
        text.starts_with("\xFF\xFE") && !text.substr(2).starts_with(std::string_view("\0", 2));
    return is_little ? text_units::utf16_le : text_units::bytes;
}

void append_utf16(std::string_view text, text_units units, std::string& out) {
    while (text.size() >= 2) {
        const char16_t unit = utf16_unit(text, units);
        text.remove_prefix(2);
        if (!is_high_surrogate(unit) && !is_low_surrogate(unit)) {
            utf8_append(unit, out);
            continue;
        }
        const char16_t low = text.size() >= 2 ? utf16_unit(text, units) : char16_t{0};
        if (is_high_surrogate(unit) && is_low_surrogate(low)) {
            utf8_append(above_basic + ((unit - 0xD800U) << 10U) + (low - 0xDC00U), out);
            text.remove_prefix(2);
        } else {
            out.append(utf8_replacement);
        }
    }
    if (!text.empty()) {
        out.append(utf8_replacement);
    }
}

std::string in_units(std::string_view utf8, text_units units) {
    if (units == text_units::bytes) {
        return std::string(utf8);
    }
    std::string out;
    while (!utf8.empty()) {
        const std::size_t length = std::max<std::size_t>(utf8_length(utf8), 1);
        const char32_t code = utf8_length(utf8) == 0 ? static_cast<unsigned char>(utf8.front())
                                                     : utf8_decode(utf8, length);
        utf8.remove_prefix(length);
        if (code < above_basic) {
            append_unit(code, units, out);
        } else {
            append_unit(0xD800U + ((code - above_basic) >> 10U), units, out);
            append_unit(0xDC00U + ((code - above_basic) & 0x3FFU), units, out);
        }
    }
    return out;
}

} // namespace logboom
