#include "buffer/log/segment_name.h"

#include "base/assertion.h"

#include <fmt/core.h>

#include <charconv>

namespace logboom::log {
namespace {

constexpr std::size_t offset_digits = 20;

} // namespace

std::string segment_file_name(offset base, std::string_view suffix) {
    LB_ASSERT(base.value() >= 0);
    return fmt::format("{:020}{}", base.value(), suffix);
}

std::optional<offset> parse_segment_file_name(std::string_view name, std::string_view suffix) {
    if (name.size() != offset_digits + suffix.size() || !name.ends_with(suffix)) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(name.data(), name.data() + offset_digits, value);
    if (code != std::errc() || end != name.data() + offset_digits || value < 0) {
        return std::nullopt;
    }
    return offset(value);
}

} // namespace logboom::log
