// The kafka input: records of a topic become events, and their offsets are committed when the
// outputs have them. The sink's beginning.
#pragma once

#include "plugin/plugin.h"

namespace logboom::client {

extern const input_type kafka_input;

} // namespace logboom::client
