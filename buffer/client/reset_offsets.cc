// Where offsets go, and the texts that say so.
#include "buffer/client/reset_offsets.h"

#include "buffer/client/errc.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

namespace logboom::client {
namespace {

bool take_number(std::string_view& text, std::int64_t& into) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), into);
    if (code != std::errc{}) {
        return false;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

/// Exactly `width` digits.
bool take_digits(std::string_view& text, std::size_t width, int& into) {
    if (text.size() < width) {
        return false;
    }
    const auto [end, code] = std::from_chars(text.data(), text.data() + width, into);
    if (code != std::errc{} || end != text.data() + width || into < 0) {
        return false;
    }
    text.remove_prefix(width);
    return true;
}

bool take_letter(std::string_view& text, char letter) {
    if (text.empty() || text.front() != letter) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

/// ".123" as milliseconds; none is zero.
bool take_fraction(std::string_view& text, std::int64_t& ms) {
    ms = 0;
    if (!take_letter(text, '.')) {
        return true;
    }
    std::int64_t scale = 100;
    bool any = false;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        ms += (text.front() - '0') * scale;
        scale /= 10;
        any = true;
        text.remove_prefix(1);
    }
    return any;
}

/// "Z", "+02:00", "-0530" or nothing, as minutes to take away.
bool take_zone(std::string_view& text, int& minutes) {
    minutes = 0;
    if (text.empty() || take_letter(text, 'Z')) {
        return text.empty();
    }
    const int sign = text.front() == '-' ? -1 : 1;
    if (!take_letter(text, '+') && !take_letter(text, '-')) {
        return false;
    }
    int hours = 0;
    int rest = 0;
    if (!take_digits(text, 2, hours)) {
        return false;
    }
    take_letter(text, ':');
    if (!text.empty() && !take_digits(text, 2, rest)) {
        return false;
    }
    minutes = sign * (hours * 60 + rest);
    return text.empty();
}

struct duration_unit {
    char letter;
    /// Behind the T.
    bool in_time;
    std::int64_t ms;
};
constexpr duration_unit duration_units[] = {
    {'D', false, 86'400'000}, {'H', true, 3'600'000}, {'M', true, 60'000}, {'S', true, 1'000}};
/// Some million years: sums of it fit.
constexpr std::int64_t duration_number_max = 1'000'000'000;

std::vector<std::string> columns_of(std::string_view line) {
    std::vector<std::string> columns(1);
    for (const char each : line) {
        if (each == ',') {
            columns.emplace_back();
        } else if (each != '"' && each != ' ' && each != '\r') {
            columns.back().push_back(each);
        }
    }
    return columns;
}

} // namespace

std::optional<offset> reset_to(const reset_goal& goal, const reset_facts& facts) {
    const auto within = [&](offset wanted) {
        return std::clamp(wanted, facts.first, std::max(facts.first, facts.end));
    };
    switch (goal.kind) {
    case reset_kind::earliest:
        return facts.first;
    case reset_kind::latest:
        return facts.end;
    case reset_kind::to_offset:
        return within(offset(goal.number));
    case reset_kind::to_time:
        return facts.at_time == no_offset ? facts.end : facts.at_time;
    case reset_kind::current:
        return facts.current == no_offset ? facts.end : within(facts.current);
    case reset_kind::shift_by:
        if (facts.current == no_offset) {
            return std::nullopt;
        }
        // Without leaving what an offset can be.
        return within(
            facts.current + std::clamp(
                                goal.number,
                                -facts.current.value(),
                                std::numeric_limits<std::int64_t>::max() - facts.current.value()
                            )
        );
    }
    return std::nullopt;
}

std::optional<timestamp_ms> parse_reset_time(std::string_view text) {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::int64_t fraction = 0;
    int zone = 0;
    const bool is_date = take_digits(text, 4, year) && take_letter(text, '-') &&
                         take_digits(text, 2, month) && take_letter(text, '-') &&
                         take_digits(text, 2, day);
    if (!is_date) {
        return std::nullopt;
    }
    if (!text.empty()) {
        const bool is_time = take_letter(text, 'T') && take_digits(text, 2, hour) &&
                             take_letter(text, ':') && take_digits(text, 2, minute);
        if (!is_time || (take_letter(text, ':') && !take_digits(text, 2, second)) ||
            !take_fraction(text, fraction) || !take_zone(text, zone)) {
            return std::nullopt;
        }
    }
    const std::chrono::year_month_day date{
        std::chrono::year(year),
        std::chrono::month(static_cast<unsigned>(month)),
        std::chrono::day(static_cast<unsigned>(day))};
    constexpr int hour_max = 23;
    constexpr int sixty = 59;
    if (!date.ok() || hour > hour_max || minute > sixty || second > sixty + 1) {
        return std::nullopt;
    }
    const std::chrono::sys_time<std::chrono::milliseconds> at =
        std::chrono::sys_days(date) + std::chrono::hours(hour) +
        std::chrono::minutes(minute - zone) + std::chrono::seconds(second) +
        std::chrono::milliseconds(fraction);
    // No record is older than 1970, and times below it have meanings of their own in requests.
    return timestamp_ms(std::max<std::int64_t>(at.time_since_epoch().count(), 0));
}

std::optional<std::chrono::milliseconds> parse_iso_duration(std::string_view text) {
    const bool negative = take_letter(text, '-');
    if (!take_letter(text, 'P') || text.empty()) {
        return std::nullopt;
    }
    std::int64_t sum = 0;
    bool in_time = false;
    // From the largest unit on, each once at most.
    const auto* next = std::begin(duration_units);
    while (!text.empty()) {
        if (!in_time && take_letter(text, 'T')) {
            in_time = true;
            if (text.empty()) {
                return std::nullopt;
            }
        }
        const bool is_below_zero = text.front() == '-';
        std::int64_t number = 0;
        std::int64_t fraction = 0;
        if (!take_number(text, number) || number > duration_number_max ||
            number < -duration_number_max) {
            return std::nullopt;
        }
        const bool is_whole = text.empty() || text.front() != '.';
        if (!take_fraction(text, fraction) || text.empty()) {
            return std::nullopt;
        }
        const auto* const unit =
            std::find_if(next, std::end(duration_units), [&](const auto& each) {
                return each.in_time == in_time && each.letter == text.front();
            });
        if (unit == std::end(duration_units) || (!is_whole && unit->letter != 'S')) {
            return std::nullopt;
        }
        text.remove_prefix(1);
        next = unit + 1;
        sum += number * unit->ms + (is_below_zero ? -fraction : fraction);
    }
    return std::chrono::milliseconds(negative ? -sum : sum);
}

result<std::vector<partition_offset>>
parse_reset_file(std::string_view text, std::string_view group) {
    std::vector<partition_offset> all;
    for (int line = 1; !text.empty(); ++line) {
        const auto end = text.find('\n');
        const auto columns = columns_of(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (columns.size() == 1 && columns[0].empty()) {
            continue;
        }
        const std::size_t first = columns.size() == 4 ? 1 : 0;
        std::int64_t partition = -1;
        std::int64_t number = -1;
        const bool is_row = columns.size() - first == 3 && !columns[first].empty() &&
                            [&] {
                                std::string_view left = columns[first + 1];
                                std::string_view right = columns[first + 2];
                                return take_number(left, partition) && left.empty() &&
                                       take_number(right, number) && right.empty();
                            }() &&
                            partition >= 0 &&
                            partition <= std::numeric_limits<std::int32_t>::max() && number >= 0;
        if (!is_row) {
            return error(errc::bad_reset_file, "line " + std::to_string(line));
        }
        if (first == 0 || columns[0] == group) {
            all.push_back(
                {{columns[first], partition_id(static_cast<std::int32_t>(partition))},
                 offset(number)}
            );
        }
    }
    return all;
}

result<topic_choice> parse_topic_choice(std::string_view text) {
    const auto colon = text.find(':');
    topic_choice choice{std::string(text.substr(0, colon)), {}};
    if (colon == std::string_view::npos) {
        return choice;
    }
    for (const std::string& each : columns_of(text.substr(colon + 1))) {
        std::string_view rest = each;
        std::int64_t partition = -1;
        if (!take_number(rest, partition) || !rest.empty() || partition < 0 ||
            partition > std::numeric_limits<std::int32_t>::max()) {
            return error(errc::bad_reset_target, "\"" + std::string(text) + "\"");
        }
        choice.partitions.emplace_back(static_cast<std::int32_t>(partition));
    }
    return choice;
}

namespace {

/// "3", "2-5" (without 5), "2-" or "-5"; false for anything else.
bool read_range(std::string_view text, std::int64_t& first, std::int64_t& end) {
    constexpr std::int64_t number_max = std::numeric_limits<std::int32_t>::max();
    std::int64_t number = 0;
    const bool has_first = !text.empty() && text.front() != '-';
    if (has_first) {
        if (!take_number(text, number) || number > number_max) {
            return false;
        }
        first = number;
        if (text.empty()) {
            end = first + 1;
            return true;
        }
    }
    if (text.empty() || text.front() != '-') {
        return false;
    }
    text.remove_prefix(1);
    if (text.empty()) {
        return true;
    }
    if (text.front() == '-' || !take_number(text, number) || number > number_max || !text.empty()) {
        return false;
    }
    end = number;
    return true;
}

} // namespace

result<partition_patterns> partition_patterns::parse(std::string_view text) {
    partition_patterns all;
    std::string_view rest = text;
    while (true) {
        const std::string_view one = rest.substr(0, rest.find(','));
        const error wrong(errc::bad_argument, "\"" + std::string(one) + "\"");
        const std::string_view topic = one.substr(0, one.find(':'));
        const std::string_view range =
            topic.size() < one.size() ? one.substr(topic.size() + 1) : "";
        pattern made;
        if (!topic.empty()) {
            auto compiled = topic_pattern::parse(topic);
            if (compiled.has_error()) {
                return wrong;
            }
            made.topic = std::move(compiled).value();
        }
        if (!range.empty() && !read_range(range, made.first, made.end)) {
            return wrong;
        }
        all.patterns_.push_back(std::move(made));
        if (one.size() == rest.size()) {
            return all;
        }
        rest.remove_prefix(one.size() + 1);
    }
}

bool partition_patterns::matches(const topic_partition& partition) const {
    const std::int64_t id = partition.partition.value();
    return std::any_of(patterns_.begin(), patterns_.end(), [&](const pattern& each) {
        return id >= each.first && id < each.end &&
               (!each.topic || each.topic->matches(partition.topic));
    });
}

} // namespace logboom::client
