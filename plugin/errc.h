// What a plugin's make() can find wrong that its table cannot say.
#pragma once

#include "base/result.h"

namespace logboom {

enum class plugin_errc {
    /// The context is the sentence; plugin_options::refusals() has its position.
    bad_option = 1,
};

inline const char* describe(plugin_errc value) {
    return value == plugin_errc::bad_option ? "this option cannot be" : "unknown error";
}

LB_ERROR_ENUM(plugin_errc, "plugin")

} // namespace logboom

template <>
struct std::is_error_code_enum<logboom::plugin_errc> : std::true_type {};
