// Text of a config -> conf::config. A recursive descent over characters, as the language has no
// tokens that are the same everywhere. Stops at the first mistake in the grammar, and goes on after
// mistakes in values (an undefined variable), so that one run shows them all. Bounded: nesting by
// depth_max, size by conf::source.
#pragma once

#include "pipelines/conf/config.h"
#include "pipelines/conf/source.h"
#include "pipelines/conf/variables.h"

namespace logboom::conf {

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
