// The elasticsearch output: encodes events on the pipeline's workers and hands them to its sender.
// docs/elasticsearch_output.md is for its users.
#pragma once

#include "plugin/output.h"

namespace logboom::sinks {

extern const output_row elasticsearch_output;

} // namespace logboom::sinks
