// Filter json: the JSON text in one field becomes fields of the event, or one field of it (target).
// Text that is not JSON leaves the event as it is, tagged _jsonparsefailure.
#pragma once

#include "plugin/filter.h"

namespace logboom {

extern const filter_row json_filter;

} // namespace logboom
