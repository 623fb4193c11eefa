// The little the broker knows of what "consumer" groups tell each other (ConsumerProtocol): which
// topics a member subscribes to, and how "no partitions" is written. Pure functions.
#pragma once

#include "base/bytes.h"

#include <optional>
#include <string>
#include <vector>

namespace logboom::broker {

constexpr std::string_view consumer_protocol_type = "consumer";

/// Sorted and without doubles; nothing when `subscription` is not one.
std::optional<std::vector<std::string>> subscribed_topics(bytes_view subscription);

/// Version 0, no topics, no user data.
bytes empty_consumer_assignment();

} // namespace logboom::broker
