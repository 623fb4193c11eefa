// The kafka input's options, Logstash's names and those of its releases of 2014 to 2017, and the
// librdkafka properties that they stand for. docs/kafka_plugins.md tells users about them.
#pragma once

#include "base/settings.h"
#include "buffer/client/properties.h"

#include <span>
#include <string>
#include <vector>

namespace logboom::client {

std::span<const setting> kafka_input_table();

result<property_list> consumer_properties(const settings& from);
/// Names, or one regular expression as librdkafka wants it ("^(...)$").
std::vector<std::string> subscription_of(const settings& from);
/// Sentences about given options that deserve one beyond what the table says.
std::vector<std::string> input_notes(const settings& from);

enum class decoration { none, basic, extended };
decoration decoration_of(const settings& from);

} // namespace logboom::client
