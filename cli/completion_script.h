// The completion of the program for a shell, made from its own tree of commands and options, so
// that it knows what the program knows. Pure.
#pragma once

#include "cli/command_line.h"

#include <string>

namespace logboom::cli {

std::string bash_completion(const command_line& program);
std::string zsh_completion(const command_line& program);
std::string fish_completion(const command_line& program);

} // namespace logboom::cli
