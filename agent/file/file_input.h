// The `file` input as the pipeline sees it: Logstash's option table, and an input that follows
// files by identity and moves their position only when the pipeline has acknowledged the lines.
#pragma once

#include "plugin/input.h"

namespace logboom::agent {

extern const input_row file_input;

} // namespace logboom::agent
