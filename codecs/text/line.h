// Codec line: one event per line of the stream; out, one text per event and the delimiter. Options:
// format, charset, delimiter.
#pragma once

#include "plugin/plugin.h"

namespace logboom {

extern const codec_type line_codec;

} // namespace logboom
