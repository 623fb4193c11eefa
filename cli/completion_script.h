// The bash completion of the program, made from its own tree of commands and options, so that it
// knows what the program knows. Pure.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace logboom::cli {

std::string bash_completion(const CLI::App& app);

} // namespace logboom::cli
