// Compiles a date pattern, letter by letter and by dialect, into steps, and runs them for an
// instant.
#include "event/time/time_pattern.h"

#include "event/value_text.h"

#include <array>

namespace logboom {
namespace {

using part = time_pattern::part;

constexpr std::array<std::string_view, 12> month_names{
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
};
constexpr std::array<std::string_view, 7> weekday_names{
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
};
constexpr std::array<std::string_view, 4> quarter_names{
    "1st quarter",
    "2nd quarter",
    "3rd quarter",
    "4th quarter",
};

bool is_letter(char each) noexcept {
    return (each >= 'A' && each <= 'Z') || (each >= 'a' && each <= 'z');
}

struct week {
    int year = 0;
    int number = 0;
};

int year_length(int year) noexcept {
    return static_cast<int>(days_from_date({year + 1, 1, 1}) - days_from_date({year, 1, 1}));
}

/// The week of `time` when weeks begin on Monday and the first one has four days of the year.
week iso_week_of(const civil_time& time) noexcept {
    const int number = (time.day_of_year - time.weekday + 10) / 7;
    const auto weeks_in = [](int year) {
        const auto january_first = days_from_date({year, 1, 1});
        const auto weekday = static_cast<int>(((january_first + 3) % 7 + 7) % 7) + 1;
        return weekday == 4 || (weekday == 3 && year_length(year) == 366) ? 53 : 52;
    };
    if (number < 1) {
        return {time.year - 1, weeks_in(time.year - 1)};
    }
    if (number > weeks_in(time.year)) {
        return {time.year + 1, 1};
    }
    return {time.year, number};
}

/// Sunday = 1.
int us_weekday_of(const civil_time& time) noexcept {
    return time.weekday % 7 + 1;
}

/// The week of `time` when weeks begin on Sunday and the first one holds January 1st.
week us_week_of(const civil_time& time) noexcept {
    const int days_to_saturday = 7 - us_weekday_of(time);
    if (time.day_of_year + days_to_saturday > year_length(time.year)) {
        return {time.year + 1, 1};
    }
    // Of the Saturday that ends this week: complete weeks of the year, counted from its first one.
    return {time.year, (time.day_of_year + days_to_saturday + 6) / 7};
}

int us_week_of_month(const civil_time& time) noexcept {
    return (time.day + 7 - us_weekday_of(time) + 6) / 7;
}

void append_padded(std::int64_t number, int width, std::string& out) {
    if (number < 0) {
        out.push_back('-');
        number = -number;
    }
    std::string digits;
    append_integer(number, digits);
    if (digits.size() < static_cast<std::size_t>(width)) {
        out.append(static_cast<std::size_t>(width) - digits.size(), '0');
    }
    out.append(digits);
}

void append_fraction(int nanos, int width, std::string& out) {
    std::string digits;
    append_padded(nanos, 9, digits);
    digits.resize(static_cast<std::size_t>(width), '0');
    out.append(digits);
}

std::int64_t nano_of_day(const civil_time& time) noexcept {
    const std::int64_t second = time.hour * 3600 + time.minute * 60 + time.second;
    return second * nanoseconds_per_second + time.nanosecond;
}

std::int64_t number_of(part what, const civil_time& time) noexcept {
    switch (what) {
    case part::century:
        return time.year / 100;
    case part::year:
        return time.year;
    case part::year_of_era:
        return time.year > 0 ? time.year : 1 - time.year;
    case part::iso_week_year:
        return iso_week_of(time).year;
    case part::us_week_year:
        return us_week_of(time).year;
    case part::iso_week:
        return iso_week_of(time).number;
    case part::us_week:
        return us_week_of(time).number;
    case part::week_of_month:
        return us_week_of_month(time);
    case part::iso_weekday:
        return time.weekday;
    case part::us_weekday:
        return us_weekday_of(time);
    case part::day_of_year:
        return time.day_of_year;
    case part::month:
        return time.month;
    case part::quarter:
        return (time.month + 2) / 3;
    case part::day:
        return time.day;
    case part::hour_0_11:
        return time.hour % 12;
    case part::hour_1_12:
        return (time.hour + 11) % 12 + 1;
    case part::hour_0_23:
        return time.hour;
    case part::hour_1_24:
        return (time.hour + 23) % 24 + 1;
    case part::minute:
        return time.minute;
    case part::second:
        return time.second;
    case part::nanosecond:
        return time.nanosecond;
    case part::milli_of_day:
        return nano_of_day(time) / 1'000'000;
    case part::nano_of_day:
        return nano_of_day(time);
    default:
        return 0;
    }
}

bool is_within_day(part what) noexcept {
    return what >= part::half_day;
}

/// The first `width` letters; all of them for 0.
void append_name(std::string_view name, int width, std::string& out) {
    out.append(width == 0 ? name : name.substr(0, static_cast<std::size_t>(width)));
}

} // namespace

time_pattern::time_pattern(time_dialect dialect, std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        const char each = pattern[at];
        if (each == '\'') {
            at = add_quoted(dialect, pattern, at);
        } else if (is_letter(each)) {
            std::size_t end = at;
            while (end < pattern.size() && pattern[end] == each) {
                ++end;
            }
            const int count = static_cast<int>(std::min<std::size_t>(end - at, 1000));
            dialect == time_dialect::joda ? add_joda(each, count) : add_java(each, count);
            at = end;
        } else {
            add_sign(dialect, each);
            ++at;
        }
    }
    if (pattern.empty() && dialect == time_dialect::joda) {
        problem_ = "the date pattern is empty";
    }
    for (const element& each : elements_) {
        daily_ = daily_ && !is_within_day(each.what);
    }
}

std::size_t
time_pattern::add_quoted(time_dialect dialect, std::string_view pattern, std::size_t at) {
    // '' is a quote, inside a quoted text too.
    if (pattern.substr(at, 2) == "''") {
        add_literal("'");
        return at + 2;
    }
    std::string text;
    std::size_t end = at + 1;
    for (; end < pattern.size(); ++end) {
        if (pattern[end] == '\'' && pattern.substr(end, 2) != "''") {
            break;
        }
        end += pattern[end] == '\'' ? 1 : 0;
        text.push_back(pattern[end]);
    }
    if (end >= pattern.size() && dialect == time_dialect::java) {
        problem_ = "a quote is not closed";
    }
    add_literal(text);
    return end + 1;
}

void time_pattern::add_sign(time_dialect dialect, char sign) {
    const bool is_java = dialect == time_dialect::java;
    if (is_java && (sign == '{' || sign == '}' || sign == '#')) {
        refuse(sign, 1);
    }
    const bool optional = is_java && (sign == '[' || sign == ']');
    add_literal(optional ? std::string_view() : std::string_view(&sign, 1));
}

void time_pattern::add(part what, int width, bool two_digits) {
    elements_.push_back({what, width, two_digits, {}});
}

void time_pattern::add_literal(std::string_view text) {
    if (!elements_.empty() && elements_.back().what == part::literal) {
        elements_.back().text.append(text);
    } else {
        elements_.push_back({part::literal, 0, false, std::string(text)});
    }
}

void time_pattern::refuse(char letter, int count) {
    if (problem_.empty()) {
        problem_ = "the date pattern has no letter '" +
                   std::string(static_cast<std::size_t>(count), letter) + "'";
    }
}

void time_pattern::add_joda(char letter, int count) {
    switch (letter) {
    case 'G':
        add(part::era, 2);
        break;
    case 'C':
        add(part::century, count);
        break;
    case 'Y':
        add(part::year_of_era, count, count == 2);
        break;
    case 'y':
        add(part::year, count, count == 2);
        break;
    case 'x':
        add(part::iso_week_year, count, count == 2);
        break;
    case 'w':
        add(part::iso_week, count);
        break;
    case 'e':
        add(part::iso_weekday, count);
        break;
    case 'E':
        add(part::weekday_name, count >= 4 ? 0 : 3);
        break;
    case 'D':
        add(part::day_of_year, count);
        break;
    case 'M':
        add(count >= 3 ? part::month_name : part::month, count >= 4 ? 0 : count);
        break;
    case 'd':
        add(part::day, count);
        break;
    case 'a':
        add(part::half_day, 2);
        break;
    case 'K':
        add(part::hour_0_11, count);
        break;
    case 'h':
        add(part::hour_1_12, count);
        break;
    case 'H':
        add(part::hour_0_23, count);
        break;
    case 'k':
        add(part::hour_1_24, count);
        break;
    case 'm':
        add(part::minute, count);
        break;
    case 's':
        add(part::second, count);
        break;
    case 'S':
        add(part::fraction_milli, count);
        break;
    case 'z':
        add_literal(count >= 4 ? "Coordinated Universal Time" : "UTC");
        break;
    case 'Z':
        add_literal(count == 1 ? "+0000" : count == 2 ? "+00:00" : "UTC");
        break;
    default:
        refuse(letter, count);
    }
}

void time_pattern::add_java_name(char letter, int count) {
    if (count > 5) {
        refuse(letter, count);
        return;
    }
    // Three letters, all, one: the short, full and narrow styles.
    const int width = count == 4 ? 0 : count == 5 ? 1 : 3;
    switch (letter) {
    case 'G':
        add_literal(count == 4 ? "Anno Domini" : count == 5 ? "A" : "AD");
        break;
    case 'M':
    case 'L':
        count < 3 ? add(part::month, count) : add(part::month_name, width);
        break;
    case 'Q':
    case 'q':
        count < 3 ? add(part::quarter, count) : add(part::quarter_name, width);
        break;
    case 'E':
        add(part::weekday_name, width);
        break;
    default:
        count < 3 ? add(part::us_weekday, count) : add(part::weekday_name, width);
        break;
    }
}

void time_pattern::add_java_zone(char letter, int count) {
    constexpr std::array<std::string_view, 6> lower_x{
        "", "+00", "+0000", "+00:00", "+0000", "+00:00"};
    constexpr std::array<std::string_view, 6> upper_z{"", "+0000", "+0000", "+0000", "GMT", "Z"};
    const bool fits = letter == 'z'   ? count <= 4
                      : letter == 'O' ? count == 1 || count == 4
                      : letter == 'V' ? count == 2
                                      : count <= 5;
    if (!fits) {
        refuse(letter, count);
        return;
    }
    const auto index = static_cast<std::size_t>(count);
    switch (letter) {
    case 'x':
        add_literal(lower_x[index]);
        break;
    case 'Z':
        add_literal(upper_z[index]);
        break;
    case 'O':
        add_literal("GMT");
        break;
    default:
        add_literal("Z");
        break;
    }
}

void time_pattern::add_java(char letter, int count) {
    struct numeric {
        char letter;
        part what;
        int count_max;
    };
    constexpr int any = 19;
    constexpr std::array<numeric, 18> numbers{{
        {'u', part::year, any},
        {'y', part::year_of_era, any},
        {'Y', part::us_week_year, any},
        {'w', part::us_week, 2},
        {'W', part::week_of_month, 1},
        {'D', part::day_of_year, 3},
        {'d', part::day, 2},
        {'F', part::week_of_month, 1},
        {'K', part::hour_0_11, 2},
        {'h', part::hour_1_12, 2},
        {'H', part::hour_0_23, 2},
        {'k', part::hour_1_24, 2},
        {'m', part::minute, 2},
        {'s', part::second, 2},
        {'S', part::fraction, 9},
        {'A', part::milli_of_day, any},
        {'n', part::nanosecond, any},
        {'N', part::nano_of_day, any},
    }};
    for (const numeric& each : numbers) {
        if (each.letter == letter) {
            if (count > each.count_max) {
                refuse(letter, count);
            }
            add(each.what, count, each.what <= part::us_week_year && count == 2);
            return;
        }
    }
    switch (letter) {
    case 'G':
    case 'M':
    case 'L':
    case 'Q':
    case 'q':
    case 'E':
    case 'e':
    case 'c':
        add_java_name(letter, count);
        break;
    case 'a':
        count == 1 ? add(part::half_day, 2) : refuse(letter, count);
        break;
    case 'z':
    case 'O':
    case 'V':
    case 'X':
    case 'x':
    case 'Z':
        add_java_zone(letter, count);
        break;
    default:
        refuse(letter, count);
    }
}

void time_pattern::append(std::int64_t timestamp_ns, std::string& out) const {
    if (!problem_.empty()) {
        return;
    }
    const civil_time time = civil_from_timestamp(timestamp_ns);
    for (const element& each : elements_) {
        switch (each.what) {
        case part::literal:
            out.append(each.text);
            break;
        case part::era:
            out.append(time.year > 0 ? "AD" : "BC");
            break;
        case part::weekday_name:
            append_name(weekday_names[static_cast<std::size_t>(time.weekday - 1)], each.width, out);
            break;
        case part::month_name:
            append_name(month_names[static_cast<std::size_t>(time.month - 1)], each.width, out);
            break;
        case part::quarter_name: {
            const auto quarter = static_cast<std::size_t>((time.month - 1) / 3);
            if (each.width == 0) {
                out.append(quarter_names[quarter]);
            } else {
                out.append(each.width == 1 ? "" : "Q");
                out.push_back(static_cast<char>('1' + quarter));
            }
            break;
        }
        case part::half_day:
            out.append(time.hour < 12 ? "AM" : "PM");
            break;
        case part::fraction:
            append_fraction(time.nanosecond, each.width, out);
            break;
        case part::fraction_milli:
            // Joda's time has no more than milliseconds.
            append_fraction(time.nanosecond / 1'000'000 * 1'000'000, each.width, out);
            break;
        default: {
            const std::int64_t number = number_of(each.what, time);
            append_padded(each.two_digits ? number % 100 : number, each.width, out);
        }
        }
    }
}

} // namespace logboom
