// Topics as Kafka writes them down in its coordination tree: the values under /brokers/topics and
// /config/topics. Pure text to values and back.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "buffer/broker/config/topic_settings.h"

#include <string>
#include <string_view>
#include <vector>

namespace logboom::broker {

struct topic_record {
    uuid id;
    /// Replicas of each partition; the first is the preferred leader.
    std::vector<std::vector<broker_id>> replicas;
};

std::string topic_path(std::string_view topic);
std::string topic_config_path(std::string_view topic);
std::string topic_deletion_path(std::string_view topic);

std::string encode_topic(const topic_record& record);
result<topic_record> decode_topic(std::string_view json);
std::string encode_topic_config(const topic_config& overrides);
result<topic_config> decode_topic_config(std::string_view json);

/// Kafka's rules for names: empty when `name` is fine, else a sentence.
std::string check_topic_name(std::string_view name);
/// Names that differ in '.' and '_' only share their metrics' names; Kafka refuses the second.
std::string collision_key(std::string_view name);
bool is_internal_topic(std::string_view name);

} // namespace logboom::broker
