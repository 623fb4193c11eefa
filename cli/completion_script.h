// The bash completion of the program, made from its own tree of commands and options, so that it
// knows what the program knows. Pure.
#pragma once

#include "cli/command_line.h"

#include <string>

namespace logboom::cli {

std::string bash_completion(const command_line& program);

} // namespace logboom::cli
