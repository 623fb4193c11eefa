// mutate's convert: what Ruby's Integer() and Float() make of text, with Logstash's additions.
// Since Logstash 8.14 text that is no number is an error, not 0.

#include "base/ascii.h"
#include "event/value_text.h"
#include "pipelines/filters/mutate_step.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace logboom {
namespace {

constexpr double nanoseconds_per_second = 1e9;
/// 2^63: the first float that does not fit an integer.
constexpr double integer_end = 9223372036854775808.0;

bool is_space(char each) noexcept {
    return each == ' ' || (each >= '\t' && each <= '\r') || each == '\0';
}

/// strip, and without group separators.
std::string number_text(std::string_view text, bool is_european) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    std::string out;
    for (const char each : text) {
        if (each == (is_european ? '.' : ',')) {
            continue;
        }
        out.push_back(is_european && each == ',' ? '.' : each);
    }
    return out;
}

/// Removes the underscores that stand between digits, as Ruby allows; false when one does not.
bool drop_underscores(std::string& text) {
    for (std::size_t at = text.find('_'); at != std::string::npos; at = text.find('_', at)) {
        const bool between = at > 0 && at + 1 < text.size() && std::isxdigit(text[at - 1]) != 0 &&
                             std::isxdigit(text[at + 1]) != 0;
        if (!between) {
            return false;
        }
        text.erase(at, 1);
    }
    return true;
}

/// What Float() reads: decimal with fraction and exponent, or hexadecimal.
std::optional<double> read_float(std::string text) {
    if (!drop_underscores(text) || text.empty()) {
        return std::nullopt;
    }
    const bool is_negative = text.front() == '-';
    std::string_view digits(text);
    if (is_negative || digits.front() == '+') {
        digits.remove_prefix(1);
    }
    auto format = std::chars_format::general;
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
        digits.remove_prefix(2);
        format = std::chars_format::hex;
    } else if (digits.empty() || !(is_digit(digits.front()) || digits.front() == '.') || !is_digit(digits.back())) {
        // No "inf", no "nan", no "1.".
        return std::nullopt;
    }
    double number = 0;
    const auto [end, code] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, format);
    if (digits.empty() || end != digits.data() + digits.size()) {
        return std::nullopt;
    }
    if (code == std::errc::result_out_of_range) {
        // Too small to tell from zero, or too big to tell from infinity.
        number = digits.find("e-") != std::string_view::npos ||
                         digits.find("E-") != std::string_view::npos
                     ? 0.0
                     : std::numeric_limits<double>::infinity();
    }
    return is_negative ? -number : number;
}

std::optional<value> integer_of(double number) {
    if (!std::isfinite(number)) {
        return std::nullopt;
    }
    const double whole = std::trunc(number);
    if (whole >= integer_end || whole < -integer_end) {
        // Ruby has integers without end; a float is the nearest there is here.
        return value::of(whole);
    }
    return value::of(static_cast<std::int64_t>(whole));
}

/// The digits up to the end or the point of text that is known to be a number; nullopt when they do
/// not fit, or an exponent has a say.
template <class Integer>
std::optional<value> read_whole(std::string_view digits) {
    Integer whole = 0;
    const char* const last = digits.data() + digits.size();
    const auto [end, code] = std::from_chars(digits.data(), last, whole);
    const bool is_whole =
        end == last || (*end == '.' && digits.find_first_of("eE") == std::string_view::npos);
    return is_whole && code == std::errc{} ? std::optional(value::of(whole)) : std::nullopt;
}

std::optional<value> to_integer_from_text(std::string text) {
    const auto number = read_float(text);
    if (!number) {
        return std::nullopt;
    }
    // Whole numbers keep every digit.
    drop_underscores(text);
    std::string_view digits(text);
    if (digits.starts_with('+')) {
        digits.remove_prefix(1);
    }
    if (const auto exact = read_whole<std::int64_t>(digits)) {
        return exact;
    }
    const auto exact = read_whole<std::uint64_t>(digits);
    return exact ? exact : integer_of(*number);
}

enum class target { string, integer, floating, boolean, integer_eu, float_eu };

std::optional<value> to_integer(const value& from, bool is_european) {
    switch (from.kind()) {
    case value_kind::integer:
        return from;
    case value_kind::boolean:
        return value::of(std::int64_t{from.as_boolean() ? 1 : 0});
    case value_kind::real:
        return from.is_unsigned() ? from : integer_of(from.as_real());
    case value_kind::timestamp:
        return integer_of(
            std::floor(static_cast<double>(from.as_timestamp()) / nanoseconds_per_second)
        );
    case value_kind::string:
        return to_integer_from_text(number_text(from.as_string(), is_european));
    default:
        return std::nullopt;
    }
}

std::optional<value> to_float(const value& from, bool is_european) {
    switch (from.kind()) {
    case value_kind::real:
        return value::of(from.as_real());
    case value_kind::integer:
        return value::of(static_cast<double>(from.as_integer()));
    case value_kind::boolean:
        return value::of(from.as_boolean() ? 1.0 : 0.0);
    case value_kind::timestamp:
        return value::of(static_cast<double>(from.as_timestamp()) / nanoseconds_per_second);
    case value_kind::string: {
        const auto number = read_float(number_text(from.as_string(), is_european));
        return number ? std::optional(value::of(*number)) : std::nullopt;
    }
    default:
        return std::nullopt;
    }
}

/// What is neither true nor false stays as it is.
value to_boolean(const value& from) {
    std::string text;
    append_ruby_text(from, text);
    std::transform(text.begin(), text.end(), text.begin(), [](char each) {
        return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    });
    const auto is_one_of = [&](std::initializer_list<std::string_view> words) {
        return std::find(words.begin(), words.end(), text) != words.end();
    };
    if (is_one_of({"true", "t", "yes", "y", "1", "1.0"})) {
        return value::of(true);
    }
    return is_one_of({"", "false", "f", "no", "n", "0", "0.0"}) ? value::of(false) : from;
}

std::optional<value> converted(const value& from, target to, arena& memory) {
    switch (to) {
    case target::string: {
        if (from.is(value_kind::string)) {
            return from;
        }
        std::string text;
        append_ruby_text(from, text);
        return value::of(memory.copy(text));
    }
    case target::integer:
        return to_integer(from, false);
    case target::integer_eu:
        return to_integer(from, true);
    case target::floating:
        return to_float(from, false);
    case target::float_eu:
        return to_float(from, true);
    case target::boolean:
        return to_boolean(from);
    }
    return std::nullopt;
}

class convert_step final : public mutate_step {
  public:
    convert_step(field_reference at, target to) : at_(std::move(at)), to_(to) {}

    bool apply(event& in) const override {
        const value* held = in.get(at_);
        if (held == nullptr || held->is_nil() || held->is(value_kind::map)) {
            return true;
        }
        if (!held->is(value_kind::array)) {
            const auto made = converted(*held, to_, in.memory());
            return made && in.set(at_, *made);
        }
        const value list = value::new_array(in.memory());
        for (const value& item : held->as_array()) {
            const auto made =
                item.is_nil() ? std::optional(item) : converted(item, to_, in.memory());
            if (!made) {
                return false;
            }
            list.as_array().push_back(in.memory(), *made);
        }
        return in.set(at_, list);
    }

  private:
    field_reference at_;
    target to_;
};

std::optional<target> read_target(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, target>, 6> targets{{
        {"string", target::string},
        {"integer", target::integer},
        {"float", target::floating},
        {"boolean", target::boolean},
        {"integer_eu", target::integer_eu},
        {"float_eu", target::float_eu},
    }};
    for (const auto& [known, to] : targets) {
        if (known == name) {
            return to;
        }
    }
    return std::nullopt;
}

} // namespace

result<void> add_convert(const plugin_options& from, mutate_steps& into) {
    for (const option_entry& each : from.entries("convert")) {
        LB_TRY(const option_text* name, from.only_value("convert", each));
        const auto to = read_target(name->text());
        if (!to) {
            return from.refuse(
                "convert",
                name->where(),
                "there is no conversion \"" + name->text() +
                    "\"; there are string, integer, float, boolean, integer_eu and float_eu"
            );
        }
        into.push_back({each.key.text(), std::make_unique<convert_step>(each.key.reference(), *to)}
        );
    }
    return {};
}

} // namespace logboom
