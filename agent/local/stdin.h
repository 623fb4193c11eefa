// The `stdin` input: the process's standard input, through a codec (line unless told otherwise).
// Ends when standard input ends; at a stop, with what lies in the pipe by then. One a process, as
// there is one standard input; what was read cannot be read again, so its acks mean nothing.
#pragma once

#include "plugin/input.h"

namespace logboom::agent {

extern const input_row stdin_input;

} // namespace logboom::agent
