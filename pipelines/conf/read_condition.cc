// Reads a condition: its terms and operators in a row, then Logstash's precedence over them.
#include "pipelines/conf/read_condition.h"

#include "event/field_reference.h"
#include "pipelines/conf/read_value.h"

#include <fmt/format.h>

namespace logboom::conf {
namespace {

using form = expression::form;

struct operator_name {
    std::string_view text;
    form what;
};
// Longer ones first.
constexpr operator_name comparisons[] = {
    {"==", form::equal},
    {"!=", form::unequal},
    {"<=", form::less_or_equal},
    {">=", form::greater_or_equal},
    {"=~", form::matches},
    {"!~", form::matches_not},
    {"<", form::less},
    {">", form::greater},
};
constexpr operator_name junctions[] = {
    {"and", form::all_of},
    {"or", form::any_of},
    {"xor", form::one_of},
    {"nand", form::not_all_of},
};

/// "[a][b]"; nothing is taken when it is no selector but an array.
bool take_selector(cursor& from, std::string& into) {
    const std::size_t begin = from.offset();
    while (from.take("[")) {
        const std::string_view rest = from.rest();
        const auto end = rest.find_first_of("[],");
        const bool is_element = end != std::string_view::npos && end > 0 && rest[end] == ']' &&
                                rest.substr(0, end).find('\n') == std::string_view::npos;
        // Logstash reads ["a"] as a field whose name has quotes; nobody has one, everybody means
        // an array.
        const bool is_quoted = rest.starts_with('"') || rest.starts_with('\'');
        if (!is_element || is_quoted) {
            from.rewind(begin);
            return false;
        }
        from.take(rest.substr(0, end + 1));
    }
    into = from.since(begin);
    return !into.empty();
}

/// "[a {", "[a][b": a field reference that meets another bracket, or the end of the line, before
/// its own.
bool is_open_selector(std::string_view text) {
    while (text.starts_with('[')) {
        text.remove_prefix(1);
        const bool is_name = !text.empty() && !is_digit(text.front()) && text.front() != '-' &&
                             (is_name_character(text.front()) || text.front() == '@');
        const auto end = text.find_first_of("[],\n");
        if (!is_name || end == std::string_view::npos || text[end] != ']') {
            return is_name && (end == std::string_view::npos || text[end] != ',');
        }
        text.remove_prefix(end + 1);
    }
    return false;
}

bool read_operand(cursor& from, operand& into);

bool read_operand_array(cursor& from, operand& into) {
    into.what = operand::kind::array;
    from.take("[");
    from.skip_blanks();
    while (!from.take("]")) {
        operand item;
        if (!read_operand(from, item)) {
            return false;
        }
        if (item.what == operand::kind::selector || item.what == operand::kind::regexp) {
            return from.fail("an array in a condition holds strings and numbers only.");
        }
        into.items.push_back(std::move(item));
        from.skip_blanks();
        if (from.take(",")) {
            from.skip_blanks();
            if (from.peek() == ']') {
                return from.fail("an array has no comma after its last element.");
            }
        } else if (from.peek() != ']') {
            return from.fail("expected ',' or ']' in this array, not " + from.next_thing() + ".");
        }
    }
    return true;
}

bool read_regexp(cursor& from, operand& into) {
    const std::size_t begin = from.offset();
    into.what = operand::kind::regexp;
    from.take("/");
    const std::string_view rest = from.rest();
    for (std::size_t i = 0; i < rest.size(); ++i) {
        if (rest[i] == '/') {
            from.take(rest.substr(0, i + 1));
            return true;
        }
        into.text.push_back(rest[i]);
        // `\\/` is a backslash and a slash that is escaped, as in Logstash's grammar.
        if (rest[i] == '\\' && rest.substr(i + 1).starts_with('/')) {
            into.text.push_back(rest[++i]);
        }
    }
    return from.fail_at(begin, "this regular expression is never closed with '/'.");
}

bool read_selector(cursor& from, std::size_t begin, std::string text, operand& into) {
    if (!field_reference::parse(text)) {
        return from.fail_at(begin, fmt::format("{} is no legal field reference.", text));
    }
    if (text.find_first_not_of("[]0123456789") == std::string::npos && text.size() > 2) {
        from.warn(
            begin,
            fmt::format(
                "{} is the field of that name, not an array; write two elements to compare with an "
                "array.",
                text
            )
        );
    }
    into.what = operand::kind::selector;
    into.text = std::move(text);
    return true;
}

bool read_number_operand(cursor& from, operand& into) {
    std::variant<std::int64_t, double> number;
    if (!read_number(from, number)) {
        return false;
    }
    if (const auto* whole = std::get_if<std::int64_t>(&number)) {
        into.what = operand::kind::integer;
        into.integer = *whole;
    } else {
        into.what = operand::kind::real;
        into.real = std::get<double>(number);
    }
    return true;
}

/// A bareword can only begin a method call, which the grammar has and Logstash never had.
bool fail_at_word(cursor& from, std::size_t begin) {
    const std::string name(from.take_name());
    from.skip_blanks();
    if (from.peek() == '(') {
        return from.fail_at(
            begin,
            fmt::format("the method call {}(..) is not implemented, in Logstash either.", name)
        );
    }
    if (name == "not") {
        return from.fail_at(
            begin, "`not` stands only before `in`; write ![field] or !(condition)."
        );
    }
    return from.fail_at(
        begin,
        fmt::format(
            "'{0}' means nothing here: write [{0}] for a field or \"{0}\" for a string.", name
        )
    );
}

bool read_any_operand(cursor& from, operand& into) {
    const std::size_t begin = from.offset();
    const char next = from.peek();
    if (next == '"' || next == '\'') {
        if (!from.read_string(into.text)) {
            return false;
        }
        into.text = from.substitute(std::move(into.text), begin);
        return true;
    }
    if (next == '-' || is_digit(next)) {
        return read_number_operand(from, into);
    }
    if (next == '[') {
        std::string selector;
        if (take_selector(from, selector)) {
            return read_selector(from, begin, std::move(selector), into);
        }
        if (is_open_selector(from.rest())) {
            return from.fail("the field reference that begins here is never closed with ']'.");
        }
        return read_operand_array(from, into);
    }
    if (next == '/') {
        return read_regexp(from, into);
    }
    if (is_name_character(next)) {
        return fail_at_word(from, begin);
    }
    return from.fail(
        "expected a field [name], a string, a number, an array or a regular expression in this "
        "condition, not " +
        from.next_thing() + "."
    );
}

bool read_operand(cursor& from, operand& into) {
    if (!from.enter()) {
        return false;
    }
    into.where = from.here();
    const bool is_read = read_any_operand(from, into);
    from.leave();
    return is_read;
}

bool read_parenthesised(cursor& from, expression& into) {
    const std::size_t begin = from.offset();
    from.take("(");
    from.skip_blanks();
    if (!read_condition(from, into)) {
        return false;
    }
    from.skip_blanks();
    if (from.take(")")) {
        return true;
    }
    return from.fail(fmt::format(
        "expected ')' for the '(' at {}, not {}.", from.position(begin).text(), from.next_thing()
    ));
}

bool read_negation(cursor& from, expression& into) {
    from.take("!");
    from.skip_blanks();
    into.what = form::negation;
    expression& inner = into.parts.emplace_back();
    inner.where = from.here();
    const std::size_t begin = from.offset();
    if (from.peek() == '(') {
        return read_parenthesised(from, inner);
    }
    std::string selector;
    if (from.peek() != '[' || !take_selector(from, selector)) {
        return from.fail("'!' stands before a field [name] or a parenthesis only.");
    }
    inner.what = form::truthy;
    inner.left.where = inner.where;
    inner.text = selector;
    return read_selector(from, begin, std::move(selector), inner.left);
}

/// The operator between two operands; form::truthy when there is none.
form take_comparison(cursor& from) {
    for (const operator_name& each : comparisons) {
        if (from.take(each.text)) {
            return each.what;
        }
    }
    if (from.take_word("in")) {
        return form::in;
    }
    const std::size_t begin = from.offset();
    if (from.take_word("not")) {
        from.skip_blanks();
        if (from.take_word("in")) {
            return form::not_in;
        }
        from.rewind(begin);
    }
    return form::truthy;
}

bool read_comparison(cursor& from, expression& into) {
    if (!read_operand(from, into.left)) {
        return false;
    }
    const std::size_t end = from.offset();
    from.skip_blanks();
    into.what = take_comparison(from);
    if (into.what == form::truthy) {
        from.rewind(end);
        if (into.left.what == operand::kind::regexp) {
            return from.fail("a regular expression needs =~ or !~ before it.");
        }
        return true;
    }
    from.skip_blanks();
    const std::size_t right = from.offset();
    if (!read_operand(from, into.right)) {
        return false;
    }
    const bool is_match = into.what == form::matches || into.what == form::matches_not;
    if (is_match && into.right.what == operand::kind::text) {
        into.right.what = operand::kind::regexp;
    }
    if (is_match != (into.right.what == operand::kind::regexp)) {
        return from.fail_at(
            right,
            is_match ? "=~ and !~ need a regular expression /../ or a string on their right."
                     : "a regular expression can only be compared with =~ or !~."
        );
    }
    return true;
}

bool read_expression(cursor& from, expression& into) {
    const std::size_t begin = from.offset();
    into.where = from.here();
    bool is_read = false;
    if (from.peek() == '(') {
        return read_parenthesised(from, into);
    }
    is_read = from.peek() == '!' ? read_negation(from, into) : read_comparison(from, into);
    into.text = from.since(begin);
    return is_read;
}

expression join(form what, expression left, expression right) {
    expression made;
    made.what = what;
    made.where = left.where;
    made.text = left.text;
    if (left.what == what && what != form::one_of && what != form::not_all_of) {
        made.parts = std::move(left.parts);
    } else {
        made.parts.push_back(std::move(left));
    }
    made.parts.push_back(std::move(right));
    return made;
}

/// "a and b or c": `and` binds tighter.
expression apply_precedence(std::vector<expression> terms, const std::vector<form>& operators) {
    std::vector<expression> alternatives;
    alternatives.push_back(std::move(terms.front()));
    for (std::size_t i = 0; i < operators.size(); ++i) {
        if (operators[i] == form::any_of) {
            alternatives.push_back(std::move(terms[i + 1]));
        } else {
            alternatives.back() =
                join(operators[i], std::move(alternatives.back()), std::move(terms[i + 1]));
        }
    }
    expression whole = std::move(alternatives.front());
    for (std::size_t i = 1; i < alternatives.size(); ++i) {
        whole = join(form::any_of, std::move(whole), std::move(alternatives[i]));
    }
    return whole;
}

bool take_junction(cursor& from, form& into) {
    for (const operator_name& each : junctions) {
        if (from.take_word(each.text)) {
            into = each.what;
            return true;
        }
    }
    return false;
}

bool read_terms(cursor& from, expression& into) {
    const std::size_t begin = from.offset();
    std::vector<expression> terms(1);
    std::vector<form> operators;
    if (!read_expression(from, terms.front())) {
        return false;
    }
    bool has_lone_operator = false;
    while (true) {
        const std::size_t end = from.offset();
        from.skip_blanks();
        const std::size_t at = from.offset();
        form junction{};
        if (!take_junction(from, junction)) {
            from.rewind(end);
            break;
        }
        has_lone_operator |= junction == form::one_of || junction == form::not_all_of;
        if (has_lone_operator && !operators.empty()) {
            return from.fail_at(
                at,
                fmt::format(
                    "Unexpected operator '{}': xor and nand have no rank among other operators; "
                    "put "
                    "parentheses around what belongs together.",
                    from.since(at)
                )
            );
        }
        operators.push_back(junction);
        from.skip_blanks();
        if (!read_expression(from, terms.emplace_back())) {
            return false;
        }
    }
    const auto where = from.position(begin);
    into = apply_precedence(std::move(terms), operators);
    into.where = where;
    into.text = from.since(begin);
    return true;
}

} // namespace

bool read_condition(cursor& from, expression& into) {
    if (!from.enter()) {
        return false;
    }
    const bool is_read = read_terms(from, into);
    from.leave();
    return is_read;
}

} // namespace logboom::conf
