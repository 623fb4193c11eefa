#include "buffer/broker/config/config_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <strings.h>

namespace logboom::broker {
namespace {

bool is_word(std::string_view value, std::string_view word) {
    return value.size() == word.size() && strncasecmp(value.data(), word.data(), word.size()) == 0;
}

bool fits(config_type type, std::int64_t number) {
    switch (type) {
    case config_type::integer:
        return number >= std::numeric_limits<std::int32_t>::min() &&
               number <= std::numeric_limits<std::int32_t>::max();
    case config_type::short_integer:
        return number >= std::numeric_limits<std::int16_t>::min() &&
               number <= std::numeric_limits<std::int16_t>::max();
    default:
        return true;
    }
}

std::string check_bounds(const config_key& key, double number, std::string_view value) {
    if (number >= key.min && number <= key.max) {
        return {};
    }
    return std::isfinite(key.max)
               ? fmt::format("must be between {} and {}, not \"{}\"", key.min, key.max, value)
               : fmt::format("must be at least {}, not \"{}\"", key.min, value);
}

template <class Number>
bool read_number(std::string_view value, Number& into) {
    const char* const end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, into);
    return read.ec == std::errc{} && read.ptr == end;
}

std::string check_choices(const config_key& key, std::string_view value) {
    const bool is_list = key.type == config_type::list;
    while (!key.choices.empty() && !value.empty()) {
        const std::size_t end = is_list ? value.find(',') : std::string_view::npos;
        const std::string_view each = trimmed(value.substr(0, end));
        if (!is_one_of(key.choices, each)) {
            return fmt::format("must be one of {}, not \"{}\"", key.choices, each);
        }
        value = end == std::string_view::npos ? std::string_view{} : value.substr(end + 1);
    }
    return {};
}

} // namespace

std::string config_key::text() const {
    return state == key_state::refused
               ? fmt::format("Asks for {}, which this broker does not offer.", doc)
               : std::string(doc);
}

const config_key* find_broker_key(std::string_view name) {
    const config_key* found = nullptr;
    for_each_broker_key([&](const config_key& each) {
        if (each.name == name) {
            found = &each;
        }
    });
    return found;
}

const config_key* find_topic_key(std::string_view topic_name) {
    const auto keys = topic_keys();
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const config_key& each) {
        return !each.topic_name.empty() && each.topic_name == topic_name;
    });
    return found == keys.end() ? nullptr : &*found;
}

std::string_view trimmed(std::string_view value) {
    constexpr std::string_view space = " \t\r\n\f";
    const std::size_t first = value.find_first_not_of(space);
    return first == std::string_view::npos
               ? std::string_view()
               : value.substr(first, value.find_last_not_of(space) - first + 1);
}

bool is_one_of(std::string_view choices, std::string_view value) {
    while (!choices.empty()) {
        const std::size_t end = choices.find('|');
        if (choices.substr(0, end) == value) {
            return true;
        }
        choices = end == std::string_view::npos ? std::string_view{} : choices.substr(end + 1);
    }
    return false;
}

std::string check_value(const config_key& key, std::string_view value) {
    switch (key.type) {
    case config_type::boolean:
        return is_word(value, "true") || is_word(value, "false")
                   ? ""
                   : fmt::format("must be true or false, not \"{}\"", value);
    case config_type::integer:
    case config_type::short_integer:
    case config_type::long_integer: {
        std::int64_t number = 0;
        if (!read_number(value, number) || !fits(key.type, number)) {
            return fmt::format("must be a whole number that fits, not \"{}\"", value);
        }
        return check_bounds(key, static_cast<double>(number), value);
    }
    case config_type::real: {
        double number = 0;
        if (!read_number(value, number) || !std::isfinite(number)) {
            return fmt::format("must be a number, not \"{}\"", value);
        }
        return check_bounds(key, number, value);
    }
    default:
        return check_choices(key, value);
    }
}

} // namespace logboom::broker
