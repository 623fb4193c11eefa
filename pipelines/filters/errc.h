// What can be wrong with a filter's settings beyond what their table says.
#pragma once

#include "base/result.h"

namespace logboom {

enum class filter_errc {
    bad_field_reference = 1,
    bad_conversion,
    bad_gsub,
    bad_value,
};

inline const char* describe(filter_errc value) {
    switch (value) {
    case filter_errc::bad_field_reference:
        return "this is no legal field reference";
    case filter_errc::bad_conversion:
        return "no such conversion; there are string, integer, float, boolean, integer_eu and "
               "float_eu";
    case filter_errc::bad_gsub:
        return "gsub wants three elements each time: a field, a regular expression, a replacement";
    case filter_errc::bad_value:
        return "this must be a string or a number";
    }
    return "unknown error";
}

LB_ERROR_ENUM(filter_errc, "filter")

} // namespace logboom

template <>
struct std::is_error_code_enum<logboom::filter_errc> : std::true_type {};
