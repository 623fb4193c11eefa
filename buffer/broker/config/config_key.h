// One key of configuration: of server.properties, of a topic, or of both under two names. All that
// is known of it stands in its row: Kafka's type, the default, bounds, text, and how a value gets
// into the plain structs. Parsing, checks, --override, DescribeConfigs, AlterConfigs and
// docs/server_properties.md come from the rows; the structs have no defaults of their own.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace logboom::log {
struct log_config;
}

namespace logboom::broker {

struct broker_config;

/// The numbers are Kafka's (DescribeConfigs).
enum class config_type : std::int8_t {
    boolean = 1,
    text = 2,
    integer = 3,
    short_integer = 4,
    long_integer = 5,
    real = 6,
    list = 7,
    class_name = 8,
    /// Never shown.
    password = 9,
};

enum class key_state {
    works,
    /// Kafka has it and we do not act on it: accepted with a warning.
    not_yet,
    /// Nothing is missing without it: accepted, and explained where config_key::doc does.
    no_effect,
    /// Asks for a protection that is not given: ends the start (config_key::harmless).
    refused,
};

/// Values have passed check_value.
using put_broker_value = void (*)(broker_config& to, std::string_view value);
using put_log_value = void (*)(log::log_config& to, std::string_view value);

struct config_key {
    /// In server.properties; empty for a key that only topics have.
    std::string_view name;
    /// Of a topic; empty when topics have none.
    std::string_view topic_name;
    config_type type = config_type::text;
    /// As it would be written; empty: unset.
    std::string_view fallback;
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    /// For text and list: "a|b|c"; empty for anything.
    std::string_view choices;
    /// A sentence; of refused keys what they ask for.
    std::string_view doc;
    key_state state = key_state::works;
    /// Of refused keys: values that ask for nothing, "a|b".
    std::string_view harmless;
    /// The value is that of this topic key in another unit.
    std::string_view scales;
    std::int64_t unit_ms = 1;
    /// nullptr: read elsewhere, or without effect.
    put_broker_value to_broker = nullptr;
    put_log_value to_log = nullptr;

    /// A topic's name for it where there is one.
    [[nodiscard]] constexpr std::string_view own_name() const noexcept {
        return topic_name.empty() ? name : topic_name;
    }
    [[nodiscard]] std::string text() const;

    // For the tables.
    [[nodiscard]] constexpr config_key at_least(double low) const {
        config_key made = *this;
        made.min = low;
        return made;
    }
    [[nodiscard]] constexpr config_key between(double low, double high) const {
        config_key made = at_least(low);
        made.max = high;
        return made;
    }
    [[nodiscard]] constexpr config_key one_of(std::string_view values) const {
        config_key made = *this;
        made.choices = values;
        return made;
    }
    [[nodiscard]] constexpr config_key puts(put_broker_value put) const {
        config_key made = *this;
        made.to_broker = put;
        return made;
    }
    [[nodiscard]] constexpr config_key times(std::int64_t unit, std::string_view topic_key) const {
        config_key made = *this;
        made.unit_ms = unit;
        made.scales = topic_key;
        return made;
    }
};

// The table, in four parts.
std::span<const config_key> broker_keys();
std::span<const config_key> topic_keys();
std::span<const config_key> idle_keys();
std::span<const config_key> refused_keys();

/// Each key of server.properties.
template <class Visit>
void for_each_broker_key(Visit&& visit) {
    for (const auto& part : {broker_keys(), topic_keys(), idle_keys(), refused_keys()}) {
        for (const config_key& each : part) {
            if (!each.name.empty()) {
                visit(each);
            }
        }
    }
}
/// Each key of a topic.
template <class Visit>
void for_each_topic_key(Visit&& visit) {
    for (const config_key& each : topic_keys()) {
        if (!each.topic_name.empty()) {
            visit(each);
        }
    }
}

// nullptr when there is none.
const config_key* find_broker_key(std::string_view name);
const config_key* find_topic_key(std::string_view topic_name);

/// Kafka reads no value without this: files are full of space at the end of lines.
std::string_view trimmed(std::string_view value);
/// Whether `value` is one of "a|b|c".
bool is_one_of(std::string_view choices, std::string_view value);
/// What is wrong with a trimmed value, to follow the key's name ("must be at least 1, not \"0\"");
/// empty when it fits. The value of a password is not named.
std::string check_value(const config_key& key, std::string_view value);

} // namespace logboom::broker
