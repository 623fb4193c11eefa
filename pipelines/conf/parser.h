// Text of a config -> conf::config. A recursive descent over characters, as the language has no
// tokens that are the same everywhere. Stops at the first mistake in the grammar, and goes on after
// mistakes in values (an undefined variable), so that one run shows them all. Bounded: nesting by
// depth_max, size by conf::source.
#pragma once

#include "pipelines/conf/config.h"
#include "pipelines/conf/source.h"

#include <functional>

namespace logboom::conf {

/// Value of an environment variable; nullopt when it is not set.
using variable_lookup = std::function<std::optional<std::string>(const std::string& name)>;
/// getenv(3).
std::optional<std::string> environment_variable(const std::string& name);

struct parse_options {
    /// config.support_escapes: \n \r \t \0 \\ \" \' in strings are decoded.
    bool support_escapes = false;
    variable_lookup variables = environment_variable;
};

struct parsed {
    config tree;
    /// The config is usable only when there are none.
    problems errors;
    /// Sentences with their position.
    problems warnings;
};

constexpr int depth_max = 200;

parsed parse(const source& from, const parse_options& options = {});

} // namespace logboom::conf
