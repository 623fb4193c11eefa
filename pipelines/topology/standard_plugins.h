// Every plugin of this program.
#pragma once

#include "plugin/registry.h"

namespace logboom::pipelines {

const plugin_registry& standard_plugins();

} // namespace logboom::pipelines
