// The configuration of a topic: a value is the topic's override, else what server.properties says
// under the broker's name for it, else Kafka's default. The keys are topic_keys() (config_key.h).
#pragma once

#include "buffer/broker/config/config_key.h"
#include "buffer/log/log_config.h"

#include <map>
#include <string>

namespace logboom::broker {

/// By the topic's names of the keys.
using topic_config = std::map<std::string, std::string, std::less<>>;

/// Empty when all keys are known and all values fit; otherwise a sentence for the client.
std::string check_overrides(const topic_config& overrides);

/// `defaults` and `overrides` must have passed check_overrides.
log::log_config make_log_config(const topic_config& defaults, const topic_config& overrides);

/// The numbers are Kafka's (DescribeConfigs).
enum class config_source : std::int8_t { topic = 1, broker = 4, fallback = 5 };
/// The value in force and where it is from.
struct effective_value {
    std::string value;
    config_source source = config_source::fallback;
};
effective_value effective_topic_value(
    const config_key& key, const topic_config& defaults, const topic_config& overrides
);

} // namespace logboom::broker
