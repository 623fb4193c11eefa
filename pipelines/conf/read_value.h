// Values and the attributes of plugins.
#pragma once

#include "pipelines/conf/cursor.h"

namespace logboom::conf {

bool read_value(cursor& from, config_value& into);
/// `name { attributes }`, whose name has been read and began at `begin`; '{' comes next.
bool read_plugin_body(cursor& from, std::string name, std::size_t begin, plugin_config& into);
/// A number as Ruby's Integer() and Float() read it: 010 is 8.
bool read_number(cursor& from, std::variant<std::int64_t, double>& into);

} // namespace logboom::conf
