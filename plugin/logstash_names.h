// The plugins that Logstash has: for telling somebody who asks for one that is not here that it is
// not a mistake of spelling.
#pragma once

#include "plugin/context.h"

#include <span>
#include <string_view>

namespace logboom {

/// Of its distribution and of its plugin repositories; sorted.
std::span<const std::string_view> logstash_names(plugin_kind kind);

} // namespace logboom
