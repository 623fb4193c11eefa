// Filter drop: cancels events, all of them or `percentage` of them at random.
#pragma once

#include "plugin/filter.h"

namespace logboom {

extern const filter_row drop_filter;

} // namespace logboom
