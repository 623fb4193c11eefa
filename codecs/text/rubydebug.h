// Codec rubydebug: events as Ruby's awesome print shows them, to the byte, for people. Colours when
// stdout is a terminal. It does not decode: as a codec of an input it gives the data as the
// message. Option: metadata.
#pragma once

#include "plugin/codec.h"

#include <string>

namespace logboom {

struct rubydebug_style {
    bool metadata = false;
    bool colours = false;
};

/// With the newline at its end.
void append_rubydebug(const event& from, const rubydebug_style& style, std::string& out);

extern const codec_row rubydebug_codec;

} // namespace logboom
