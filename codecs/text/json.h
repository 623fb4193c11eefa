// Codecs json (one document, or an array of them, per piece of data) and json_lines (one per line
// of the stream). What is not JSON becomes an event with the text as its message, tagged
// _jsonparsefailure. Options: charset, target; json_lines also delimiter, decode_size_limit_bytes.
#pragma once

#include "plugin/codec.h"

namespace logboom {

extern const codec_row json_codec;
extern const codec_row json_lines_codec;

} // namespace logboom
