// Numbers as people write them in configs, with or without a unit; and true and false. nullopt when
// the text is none.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace logboom {

/// A whole number in any notation: "5", "5.0", "1e3".
std::optional<std::int64_t> parse_integer(std::string_view text);
/// A finite number.
std::optional<double> parse_real(std::string_view text);
/// "true" or "false" in any case.
std::optional<bool> parse_boolean(std::string_view text);
/// "250 ms", "1 hour", "1.5 min", "2d"; a bare number counts `unit`. Logstash's friendly durations.
std::optional<std::chrono::nanoseconds>
parse_duration(std::string_view text, std::string_view unit);
/// "10 MiB", "64kb" (1024s for kb too, as Logstash's Filesize), "512".
std::optional<std::int64_t> parse_byte_count(std::string_view text);

} // namespace logboom
