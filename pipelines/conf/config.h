// A pipeline config after parsing: what stands in the input, filter and output sections, in written
// order, with `${VAR}` replaced and repeated attributes merged. Plain data, owned; nothing is known
// yet about which plugins exist (pipelines/topology does that). Grammar: docs/pipeline_language.md.
#pragma once

#include "base/config_value.h"

#include <optional>
#include <variant>

namespace logboom::conf {

/// One side of a comparison.
struct operand {
    enum class kind { text, integer, real, selector, array, regexp };

    kind what = kind::text;
    /// The string, the selector with its brackets, or the pattern between the slashes.
    std::string text;
    std::int64_t integer = 0;
    double real = 0;
    std::vector<operand> items;
    source_position where;
};

struct expression {
    enum class form {
        // Of parts.
        all_of,
        any_of,
        one_of,
        not_all_of,
        negation,
        // Of left alone.
        truthy,
        // Of left and right.
        equal,
        unequal,
        less,
        less_or_equal,
        greater,
        greater_or_equal,
        in,
        not_in,
        matches,
        matches_not,
    };

    form what = form::truthy;
    std::vector<expression> parts;
    operand left;
    operand right;
    /// As written, for messages.
    std::string text;
    source_position where;
};

struct statement;

/// `if`, `else if` (with a condition) or `else` (without).
struct branch_arm {
    std::optional<expression> condition;
    std::vector<statement> body;
};

struct branch {
    std::vector<branch_arm> arms;
    source_position where;
};

struct statement {
    std::variant<plugin_config, branch> what;
};

struct config {
    std::vector<statement> inputs;
    std::vector<statement> filters;
    std::vector<statement> outputs;
    /// A section of that kind was written, be it empty.
    bool has_input_section = false;
    bool has_output_section = false;
};

} // namespace logboom::conf
