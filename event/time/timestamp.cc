// The civil calendar, and ISO 8601 read as leniently as Logstash and written as it writes.
#include "event/time/timestamp.h"

#include "base/ascii.h"

#include <algorithm>
#include <array>

namespace logboom {
namespace {

constexpr std::int64_t days_per_era = 146'097;
constexpr int months_per_year = 12;
/// What fits 64 bits of nanoseconds, a day short at both ends.
constexpr std::int64_t second_max = 9'223'286'400;

std::int64_t floor_divide(std::int64_t value, std::int64_t by) noexcept {
    return value / by - (value % by < 0 ? 1 : 0);
}

bool is_leap(int year) noexcept {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

void append_digits(std::string& out, int number, int width) {
    std::array<char, 10> digits{};
    for (int i = width - 1; i >= 0; --i) {
        digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
    out.append(digits.data(), static_cast<std::size_t>(width));
}

/// Reads one ISO text from left to right; every take_ returns false and stays where it cannot go
/// on.
class iso_reader {
  public:
    explicit iso_reader(std::string_view text) noexcept : text_(text) {}

    [[nodiscard]] bool at_end() const noexcept { return at_ == text_.size(); }
    [[nodiscard]] char peek() const noexcept { return at_end() ? '\0' : text_[at_]; }
    bool take(char wanted) noexcept {
        if (peek() != wanted) {
            return false;
        }
        ++at_;
        return true;
    }
    [[nodiscard]] std::size_t digits_ahead() const noexcept {
        std::size_t count = 0;
        while (at_ + count < text_.size() && is_digit(text_[at_ + count])) {
            ++count;
        }
        return count;
    }
    bool take_number(std::size_t digits_min, std::size_t digits_max, int& out) noexcept {
        const std::size_t count = std::min(digits_ahead(), digits_max);
        if (count < digits_min) {
            return false;
        }
        out = 0;
        for (std::size_t i = 0; i < count; ++i) {
            out = out * 10 + (text_[at_++] - '0');
        }
        return true;
    }
    /// The digits behind a decimal point, as a fraction of `unit_ns`.
    bool take_fraction(std::int64_t unit_ns, std::int64_t& out_ns) noexcept {
        if (!is_digit(peek())) {
            return false;
        }
        std::int64_t scale = unit_ns;
        for (; is_digit(peek()); ++at_) {
            if (scale % 10 == 0) {
                scale /= 10;
                out_ns += scale * (text_[at_] - '0');
            } else if (scale > 1) {
                // Not a decimal unit any more (a fraction of an hour): near enough is exact to 1
                // ns.
                out_ns += scale * (text_[at_] - '0') / 10;
                scale /= 10;
            }
        }
        return true;
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

struct iso_parts {
    std::int64_t days = 0;
    std::int64_t time_ns = 0;
    std::int64_t offset_seconds = 0;
};

/// "-Www[-D]" behind the year.
bool read_week_date(iso_reader& in, int year, std::int64_t& days) {
    int week = 0;
    int weekday = 1;
    if (!in.take_number(1, 2, week) || week < 1 || week > 53) {
        return false;
    }
    if (in.take('-') && (!in.take_number(1, 1, weekday) || weekday < 1 || weekday > 7)) {
        return false;
    }
    const std::int64_t fourth = days_from_date({year, 1, 4});
    const std::int64_t weekday_of_fourth = fourth + 3 - floor_divide(fourth + 3, 7) * 7;
    const std::int64_t first_monday = fourth - weekday_of_fourth;
    days = first_monday + (week - 1) * 7 + weekday - 1;
    return true;
}

bool read_date(iso_reader& in, iso_parts& out) {
    const bool negative = in.take('-');
    int year = 0;
    if (!in.take_number(4, 4, year) || negative) {
        return false;
    }
    int month = 1;
    int day = 1;
    if (in.take('-')) {
        if (in.take('W')) {
            return read_week_date(in, year, out.days);
        }
        if (in.digits_ahead() == 3) {
            int ordinal = 0;
            if (!in.take_number(3, 3, ordinal) || ordinal < 1 ||
                ordinal > 365 + (is_leap(year) ? 1 : 0)) {
                return false;
            }
            out.days = days_from_date({year, 1, 1}) + ordinal - 1;
            return true;
        }
        if (!in.take_number(1, 2, month) || month < 1 || month > months_per_year) {
            return false;
        }
        if (in.take('-') && !in.take_number(1, 2, day)) {
            return false;
        }
    }
    if (day < 1 || day > days_in_month(year, month)) {
        return false;
    }
    out.days = days_from_date({year, month, day});
    return true;
}

bool is_point(iso_reader& in) {
    return in.take('.') || in.take(',');
}

bool read_time(iso_reader& in, iso_parts& out) {
    constexpr std::int64_t hour_ns = 3600 * nanoseconds_per_second;
    constexpr std::int64_t minute_ns = 60 * nanoseconds_per_second;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::int64_t fraction_ns = 0;
    if (!in.take_number(1, 2, hour) || hour > 24) {
        return false;
    }
    if (is_point(in)) {
        if (!in.take_fraction(hour_ns, fraction_ns)) {
            return false;
        }
    } else if (in.take(':')) {
        if (!in.take_number(1, 2, minute) || minute > 59) {
            return false;
        }
        if (is_point(in)) {
            if (!in.take_fraction(minute_ns, fraction_ns)) {
                return false;
            }
        } else if (in.take(':')) {
            if (!in.take_number(1, 2, second) || second > 59) {
                return false;
            }
            if (is_point(in) && !in.take_fraction(nanoseconds_per_second, fraction_ns)) {
                return false;
            }
        }
    }
    out.time_ns =
        hour * hour_ns + minute * minute_ns + second * nanoseconds_per_second + fraction_ns;
    // 24:00 is the end of that day; nothing is later.
    return out.time_ns <= 24 * hour_ns;
}

bool read_offset(iso_reader& in, iso_parts& out) {
    if (in.at_end() || in.take('Z') || in.take('z')) {
        return true;
    }
    const bool west = in.peek() == '-';
    if (!in.take('+') && !in.take('-')) {
        return false;
    }
    int hours = 0;
    int minutes = 0;
    if (!in.take_number(2, 2, hours) || hours > 23) {
        return false;
    }
    if ((in.take(':') || is_digit(in.peek())) && (!in.take_number(2, 2, minutes) || minutes > 59)) {
        return false;
    }
    out.offset_seconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

} // namespace

std::int64_t days_from_date(const civil_date& date) noexcept {
    // Years begin in March here, so that the leap day is the last one.
    const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
    const std::int64_t era = floor_divide(year, 400);
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t month = (date.month + 9) % months_per_year;
    const std::int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * days_per_era + day_of_era - 719'468;
}

civil_date date_from_days(std::int64_t days) noexcept {
    days += 719'468;
    const std::int64_t era = floor_divide(days, days_per_era);
    const std::int64_t day_of_era = days - era * days_per_era;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month = (5 * day_of_year + 2) / 153;
    civil_date date;
    date.day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
    date.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
    date.year = static_cast<int>(year_of_era + era * 400 + (date.month <= 2 ? 1 : 0));
    return date;
}

int days_in_month(int year, int month) noexcept {
    constexpr std::array<int, months_per_year> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[static_cast<std::size_t>(month - 1)] + (month == 2 && is_leap(year) ? 1 : 0);
}

civil_time civil_from_timestamp(std::int64_t timestamp_ns) noexcept {
    const std::int64_t seconds = floor_divide(timestamp_ns, nanoseconds_per_second);
    const std::int64_t days = floor_divide(seconds, seconds_per_day);
    const auto second_of_day = static_cast<int>(seconds - days * seconds_per_day);
    const civil_date date = date_from_days(days);
    civil_time time;
    time.year = date.year;
    time.month = date.month;
    time.day = date.day;
    time.hour = second_of_day / 3600;
    time.minute = second_of_day / 60 % 60;
    time.second = second_of_day % 60;
    time.nanosecond = static_cast<int>(timestamp_ns - seconds * nanoseconds_per_second);
    // Day 0 was a Thursday.
    time.weekday = static_cast<int>(days + 3 - floor_divide(days + 3, 7) * 7) + 1;
    time.day_of_year = static_cast<int>(days - days_from_date({date.year, 1, 1})) + 1;
    return time;
}

std::optional<std::int64_t> timestamp_from_civil(const civil_time& time) noexcept {
    const bool in_range =
        time.month >= 1 && time.month <= months_per_year && time.day >= 1 && time.year > -10'000 &&
        time.year < 10'000 && time.day <= days_in_month(time.year, time.month) && time.hour >= 0 &&
        time.hour < 24 && time.minute >= 0 && time.minute < 60 && time.second >= 0 &&
        time.second < 60 && time.nanosecond >= 0 && time.nanosecond < nanoseconds_per_second;
    if (!in_range) {
        return std::nullopt;
    }
    const std::int64_t seconds =
        days_from_date({time.year, time.month, time.day}) * seconds_per_day + time.hour * 3600 +
        time.minute * 60 + time.second;
    if (seconds > second_max || seconds < -second_max) {
        return std::nullopt;
    }
    return seconds * nanoseconds_per_second + time.nanosecond;
}

void append_iso8601(std::int64_t timestamp_ns, std::string& out) {
    const std::int64_t seconds = floor_divide(timestamp_ns, nanoseconds_per_second);
    const std::int64_t days = floor_divide(seconds, seconds_per_day);
    const auto second_of_day = static_cast<int>(seconds - days * seconds_per_day);
    const auto nanos = static_cast<int>(timestamp_ns - seconds * nanoseconds_per_second);
    const civil_date date = date_from_days(days);
    append_digits(out, date.year, 4);
    out.push_back('-');
    append_digits(out, date.month, 2);
    out.push_back('-');
    append_digits(out, date.day, 2);
    out.push_back('T');
    append_digits(out, second_of_day / 3600, 2);
    out.push_back(':');
    append_digits(out, second_of_day / 60 % 60, 2);
    out.push_back(':');
    append_digits(out, second_of_day % 60, 2);
    out.push_back('.');
    if (nanos % 1'000'000 == 0) {
        append_digits(out, nanos / 1'000'000, 3);
    } else if (nanos % 1'000 == 0) {
        append_digits(out, nanos / 1'000, 6);
    } else {
        append_digits(out, nanos, 9);
    }
    out.push_back('Z');
}

std::optional<std::int64_t> parse_iso8601(std::string_view text) noexcept {
    iso_reader in(text);
    iso_parts parts;
    if (!read_date(in, parts)) {
        return std::nullopt;
    }
    if (in.take('T') || in.take('t') || in.take(' ')) {
        const bool bare = in.at_end();
        if (!bare && (!read_time(in, parts) || !read_offset(in, parts))) {
            return std::nullopt;
        }
    }
    if (!in.at_end()) {
        return std::nullopt;
    }
    const std::int64_t seconds = parts.days * seconds_per_day - parts.offset_seconds;
    if (seconds > second_max || seconds < -second_max) {
        return std::nullopt;
    }
    return seconds * nanoseconds_per_second + parts.time_ns;
}

} // namespace logboom
