#include "agent/file/line_limit.h"

#include "event/utf8.h"

#include <algorithm>

namespace logboom::agent {
namespace {

constexpr std::size_t message_size_default = 1'048'588;
/// Names, times, paths, what frames a record.
constexpr std::size_t other_fields = std::size_t{24} * 1024;
constexpr std::size_t copies = 2;
/// What one byte may be in JSON at most, "\\u0000".
constexpr std::size_t weight_max = 7;

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
        constexpr std::size_t escaped = 6;
        return {first == '\t' ? 2U : escaped, weight_max};
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
    out.is_weighing_ = true;
    return out;
}

std::size_t line_limit::fit_long(std::string_view text) const noexcept {
    const std::size_t end = std::min(text.size(), size_max_);
    if (!is_weighing_) {
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
        if (size + length > end || (is_valid ? sum.plain : sum.inspected) > size_max_) {
            break;
        }
        size += length;
    }
    return std::max<std::size_t>(size, 1);
}

} // namespace logboom::agent
