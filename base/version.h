// The version of this program: meson.build's, and nowhere else.
#pragma once

#include <string_view>

namespace logboom {

std::string_view program_version() noexcept;

} // namespace logboom
