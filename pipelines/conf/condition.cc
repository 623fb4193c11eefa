// Compiles the tree of a condition into what tests events, and says why one could not be told.
#include "pipelines/conf/condition.h"

#include "base/regex.h"
#include "event/value_text.h"
#include "pipelines/conf/truth.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace logboom::conf {
namespace {

using form = expression::form;

verdict negated(verdict of) {
    if (of == verdict::broken) {
        return of;
    }
    return of == verdict::yes ? verdict::no : verdict::yes;
}

verdict verdict_of(bool holds) {
    return holds ? verdict::yes : verdict::no;
}

/// A field of the event, or a constant.
struct side {
    std::optional<field_reference> field;
    value constant;
    /// What to call it in messages.
    std::string text;

    [[nodiscard]] const value* of(const event& from) const {
        return field ? from.get(*field) : &constant;
    }
};

} // namespace

struct condition::node {
    form what = form::truthy;
    std::vector<node> parts;
    side left;
    side right;
    std::optional<regex> pattern;

    [[nodiscard]] verdict test(const event& of) const;
    [[nodiscard]] verdict test_parts(const event& of) const;
    [[nodiscard]] verdict test_match(const event& of) const;
    [[nodiscard]] verdict test_order(const event& of) const;
    [[nodiscard]] std::string why_broken(const event& of) const;
};

verdict condition::node::test_parts(const event& of) const {
    if (what == form::one_of || what == form::not_all_of) {
        const verdict first = parts[0].test(of);
        if (first == verdict::broken || (what == form::not_all_of && first == verdict::no)) {
            return negated(first);
        }
        const verdict second = parts[1].test(of);
        if (second == verdict::broken || what == form::not_all_of) {
            return negated(second);
        }
        return verdict_of(first != second);
    }
    // `and` ends at the first no, `or` at the first yes.
    const verdict last = what == form::all_of ? verdict::no : verdict::yes;
    for (const node& each : parts) {
        const verdict one = each.test(of);
        if (one == last || one == verdict::broken) {
            return one;
        }
    }
    return negated(last);
}

verdict condition::node::test_match(const event& of) const {
    const value* text = left.of(of);
    if (text == nullptr || !text->is(value_kind::string)) {
        return verdict::no;
    }
    switch (pattern->search(text->as_string())) {
    case regex_outcome::matched:
        return verdict::yes;
    case regex_outcome::unmatched:
        return verdict::no;
    case regex_outcome::too_costly:
        return verdict::broken;
    }
    return verdict::no;
}

verdict condition::node::test_order(const event& of) const {
    const auto order = compare_values(left.of(of), right.of(of));
    if (!order) {
        return verdict::broken;
    }
    switch (what) {
    case form::less:
        return verdict_of(*order == std::partial_ordering::less);
    case form::less_or_equal:
        return verdict_of(
            *order == std::partial_ordering::less || *order == std::partial_ordering::equivalent
        );
    case form::greater:
        return verdict_of(*order == std::partial_ordering::greater);
    default:
        return verdict_of(
            *order == std::partial_ordering::greater || *order == std::partial_ordering::equivalent
        );
    }
}

verdict condition::node::test(const event& of) const {
    switch (what) {
    case form::all_of:
    case form::any_of:
    case form::one_of:
    case form::not_all_of:
        return test_parts(of);
    case form::negation:
        return negated(parts.front().test(of));
    case form::truthy:
        return verdict_of(is_truthy(left.of(of)));
    case form::equal:
        return verdict_of(equal_values(left.of(of), right.of(of)));
    case form::unequal:
        return verdict_of(!equal_values(left.of(of), right.of(of)));
    case form::less:
    case form::less_or_equal:
    case form::greater:
    case form::greater_or_equal:
        return test_order(of);
    case form::in:
    case form::not_in: {
        const bool is_list = !right.field && right.constant.is(value_kind::array);
        const bool is_in = is_list ? is_in_list(left.of(of), right.constant.as_array())
                                   : is_in_value(left.of(of), right.of(of));
        return verdict_of(is_in == (what == form::in));
    }
    case form::matches:
        return test_match(of);
    case form::matches_not:
        return negated(test_match(of));
    }
    return verdict::no;
}

std::string condition::node::why_broken(const event& of) const {
    for (const node& each : parts) {
        if (each.test(of) == verdict::broken) {
            return each.why_broken(of);
        }
    }
    if (pattern) {
        return fmt::format("the regular expression backtracks without end on {}", left.text);
    }
    for (const side* each : {&left, &right}) {
        if (each->of(of) == nullptr) {
            return fmt::format("the event has no field {}", each->text);
        }
    }
    return fmt::format(
        "{} is {} and {} is {}",
        left.text,
        kind_name(left.of(of)),
        right.text,
        kind_name(right.of(of))
    );
}

struct condition::compiler {
    arena& memory;
    problems& into;

    bool compile(const expression& from, node& made);
    value constant(const operand& from);
    bool compile_side(const operand& from, side& made);
};

value condition::compiler::constant(const operand& from) {
    switch (from.what) {
    case operand::kind::integer:
        return value::of(from.integer);
    case operand::kind::real:
        return value::of(from.real);
    case operand::kind::array: {
        const value made = value::new_array(memory);
        for (const operand& each : from.items) {
            made.as_array().push_back(memory, constant(each));
        }
        return made;
    }
    default:
        return value::of(memory.copy(from.text));
    }
}

bool condition::compiler::compile_side(const operand& from, side& made) {
    if (from.what != operand::kind::selector) {
        made.constant = constant(from);
        append_java_text(made.constant, made.text);
        return true;
    }
    made.text = from.text;
    made.field = field_reference::parse(from.text);
    if (!made.field) {
        into.push_back({from.where, from.text + " is no legal field reference.", {}});
    }
    return made.field.has_value();
}

bool condition::compiler::compile(const expression& from, node& made) {
    made.what = from.what;
    bool is_good = true;
    for (const expression& each : from.parts) {
        is_good = compile(each, made.parts.emplace_back()) && is_good;
    }
    if (!from.parts.empty()) {
        return is_good;
    }
    is_good = compile_side(from.left, made.left);
    if (from.right.what != operand::kind::regexp) {
        return (from.what == form::truthy || compile_side(from.right, made.right)) && is_good;
    }
    auto pattern = regex::compile(from.right.text);
    if (pattern.has_error()) {
        into.push_back({from.right.where, pattern.error().text() + ".", {}});
        return false;
    }
    made.pattern = *std::move(pattern);
    return is_good;
}

condition::condition() : root_(std::make_unique<node>()) {}
condition::~condition() = default;

std::unique_ptr<const condition> condition::compile(const expression& from, problems& into) {
    std::unique_ptr<condition> made(new condition);
    made->text_ = from.text;
    made->where_ = from.where;
    compiler with{made->memory_, into};
    if (!with.compile(from, *made->root_)) {
        return nullptr;
    }
    return made;
}

verdict condition::test(const event& of) const {
    return root_->test(of);
}

std::string condition::why_broken(const event& of) const {
    return fmt::format(
        "the condition `{}` ({}) failed: {}", text_, where_.text(), root_->why_broken(of)
    );
}

} // namespace logboom::conf
