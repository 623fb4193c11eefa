// The kafka output: events become records of a topic. The agent's end of the road; what it
// acknowledges, the broker has.
#pragma once

#include "plugin/output.h"

namespace logboom::client {

extern const output_row kafka_output;

} // namespace logboom::client
