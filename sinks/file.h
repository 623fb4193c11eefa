// Output file: events appended to files whose path is a template. Options and rules are those of
// Logstash's file output; the files themselves are in open_files.h, the path in file_path.h.
//
// Acks settle when write(2) has taken the bytes, so flush_interval has nothing to do. What cannot
// be written because the disk is full or failing is tried again until finish(); a path that cannot
// be opened, or that leaves the static part of the template, goes to the failure file.
#pragma once

#include "plugin/output.h"

namespace logboom {

extern const output_row file_output;

} // namespace logboom
