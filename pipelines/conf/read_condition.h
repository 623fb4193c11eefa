// Conditions of `if`.
#pragma once

#include "pipelines/conf/cursor.h"

namespace logboom::conf {

bool read_condition(cursor& from, expression& into);

} // namespace logboom::conf
