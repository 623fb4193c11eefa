#include "base/quantity.h"

#include "base/ascii.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

namespace logboom {
namespace {

struct unit_entry {
    std::string_view name;
    double size;
};

constexpr double second_ns = 1e9;
constexpr unit_entry duration_units[] = {
    {"us", 1e3},         {"usec", 1e3},         {"usecs", 1e3},         {"ms", 1e6},
    {"msec", 1e6},       {"msecs", 1e6},        {"s", second_ns},       {"sec", second_ns},
    {"secs", second_ns}, {"second", second_ns}, {"seconds", second_ns}, {"m", 60e9},
    {"min", 60e9},       {"mins", 60e9},        {"minute", 60e9},       {"minutes", 60e9},
    {"h", 3600e9},       {"hour", 3600e9},      {"hours", 3600e9},      {"d", 86400e9},
    {"day", 86400e9},    {"days", 86400e9},     {"w", 604800e9},        {"week", 604800e9},
    {"weeks", 604800e9},
};
constexpr unit_entry byte_units[] = {
    {"", 1},
    {"b", 1},
    {"k", 1024},
    {"kb", 1024},
    {"kib", 1024},
    {"m", 1048576},
    {"mb", 1048576},
    {"mib", 1048576},
    {"g", 1073741824},
    {"gb", 1073741824},
    {"gib", 1073741824},
    {"t", 1099511627776.0},
    {"tb", 1099511627776.0},
    {"tib", 1099511627776.0},
};

/// Number and the unit after it; nullopt when there is no number at the front.
std::optional<std::pair<double, std::string>> split_number(std::string_view given) {
    const std::string_view text = trimmed(given);
    double number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || !std::isfinite(number)) {
        return std::nullopt;
    }
    const auto used = static_cast<std::size_t>(end - text.data());
    return std::pair{number, lower_case(trimmed(text.substr(used)))};
}

} // namespace

std::optional<std::int64_t> parse_integer(std::string_view given) {
    const std::string_view text = trimmed(given);
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code == std::errc{} && end == text.data() + text.size()) {
        return number;
    }
    double real = 0;
    const auto [real_end, real_code] =
        std::from_chars(text.data(), text.data() + text.size(), real);
    constexpr double integer_limit = 9e18;
    if (real_code == std::errc{} && real_end == text.data() + text.size() &&
        real == std::trunc(real) && std::abs(real) < integer_limit) {
        return static_cast<std::int64_t>(real);
    }
    return std::nullopt;
}

std::optional<double> parse_real(std::string_view given) {
    const auto parts = split_number(given);
    if (!parts || !parts->second.empty()) {
        return std::nullopt;
    }
    return parts->first;
}

std::optional<bool> parse_boolean(std::string_view text) {
    const std::string word = lower_case(text);
    if (word != "true" && word != "false") {
        return std::nullopt;
    }
    return word == "true";
}

std::optional<std::chrono::nanoseconds>
parse_duration(std::string_view text, std::string_view unit) {
    auto parts = split_number(text);
    if (!parts || parts->first < 0) {
        return std::nullopt;
    }
    const std::string_view name = parts->second.empty() ? unit : std::string_view(parts->second);
    for (const unit_entry& each : duration_units) {
        if (each.name == name) {
            const double count = parts->first * each.size;
            constexpr double duration_limit = 9.2e18;
            return std::chrono::nanoseconds(
                static_cast<std::int64_t>(std::min(count, duration_limit))
            );
        }
    }
    return std::nullopt;
}

std::optional<std::int64_t> parse_byte_count(std::string_view text) {
    const auto parts = split_number(text);
    if (!parts || parts->first < 0) {
        return std::nullopt;
    }
    constexpr double byte_limit = 9.2e18;
    for (const unit_entry& each : byte_units) {
        if (each.name == parts->second && parts->first * each.size < byte_limit) {
            return static_cast<std::int64_t>(parts->first * each.size);
        }
    }
    return std::nullopt;
}

} // namespace logboom
