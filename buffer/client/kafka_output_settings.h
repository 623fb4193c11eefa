// The kafka output's options, Logstash's names and those of its releases of 2014 to 2017, and the
// librdkafka properties that they stand for. docs/kafka_plugins.md tells users about them.
#pragma once

#include "base/settings.h"
#include "buffer/client/properties.h"

#include <span>

namespace logboom::client {

std::span<const setting> kafka_output_table();

enum class partitioning { by_stream, round_robin, sticky };

result<property_list> producer_properties(const settings& from);
result<partitioning> partitioning_of(const settings& from);

} // namespace logboom::client
