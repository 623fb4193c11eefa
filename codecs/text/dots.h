// Codec dots: one "." per event, to watch a pipeline work. It does not decode: as a codec of an
// input it gives the data as the message.
#pragma once

#include "plugin/plugin.h"

namespace logboom {

extern const codec_type dots_codec;

} // namespace logboom
