// The grammar of configs, and the words for what is wrong in one.
#include "pipelines/conf/parser.h"

#include <doctest/doctest.h>

#include <map>

using namespace logboom;
using namespace logboom::conf;

TEST_SUITE_BEGIN("pipelines/conf");

namespace {

const std::map<std::string, std::string> variables{{"HOME_DIR", "/home/u"}, {"PORT", "9200"}};

parsed parse_text(std::string_view text, bool support_escapes = false) {
    source from;
    problems unreadable;
    REQUIRE(from.add("a.conf", text, unreadable));
    const auto lookup = [](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    return parse(from, {support_escapes, lookup});
}

/// The first plugin of the input section.
plugin_config plugin(std::string_view settings, bool support_escapes = false) {
    const auto made = parse_text("input { p {" + std::string(settings) + "} }", support_escapes);
    for (const auto& each : made.errors) {
        FAIL(each.text());
    }
    return std::get<plugin_config>(made.tree.inputs.at(0).what);
}

/// The value of the setting `v`, as text that shows its structure.
std::string shown(const config_value& value) {
    std::string out;
    if (const auto* items = std::get_if<config_value::array>(&value.data)) {
        for (const auto& each : *items) {
            out += (out.empty() ? "" : ", ") + shown(each);
        }
        return "[" + out + "]";
    }
    if (const auto* entries = std::get_if<config_value::hash>(&value.data)) {
        for (const auto& each : *entries) {
            out += (out.empty() ? "" : ", ") + each.key + ": " + shown(each.value);
        }
        return "{" + out + "}";
    }
    if (const auto* nested = std::get_if<config_value::plugin>(&value.data)) {
        return (*nested)->name + "(" + std::to_string((*nested)->attributes.size()) + ")";
    }
    if (std::holds_alternative<double>(value.data)) {
        return "real " + value.scalar_text();
    }
    return std::string(value.type_name()).substr(0, 1) + " " + value.scalar_text();
}

std::string value_of(std::string_view text, bool support_escapes = false) {
    return shown(plugin("v => " + std::string(text), support_escapes).attributes.at(0).value);
}

/// The first problem, "line:column sentence".
std::string wrong(std::string_view text) {
    const auto made = parse_text(text);
    REQUIRE_FALSE(made.errors.empty());
    const auto& first = made.errors.front();
    return std::to_string(first.where.line) + ":" + std::to_string(first.where.column) + " " +
           first.sentence;
}

bool contains(const std::string& text, std::string_view part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) {
        MESSAGE(text);
    }
    return found;
}

} // namespace

TEST_CASE("sections come in any order, repeat and hold comments anywhere") {
    const auto made = parse_text("# head\noutput{b{}}# x\ninput { a { } }\nfilter { }\ninput{ # c "
                                 "{\n\"quoted-name\" { x => 1 # y\n} a-b{} }");
    CHECK(made.errors.empty());
    CHECK(made.tree.inputs.size() == 3);
    CHECK(made.tree.filters.empty());
    CHECK(made.tree.outputs.size() == 1);
    CHECK(std::get<plugin_config>(made.tree.inputs[1].what).name == "quoted-name");
    CHECK(parse_text("").errors.empty());
    CHECK(parse_text("# only a comment").errors.empty());
}

TEST_CASE("values have the types that Logstash gives them") {
    CHECK(value_of("\"a b\"") == "s a b");
    CHECK(value_of("'say \"x\"'") == "s say \"x\"");
    CHECK(value_of("bare_word9") == "s bare_word9");
    CHECK(value_of("true") == "s true");
    CHECK(value_of("12") == "n 12");
    CHECK(value_of("-12") == "n -12");
    CHECK(value_of("010") == "n 8");
    CHECK(value_of("5.") == "real 5");
    CHECK(value_of("-0.5") == "real -0.5");
    CHECK(value_of("[]") == "[]");
    CHECK(value_of("[1, \"a\" # one\n ,[bb]]") == "[n 1, s a, [s bb]]");
    CHECK(value_of("{ \"a\" => 1 bb => { } 5 => [] }") == "{a: n 1, bb: {}, 5: []}");
    CHECK(value_of("json { charset => \"x\" }") == "json(1)");
    CHECK(value_of("\"json\" { }") == "json(0)");
    CHECK(value_of("\"two\nlines\"") == "s two\nlines");
}

TEST_CASE("escapes stay as they are unless they are asked for") {
    CHECK(value_of(R"("a\nb")") == "s a\\nb");
    CHECK(value_of(R"("a\"b")") == "s a\\\"b");
    CHECK(value_of(R"("a\nb\t\"\\\q")", true) == "s a\nb\t\"\\\\q");
}

TEST_CASE("a setting that is written twice is merged") {
    const auto merged = [](std::string_view settings) {
        return shown(plugin(settings).attributes.at(0).value);
    };
    CHECK(merged("v => 1 v => 1") == "n 1");
    CHECK(merged("v => 1 v => 2") == "[n 1, n 2]");
    CHECK(merged("v => \"a\" v => [\"b\"]") == "[s a, s b]");
    CHECK(merged("v => [\"a\"] v => [\"a\"] v => \"c\"") == "[s a, s a, s c]");
    CHECK(
        merged("v => {\"message\" => \"a\"} v => {\"message\" => \"b\" \"x\" => 1}") ==
        "{message: [s a, s b], x: n 1}"
    );
    CHECK(contains(wrong("input{p{codec=>json codec=>plain}}"), "1:21 'p' can have one codec only")
    );
}

TEST_CASE("variables are replaced in strings, nested ones too") {
    CHECK(value_of("\"${HOME_DIR}/x\"") == "s /home/u/x");
    CHECK(value_of("[\"${PORT}\", {\"k\" => \"${NONE:a:b}\"}]") == "[s 9200, {k: s a:b}]");
    CHECK(value_of("\"${NONE:}|${PORT:1}\"") == "s |9200");
    CHECK(value_of("\"${not a name} $PORT ${9}\"") == "s ${not a name} $PORT ${9}");
    const auto made = parse_text("input { p { v => \"${NONE}\" w => '${ALSO}' } }");
    REQUIRE(made.errors.size() == 2);
    CHECK(contains(made.errors[1].sentence, "the variable ${ALSO} is not set"));
}

TEST_CASE("mistakes name the place and what was expected") {
    CHECK(
        wrong("input { file { path => \"a\", x => 1 } }") ==
        "1:27 commas do not separate settings; remove the comma."
    );
    CHECK(contains(wrong("input { p { v => 08 } }"), "1:18 the number 08 begins with 0"));
    CHECK(contains(wrong("input { p { v => a } }"), "1:18 'a' alone is too short"));
    CHECK(contains(wrong("input { p { v => [1,] } }"), "1:20 an array has no comma after its last")
    );
    CHECK(
        contains(wrong("input { p { v => {\"a\"=>1, \"b\"=>2} } }"), "1:25 commas do not separate")
    );
    CHECK(contains(
        wrong("input { p { v => {\n\"a\"=>1\n \"a\"=>2} } }"), "3:2 the key \"a\" stands twice"
    ));
    CHECK(contains(wrong("input { p { v => \"abc } }"), "1:18 this string is never closed."));
    CHECK(
        contains(wrong("input { p { v => \"c:\\\" } }"), "a backslash before a quote keeps it open")
    );
    CHECK(contains(
        wrong("input { p { v 5 } }"), "1:15 expected '=>' after the setting 'v' of 'p', not '5'"
    ));
    CHECK(contains(wrong("input { p { v => /var/log } }"), "1:18 expected a value"));
    CHECK(
        contains(wrong("input { p { v => localhost:9092 } }"), "1:18 the value of 'v' needs quotes")
    );
    CHECK(contains(wrong("input { p { "), "1:9 the block of 'p' is never closed"));
    CHECK(contains(wrong("input { p { }"), "1:1 the block that begins here is never closed"));
    CHECK(contains(
        wrong("inputs { p { } }"), "1:1 expected a section (input, filter or output), not 'inputs'"
    ));
    CHECK(contains(
        wrong("input { \xC2\xA0p { } }"),
        "1:9 expected a plugin, `if` or '}', not a no-break space (U+00A0)"
    ));
    CHECK(contains(wrong("input { } }"), "1:11 this '}' closes nothing"));
    CHECK(contains(wrong("filter { else { } }"), "1:10 this `else` has no `if`"));
    CHECK(
        contains(wrong("input { path => \"x\" }"), "1:9 'path' is a setting outside of any plugin")
    );
    CHECK(contains(wrong("input { p { v => 99999999999999999999 } }"), "is too big"));
}

TEST_CASE("a problem shows its line with a caret, tabs and wide characters included") {
    const auto made = parse_text("input {\n\tp { v => \"\xC3\xA9\", }\n}");
    REQUIRE(made.errors.size() == 1);
    CHECK(
        made.errors[0].text() == "a.conf:2:14: commas do not separate settings; remove the comma.\n"
                                 "    \tp { v => \"\xC3\xA9\", }\n"
                                 "    \t            ^"
    );
}

TEST_CASE("a problem far to the right of a long line has no caret in a wrong place") {
    const auto made = parse_text("input { p { v => \"" + std::string(200, 'x') + "\", } }");
    REQUIRE(made.errors.size() == 1);
    const std::string text = made.errors[0].text();
    CHECK(text.starts_with("a.conf:1:220: commas do not separate settings"));
    CHECK(text.find('^') == std::string::npos);
    CHECK(text.ends_with("xxx"));
}

TEST_CASE("nesting is bounded") {
    CHECK(contains(
        wrong("input { p { v => " + std::string(100'000, '[')), "nested more than 200 deep"
    ));
    CHECK(contains(wrong("filter { if " + std::string(100'000, '(')), "nested more than 200 deep"));
    std::string deep = "filter { ";
    for (int i = 0; i < 1000; ++i) {
        deep += "if [a] { ";
    }
    CHECK(contains(wrong(deep), "nested more than 200 deep"));
}

TEST_SUITE_END();
