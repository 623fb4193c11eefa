// Filter mutate: renames, replaces, converts and rewrites fields. Its operations run in one fixed
// order, whatever order they are written in: coerce, rename, update, replace, convert, gsub,
// uppercase, capitalize, lowercase, strip, split, join, merge, copy. An operation that fails tags
// the event with tag_on_failure and the rest are skipped.
#pragma once

#include "plugin/filter.h"

namespace logboom {

extern const filter_row mutate_filter;

} // namespace logboom
