// Filter drop: cancels events, all of them or `percentage` of them at random.
#pragma once

#include "plugin/plugin.h"

namespace logboom {

extern const filter_type drop_filter;

} // namespace logboom
