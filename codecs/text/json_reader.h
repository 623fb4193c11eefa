// JSON text to values in an arena. Strings are decoded in place in one copy of the text, so that a
// document costs one allocation for its strings. Numbers without fraction and exponent that fit 64
// bits are integers, the others floats; of a repeated key the last one counts. Pure function, safe
// to run on anything: depth and length are bounded, and nesting uses no stack.
#pragma once

#include "base/result.h"
#include "codecs/event/value.h"
#include "codecs/text/errc.h"

#include <string_view>

namespace logboom {

struct json_limits {
    int depth = 500;
    std::size_t text_size = std::size_t{512} * 1024 * 1024;
};

/// One JSON value, with white space around it and nothing else. Everything it holds lives in
/// `memory`. The error's context says what is wrong and at which byte.
result<value> read_json(std::string_view text, arena& memory, const json_limits& limits = {});

} // namespace logboom
