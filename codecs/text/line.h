// Codec line: one event per line of the stream; out, one text per event and the delimiter. Options:
// format, charset, delimiter.
#pragma once

#include "plugin/codec.h"

namespace logboom {

extern const codec_row line_codec;

} // namespace logboom
