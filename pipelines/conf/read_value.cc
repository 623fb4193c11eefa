// Reads values: strings, numbers, arrays, hashes and plugins, by the grammar of lscl.
#include "pipelines/conf/read_value.h"

#include "pipelines/conf/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace logboom::conf {
namespace {

constexpr std::string_view value_kinds =
    "a string, a number, a bareword, an array [..] or a hash {..}";

bool is_bareword(std::string_view name) {
    return name.size() >= 2 && !is_digit(name.front()) && name.find('-') == std::string_view::npos;
}

bool read_array(cursor& from, config_value& into) {
    const std::size_t begin = from.offset();
    from.take("[");
    config_value::array items;
    from.skip_blanks();
    while (!from.take("]")) {
        config_value item;
        if (!read_value(from, item)) {
            return false;
        }
        items.push_back(std::move(item));
        from.skip_blanks();
        const std::size_t comma = from.offset();
        if (from.take(",")) {
            from.skip_blanks();
            if (from.peek() == ']') {
                return from.fail_at(comma, "an array has no comma after its last element.");
            }
        } else if (from.peek() != ']') {
            return from.fail(
                from.next_thing() == "the end of the config"
                    ? "the array opened at " + from.position(begin).text() + " is never closed."
                    : "expected ',' or ']' in this array, not " + from.next_thing() + "."
            );
        }
    }
    into.data = std::move(items);
    return true;
}

bool read_hash_key(cursor& from, std::string& into) {
    const char next = from.peek();
    if (next == '"' || next == '\'') {
        return from.read_string(into);
    }
    if (next == '-' || is_digit(next)) {
        std::variant<std::int64_t, double> number;
        if (!read_number(from, number)) {
            return false;
        }
        config_value as_value;
        std::visit([&](auto each) { as_value.data = each; }, number);
        into = as_value.scalar_text();
        return true;
    }
    const std::size_t begin = from.offset();
    into = from.take_name();
    if (is_bareword(into)) {
        return true;
    }
    if (next == ',') {
        return from.fail("commas do not separate the entries of a hash; remove the comma.");
    }
    from.rewind(begin);
    return from.fail(
        "expected a key of the hash (a string, a number or a word of two letters or more), or '}', "
        "not " +
        from.next_thing() + "."
    );
}

bool read_hash(cursor& from, config_value& into) {
    from.take("{");
    config_value::hash entries;
    from.skip_blanks();
    while (!from.take("}")) {
        const std::size_t begin = from.offset();
        std::string key;
        if (!read_hash_key(from, key)) {
            return false;
        }
        from.skip_blanks();
        if (!from.take("=>")) {
            return from.fail(
                "expected '=>' after the key \"" + key + "\", not " + from.next_thing() + "."
            );
        }
        from.skip_blanks();
        const bool is_repeated = std::any_of(entries.begin(), entries.end(), [&](const auto& each) {
            return each.key == key;
        });
        if (is_repeated) {
            from.report(begin, fmt::format("the key \"{}\" stands twice in this hash.", key));
        }
        config_entry entry{std::move(key), {}, from.position(begin)};
        if (!read_value(from, entry.value)) {
            return false;
        }
        entries.push_back(std::move(entry));
        from.skip_blanks();
    }
    into.data = std::move(entries);
    return true;
}

/// A name, a bareword, or a plugin with a block: which one only what follows can tell.
bool read_word(cursor& from, config_value& into) {
    const std::size_t begin = from.offset();
    std::string name(from.take_name());
    const std::size_t end = from.offset();
    from.skip_blanks();
    if (from.peek() == '{') {
        auto plugin = std::make_shared<plugin_config>();
        if (!read_plugin_body(from, std::move(name), begin, *plugin)) {
            return false;
        }
        into.data = config_value::plugin(std::move(plugin));
        return true;
    }
    from.rewind(end);
    if (is_bareword(name)) {
        into.data = std::move(name);
        return true;
    }
    return from.fail_at(
        begin,
        name.size() == 1
            ? fmt::format("'{}' alone is too short for a bareword: put it in quotes.", name)
            : fmt::format("'{}' needs quotes around it.", name)
    );
}

bool read_quoted(cursor& from, config_value& into) {
    const std::size_t begin = from.offset();
    std::string text;
    if (!from.read_string(text)) {
        return false;
    }
    const std::size_t end = from.offset();
    from.skip_blanks();
    if (from.peek() == '{') {
        auto plugin = std::make_shared<plugin_config>();
        if (!read_plugin_body(from, std::move(text), begin, *plugin)) {
            return false;
        }
        into.data = config_value::plugin(std::move(plugin));
        return true;
    }
    from.rewind(end);
    into.data = from.substitute(std::move(text), begin);
    return true;
}

bool read_any(cursor& from, config_value& into) {
    const char next = from.peek();
    if (next == '"' || next == '\'') {
        return read_quoted(from, into);
    }
    if (next == '[') {
        return read_array(from, into);
    }
    if (next == '{') {
        return read_hash(from, into);
    }
    if (next == '-' || is_digit(next)) {
        std::variant<std::int64_t, double> number;
        if (!read_number(from, number)) {
            return false;
        }
        std::visit([&](auto each) { into.data = each; }, number);
        return true;
    }
    if (is_name_character(next)) {
        return read_word(from, into);
    }
    return from.fail(fmt::format("expected a value ({}), not {}.", value_kinds, from.next_thing()));
}

/// Adds a setting to its plugin, which may have it already.
void add_attribute(cursor& from, std::size_t begin, config_attribute made, plugin_config& into) {
    const auto found = std::find_if(
        into.attributes.begin(),
        into.attributes.end(),
        [&](const config_attribute& each) { return each.name == made.name; }
    );
    if (found == into.attributes.end()) {
        into.attributes.push_back(std::move(made));
    } else if (made.name == "codec") {
        from.report(
            begin, fmt::format("'{}' can have one codec only; remove this one.", into.name)
        );
    } else {
        merge_attribute(found->value, made.value);
    }
}

bool read_attribute(cursor& from, plugin_config& into) {
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
    if (!from.take("=>")) {
        return from.fail(fmt::format(
            "expected '=>' after the setting '{}' of '{}', not {}.",
            name,
            into.name,
            from.next_thing()
        ));
    }
    from.skip_blanks();
    config_value value;
    const std::size_t value_begin = from.offset();
    if (!read_value(from, value)) {
        return false;
    }
    const char next = from.peek();
    if (next == '.' || next == '/' || next == ':' || next == '@' || next == '%' || next == '-') {
        return from.fail_at(
            value_begin, fmt::format("the value of '{}' needs quotes around it.", name)
        );
    }
    add_attribute(from, begin, {std::move(name), std::move(value), from.position(begin)}, into);
    return true;
}

} // namespace

bool read_number(cursor& from, std::variant<std::int64_t, double>& into) {
    const std::size_t begin = from.offset();
    from.take("-");
    std::size_t digits = 0;
    while (is_digit(from.peek())) {
        from.take(std::string_view(&from.rest()[0], 1));
        ++digits;
    }
    if (digits == 0) {
        return from.fail_at(begin, "expected a digit after '-'.");
    }
    const std::string_view whole = from.since(begin);
    if (from.take(".")) {
        while (is_digit(from.peek())) {
            from.take(std::string_view(&from.rest()[0], 1));
        }
        const std::string_view text = from.since(begin);
        double number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        into = number;
        return true;
    }
    const bool is_negative = whole.front() == '-';
    std::string_view text = whole.substr(is_negative ? 1 : 0);
    int base = 10;
    if (text.size() > 1 && text.front() == '0') {
        base = 8;
        text.remove_prefix(1);
    }
    const std::string signed_text = (is_negative ? "-" : "") + std::string(text);
    const char* const last = signed_text.data() + signed_text.size();
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(signed_text.data(), last, number, base);
    if (code == std::errc::result_out_of_range) {
        return from.fail_at(begin, fmt::format("the number {} is too big.", whole));
    }
    if (end != last || code != std::errc{}) {
        return from.fail_at(
            begin,
            fmt::format("the number {} begins with 0, so its digits must be 0 to 7 (octal).", whole)
        );
    }
    into = number;
    return true;
}

bool read_value(cursor& from, config_value& into) {
    if (!from.enter()) {
        return false;
    }
    into.where = from.here();
    const bool is_read = read_any(from, into);
    from.leave();
    return is_read;
}

bool read_plugin_body(cursor& from, std::string name, std::size_t begin, plugin_config& into) {
    into.name = std::move(name);
    into.where = from.position(begin);
    LB_ASSERT(from.peek() == '{');
    from.take("{");
    from.skip_blanks();
    while (!from.take("}")) {
        const char next = from.peek();
        if (next == ',') {
            return from.fail("commas do not separate settings; remove the comma.");
        }
        if (from.at_end()) {
            return from.fail_at(
                begin, fmt::format("the block of '{}' is never closed.", into.name)
            );
        }
        if (!is_name_character(next) && next != '"' && next != '\'') {
            return from.fail(fmt::format(
                "expected a setting of '{}' or '}}', not {}.", into.name, from.next_thing()
            ));
        }
        if (!read_attribute(from, into)) {
            return false;
        }
        from.skip_blanks();
    }
    return true;
}

} // namespace logboom::conf
