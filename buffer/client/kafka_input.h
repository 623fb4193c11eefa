// The kafka input: records of a topic become events, and their offsets are committed when the
// outputs have them. The sink's beginning.
#pragma once

#include "plugin/input.h"

namespace logboom::client {

extern const input_row kafka_input;

} // namespace logboom::client
