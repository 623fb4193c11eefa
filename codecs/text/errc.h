// What can be wrong with text that a codec reads.
#pragma once

#include "base/result.h"

namespace logboom {

enum class text_errc {
    bad_json = 1,
    json_too_deep,
    json_too_long,
    unknown_charset,
};

inline const char* describe(text_errc value) {
    switch (value) {
    case text_errc::bad_json:
        return "the text is not JSON";
    case text_errc::json_too_deep:
        return "the JSON is nested too deeply";
    case text_errc::json_too_long:
        return "the JSON text is too long";
    case text_errc::unknown_charset:
        return "this character encoding is not known";
    }
    return "unknown error";
}

LB_ERROR_ENUM(text_errc, "text")

} // namespace logboom

template <>
struct std::is_error_code_enum<logboom::text_errc> : std::true_type {};
