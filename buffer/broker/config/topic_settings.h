// The configuration keys of a topic: one table from which come defaults, checks, the log's
// configuration and the DescribeConfigs answer. A value is the topic's override, else what
// server.properties says under the broker's name for it, else Kafka's default.
#pragma once

#include "base/result.h"
#include "buffer/log/log_config.h"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace logboom::broker {

using topic_config = std::map<std::string, std::string, std::less<>>;

/// The numbers are Kafka's (DescribeConfigs).
enum class config_type : std::int8_t {
    boolean = 1,
    text = 2,
    integer = 3,
    short_integer = 4,
    long_integer = 5,
    real = 6,
    list = 7,
    password = 9,
};

struct topic_setting {
    std::string_view name;
    /// Its name in server.properties; empty when there is none.
    std::string_view broker_name;
    config_type type;
    std::string_view fallback;
    double min;
    /// For text and list: "a|b|c"; empty for anything.
    std::string_view choices;
    std::string_view doc;
    /// nullptr: accepted for compatibility, changes nothing in the log.
    void (*apply)(log::log_config& to, const std::string& value);
};

std::span<const topic_setting> topic_settings();
/// nullptr when there is no such key.
const topic_setting* find_topic_setting(std::string_view name);

/// Kafka reads no value without this: files are full of space at the end of lines.
std::string trimmed(std::string_view value);
/// Empty when `value` fits; otherwise a sentence for the client.
std::string check_topic_setting(const topic_setting& key, const std::string& value);
/// Empty when all keys are known and all values fit.
std::string check_overrides(const topic_config& overrides);

/// `defaults` and `overrides` must have passed check_overrides.
log::log_config make_log_config(const topic_config& defaults, const topic_config& overrides);
/// The value in force and where it is from.
enum class config_source : std::int8_t { topic = 1, broker = 4, fallback = 5 };
struct effective_value {
    std::string value;
    config_source source = config_source::fallback;
};
effective_value effective_topic_value(
    const topic_setting& key, const topic_config& defaults, const topic_config& overrides
);

} // namespace logboom::broker
