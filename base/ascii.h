// Letters and digits of ASCII, whatever the locale: keywords of protocols, units, names of options.
// Text of people is UTF-8 and has its own (event/utf8.h, pipelines/filters/letter_case.h).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace logboom {

constexpr bool is_digit(char each) noexcept {
    return each >= '0' && each <= '9';
}

constexpr char lower_case(char each) noexcept {
    return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
}

inline std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& each : out) {
        each = lower_case(each);
    }
    return out;
}

constexpr bool is_letter(char each) noexcept {
    return lower_case(each) >= 'a' && lower_case(each) <= 'z';
}

/// The value of a hexadecimal digit; -1 when it is none.
constexpr int hex_digit(char each) noexcept {
    if (is_digit(each)) {
        return each - '0';
    }
    const char low = lower_case(each);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

inline bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        return lower_case(a) == lower_case(b);
    });
}

/// Without the spaces and tabs around it.
constexpr std::string_view trimmed(std::string_view text) noexcept {
    const auto is_blank = [](char each) { return each == ' ' || each == '\t'; };
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

} // namespace logboom
