// Reads sections, branches and plugin blocks: the outer half of the language.
#include "pipelines/conf/parser.h"

#include "pipelines/conf/read_condition.h"
#include "pipelines/conf/read_value.h"

#include <fmt/format.h>

namespace logboom::conf {
namespace {

bool read_statements(cursor& from, std::size_t begin, std::vector<statement>& into);

/// `{ statements }`, after what `begin` points to.
bool read_block(cursor& from, std::size_t begin, std::vector<statement>& into) {
    from.skip_blanks();
    if (!from.take("{")) {
        return from.fail("expected '{', not " + from.next_thing() + ".");
    }
    if (!from.enter()) {
        return false;
    }
    const bool is_read = read_statements(from, begin, into);
    from.leave();
    return is_read;
}

bool read_if(cursor& from, std::size_t begin, branch& into) {
    branch_arm arm;
    from.skip_blanks();
    if (!read_condition(from, arm.condition.emplace())) {
        return false;
    }
    from.skip_blanks();
    if (from.peek() != '{') {
        return from.fail(
            "expected '{', or an operator (and, or, ==, !=, <, >, =~, in, ...), not " +
            from.next_thing() + "."
        );
    }
    if (!read_block(from, begin, arm.body)) {
        return false;
    }
    into.arms.push_back(std::move(arm));
    return true;
}

/// After the word `if`.
bool read_branch(cursor& from, std::size_t begin, branch& into) {
    into.where = from.position(begin);
    if (!read_if(from, begin, into)) {
        return false;
    }
    while (true) {
        const std::size_t end = from.offset();
        from.skip_blanks();
        const std::size_t at = from.offset();
        if (!from.take_word("else")) {
            from.rewind(end);
            return true;
        }
        from.skip_blanks();
        if (from.take_word("if")) {
            if (!read_if(from, at, into)) {
                return false;
            }
            continue;
        }
        branch_arm arm;
        if (!read_block(from, at, arm.body)) {
            return false;
        }
        into.arms.push_back(std::move(arm));
        return true;
    }
}

bool read_plugin(cursor& from, plugin_config& into) {
    const std::size_t begin = from.offset();
    std::string name;
    if (from.peek() == '"' || from.peek() == '\'') {
        if (!from.read_string(name)) {
            return false;
        }
    } else {
        name = from.take_name();
    }
    from.skip_blanks();
    if (from.peek() == '{') {
        return read_plugin_body(from, std::move(name), begin, into);
    }
    if (from.rest().starts_with("=>")) {
        return from.fail_at(
            begin,
            fmt::format("'{}' is a setting outside of any plugin; it belongs in a block.", name)
        );
    }
    return from.fail(
        fmt::format("expected '{{' after the plugin '{}', not {}.", name, from.next_thing())
    );
}

bool read_statements(cursor& from, std::size_t begin, std::vector<statement>& into) {
    from.skip_blanks();
    while (!from.take("}")) {
        if (from.at_end()) {
            return from.fail_at(begin, "the block that begins here is never closed with '}'.");
        }
        const std::size_t at = from.offset();
        const char next = from.peek();
        if (!is_name_character(next) && next != '"' && next != '\'') {
            return from.fail("expected a plugin, `if` or '}', not " + from.next_thing() + ".");
        }
        if (from.take_word("if")) {
            branch made;
            if (!read_branch(from, at, made)) {
                return false;
            }
            into.push_back({std::move(made)});
        } else if (from.take_word("else")) {
            return from.fail_at(at, "this `else` has no `if` before it.");
        } else {
            plugin_config made;
            if (!read_plugin(from, made)) {
                return false;
            }
            into.push_back({std::move(made)});
        }
        from.skip_blanks();
    }
    return true;
}

bool read_section(cursor& from, config& into) {
    const std::size_t begin = from.offset();
    if (from.take_word("input")) {
        into.has_input_section = true;
        return read_block(from, begin, into.inputs);
    }
    if (from.take_word("filter")) {
        return read_block(from, begin, into.filters);
    }
    if (from.take_word("output")) {
        into.has_output_section = true;
        return read_block(from, begin, into.outputs);
    }
    if (from.peek() == '}') {
        return from.fail("this '}' closes nothing.");
    }
    return from.fail(
        "expected a section (input, filter or output), not " + from.next_thing() + "."
    );
}

} // namespace

parsed parse(const source& from, const parse_options& options) {
    parsed into;
    cursor here(from, options, into);
    here.skip_blanks();
    while (!here.at_end() && read_section(here, into.tree)) {
        here.skip_blanks();
    }
    return into;
}

} // namespace logboom::conf
