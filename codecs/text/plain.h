// Codec plain: one event per piece of data that the input hands over; out, one text per event
// without a delimiter. Logstash's default codec. Options: format, charset.
#pragma once

#include "plugin/codec.h"

namespace logboom {

extern const codec_row plain_codec;

} // namespace logboom
