// The `generator` input: events made of nothing, for trying a pipeline out and for measuring it.
// Logstash's options; count 0 goes on for ever; `lines` are repeated count times each.
#pragma once

#include "plugin/input.h"

namespace logboom::agent {

extern const input_row generator_input;

} // namespace logboom::agent
