// What can be wrong with the settings or the files of the plain outputs.
#pragma once

#include "base/result.h"

namespace logboom {

enum class sink_errc {
    dynamic_root = 1,
    stopped,
};

inline const char* describe(sink_errc value) {
    switch (value) {
    case sink_errc::dynamic_root:
        return "the first part of the path must not be a template";
    case sink_errc::stopped:
        return "the output was stopped before everything was written";
    }
    return "unknown error";
}

LB_ERROR_ENUM(sink_errc, "sink")

} // namespace logboom

template <>
struct std::is_error_code_enum<logboom::sink_errc> : std::true_type {};
