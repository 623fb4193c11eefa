// What can go wrong before a pipeline runs, besides problems in its config.
#pragma once

#include "base/result.h"

namespace logboom::pipelines {

enum class errc {
    bad_yaml = 1,
    not_a_map,
    not_a_list,
    undefined_variable,
};

inline const char* describe(errc value) {
    switch (value) {
    case errc::bad_yaml:
        return "this is not YAML";
    case errc::not_a_map:
        return "this file must hold keys and values";
    case errc::not_a_list:
        return "this file must hold a list of pipelines";
    case errc::undefined_variable:
        return "the variable is not set and has no default";
    }
    return "unknown error";
}

LB_ERROR_ENUM(errc, "pipelines")

} // namespace logboom::pipelines

template <>
struct std::is_error_code_enum<logboom::pipelines::errc> : std::true_type {};
