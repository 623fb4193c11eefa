// Points in time as events hold them: nanoseconds since the epoch, UTC, in 64 bits (1677 to 2262).
// Their text form is Logstash's (ISO 8601, "Z"), their calendar form feeds time_pattern.h. Pure
// functions, no time zone data: everything here is UTC or carries its offset in the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace logboom {

inline constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
inline constexpr std::int64_t seconds_per_day = 86'400;

/// A point in time taken apart, in UTC.
struct civil_time {
    int year = 1970;
    int month = 1;
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int nanosecond = 0;
    /// 1 = Monday ... 7 = Sunday.
    int weekday = 4;
    int day_of_year = 1;
};

struct civil_date {
    int year = 1970;
    int month = 1;
    int day = 1;
};

/// Days since the epoch and back, in the proleptic Gregorian calendar.
std::int64_t days_from_date(const civil_date& date) noexcept;
civil_date date_from_days(std::int64_t days) noexcept;
int days_in_month(int year, int month) noexcept;

civil_time civil_from_timestamp(std::int64_t timestamp_ns) noexcept;
/// nullopt when a field is out of range or the time does not fit 64 bits. Ignores weekday and
/// day_of_year.
std::optional<std::int64_t> timestamp_from_civil(const civil_time& time) noexcept;

/// "2024-05-11T15:17:02.123Z": 3 decimals, or 6 or 9 when the time is that fine.
void append_iso8601(std::int64_t timestamp_ns, std::string& out);
/// What Logstash accepts for @timestamp: a date, optionally "T" (or a space) and a time of any
/// precision, optionally "Z" or an offset; without one it is UTC. Week and ordinal dates too
/// ("2024-W19-6", "2024-132"). nullopt when it is none of these or out of range.
std::optional<std::int64_t> parse_iso8601(std::string_view text) noexcept;

} // namespace logboom
