// The settings that every plugin of a kind has, declared once; plugin/decorator.h applies them.
#pragma once

#include "plugin/context.h"

#include <vector>

namespace logboom {

/// The plugin's own rows and then the common rows of its kind that it does not have itself.
std::vector<setting> with_common_options(std::span<const setting> own, plugin_kind kind);

} // namespace logboom
