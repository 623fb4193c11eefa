// The name of this machine, as the kernel has it.
#pragma once

#include <string>

namespace logboom {

std::string host_name();

} // namespace logboom
