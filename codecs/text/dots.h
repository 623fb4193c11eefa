// Codec dots: one "." per event, to watch a pipeline work. It does not decode: as a codec of an
// input it gives the data as the message.
#pragma once

#include "plugin/codec.h"

namespace logboom {

extern const codec_row dots_codec;

} // namespace logboom
