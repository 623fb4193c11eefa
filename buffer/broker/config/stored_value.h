// From the text of a value that check_value found good to a member of a struct. What does not fit
// the member is the nearest that does.
#pragma once

#include "base/assertion.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>

namespace logboom::broker {

template <std::integral Number>
void store_value(Number& to, std::string_view text) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    LB_ASSERT(read.ec == std::errc{});
    constexpr std::int64_t low = std::numeric_limits<Number>::min();
    constexpr std::int64_t high = std::numeric_limits<Number>::max();
    to = static_cast<Number>(std::clamp(value, low, high));
}
inline void store_value(bool& to, std::string_view text) {
    LB_ASSERT(!text.empty());
    to = text.front() == 't' || text.front() == 'T';
}
inline void store_value(double& to, std::string_view text) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), to);
    LB_ASSERT(read.ec == std::errc{});
}
inline void store_value(std::chrono::milliseconds& to, std::string_view text) {
    std::int64_t count = 0;
    store_value(count, text);
    to = std::chrono::milliseconds(count);
}

} // namespace logboom::broker
