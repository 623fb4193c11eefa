#include "agent/file/line_limit.h"

#include "event/utf8.h"

#include <algorithm>

namespace logboom::agent {
namespace {

constexpr std::size_t message_size_default = 1'048'588;
/// Names, times, paths, what frames a record.
constexpr std::size_t other_fields = std::size_t{24} * 1024;
constexpr std::size_t copies = 2;
/// What one byte may be in JSON at most, as "\\\\u0000".
constexpr std::size_t weight_max = 7;

/// As "\u0000".
constexpr std::size_t escaped_size = 6;

struct weights {
    /// In JSON.
    std::size_t plain;
    /// Text that is no UTF-8 is shown as Ruby's inspect does, and that in JSON.
    std::size_t inspected;
};

weights weigh(std::string_view character) {
    const auto first = static_cast<unsigned char>(character.front());
    if (first >= 0x80) {
        constexpr std::size_t escaped = 5;
        return {character.size(), escaped * character.size()};
    }
    if (first < ' ' || first == 0x7f) {
        return {first == '\t' ? 2U : escaped_size, weight_max};
    }
    if (first == '"' || first == '\\' || first == '#') {
        return {2, 4};
    }
    return {1, 1};
}

} // namespace

line_limit line_limit::of_topic(long_line_policy policy) {
    line_limit out(policy, (message_size_default - other_fields) / copies);
    out.size_sure_ = out.size_max_ / weight_max;
    out.weight_limit_ = out.size_max_;
    return out;
}

line_limit line_limit::in(text_units units) const {
    line_limit out = *this;
    out.units_ = units;
    if (units != text_units::bytes) {
        // All may be ASCII, and all may have to be escaped.
        const std::size_t unit = unit_size(units);
        out.size_max_ =
            weight_limit_ > 0 ? weight_limit_ * unit : std::max(size_max_ - size_max_ % unit, unit);
        out.size_sure_ = weight_limit_ > 0 ? weight_limit_ / escaped_size * unit : out.size_max_;
    }
    return out;
}

std::size_t line_limit::fit_long(std::string_view text) const noexcept {
    if (units_ != text_units::bytes) {
        return fit_utf16(text);
    }
    const std::size_t end = std::min(text.size(), size_max_);
    if (weight_limit_ == 0) {
        return end;
    }
    weights sum{};
    bool is_valid = true;
    std::size_t size = 0;
    while (size < end) {
        const std::string_view rest = text.substr(size);
        const std::size_t valid = utf8_length(rest);
        const std::size_t length = std::max<std::size_t>(valid, 1);
        const weights each = weigh(rest.substr(0, length));
        sum.plain += each.plain;
        sum.inspected += each.inspected;
        is_valid = is_valid && valid > 0;
        if (size + length > end || (is_valid ? sum.plain : sum.inspected) > weight_limit_) {
            break;
        }
        size += length;
    }
    return std::max<std::size_t>(size, 1);
}

std::size_t line_limit::fit_utf16(std::string_view text) const noexcept {
    constexpr std::size_t unit = 2;
    constexpr std::size_t weight_beyond_ascii = 3;
    const std::size_t end = std::min(text.size(), size_max_);
    std::size_t weight = 0;
    std::size_t size = 0;
    while (size + unit <= end) {
        const char16_t each = utf16_unit(text.substr(size), units_);
        const auto character = static_cast<char>(each);
        weight += each < 0x80 ? weigh({&character, 1}).plain : weight_beyond_ascii;
        if (weight_limit_ > 0 && weight > weight_limit_) {
            break;
        }
        size += unit;
    }
    if (size >= text.size()) {
        return size;
    }
    if (size + 1 == text.size()) {
        // Half a unit ends the line.
        return size + 1 <= size_max_ || size == 0 ? size + 1 : size;
    }
    // Both halves of a character go into one piece.
    const bool is_half =
        size > unit && is_high_surrogate(utf16_unit(text.substr(size - unit), units_));
    return std::max(is_half ? size - unit : size, unit);
}

} // namespace logboom::agent
