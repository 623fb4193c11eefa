// JSON text to values in an arena, in one pass. Strings without escapes are views into the text;
// arrays and maps are exactly as big as they need to be. Numbers without fraction and exponent that
// fit 64 bits, with a sign or without, keep every digit, the others are floats; of a repeated key
// the last one counts. All strings come out as valid UTF-8, with U+FFFD for what is not. Safe to
// run on anything: depth and length are bounded.
#pragma once

#include "base/result.h"
#include "codecs/text/errc.h"
#include "event/value.h"

#include <string_view>

namespace logboom {

struct json_limits {
    int depth = 500;
    std::size_t text_size = std::size_t{512} * 1024 * 1024;
};

/// One JSON value, with white space around it and nothing else. Everything it holds lives in
/// `memory`. The error's context says what is wrong and at which byte.
result<value> read_json(std::string_view text, arena& memory, const json_limits& limits = {});
/// The same for text that lives as long as `memory` and need not be copied.
result<value> read_kept_json(std::string_view text, arena& memory, const json_limits& limits = {});

} // namespace logboom
