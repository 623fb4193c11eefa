// Output stdout: every event in its codec's form (rubydebug unless set) on standard output. Acks
// settle when write(2) has taken the bytes. A reader that is gone loses the batch and ends the
// pipeline (write() throws, once); a slow one and a full device hold it up until finish().
#pragma once

#include "plugin/output.h"

namespace logboom {

/// On any descriptor, which is not closed: for tests.
std::unique_ptr<output> make_descriptor_output(const plugin_context& context, int descriptor);

extern const output_row stdout_output;

} // namespace logboom
