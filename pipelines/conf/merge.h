// What becomes of a setting that is written twice in one plugin block.
#pragma once

#include "base/config_value.h"

namespace logboom::conf {

/// Logstash's rules: hashes merge (values of the same key join into an array), an array takes what
/// comes later at its end, equal scalars are one, different scalars become an array.
void merge_attribute(config_value& into, const config_value& later);
/// Without regard to where they stand.
bool same_value(const config_value& left, const config_value& right);

} // namespace logboom::conf
