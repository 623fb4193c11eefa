// Conditions as they are read.
#include "pipelines/conf/parser.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::conf;

TEST_SUITE_BEGIN("pipelines/conf");

namespace {

using form = expression::form;

parsed parse_if(std::string_view condition) {
    source from;
    problems unreadable;
    REQUIRE(
        from.add("a.conf", "filter { if " + std::string(condition) + " { drop { } } }", unreadable)
    );
    return parse(from);
}

std::string shown(const operand& side) {
    switch (side.what) {
    case operand::kind::text:
        return "'" + side.text + "'";
    case operand::kind::integer:
        return std::to_string(side.integer);
    case operand::kind::real:
        return "real";
    case operand::kind::selector:
        return side.text;
    case operand::kind::regexp:
        return "/" + side.text + "/";
    case operand::kind::array:
        break;
    }
    std::string out;
    for (const auto& each : side.items) {
        out += (out.empty() ? "" : ",") + shown(each);
    }
    return "{" + out + "}";
}

/// With all parentheses, and the operators by their words.
std::string shown(const expression& from) {
    const auto joined = [&](std::string_view word) {
        std::string out;
        for (const auto& each : from.parts) {
            out += (out.empty() ? "" : " " + std::string(word) + " ") + shown(each);
        }
        return "(" + out + ")";
    };
    const auto pair = [&](std::string_view word) {
        return shown(from.left) + " " + std::string(word) + " " + shown(from.right);
    };
    switch (from.what) {
    case form::all_of:
        return joined("and");
    case form::any_of:
        return joined("or");
    case form::one_of:
        return joined("xor");
    case form::not_all_of:
        return joined("nand");
    case form::negation:
        return "!" + shown(from.parts.at(0));
    case form::truthy:
        return shown(from.left);
    case form::equal:
        return pair("==");
    case form::unequal:
        return pair("!=");
    case form::less:
        return pair("<");
    case form::less_or_equal:
        return pair("<=");
    case form::greater:
        return pair(">");
    case form::greater_or_equal:
        return pair(">=");
    case form::in:
        return pair("in");
    case form::not_in:
        return pair("not in");
    case form::matches:
        return pair("=~");
    case form::matches_not:
        return pair("!~");
    }
    return {};
}

std::string read(std::string_view condition) {
    const auto made = parse_if(condition);
    for (const auto& each : made.errors) {
        FAIL(each.text());
    }
    return shown(*std::get<branch>(made.tree.filters.at(0).what).arms.at(0).condition);
}

bool fails_with(std::string_view condition, std::string_view part) {
    const auto made = parse_if(condition);
    REQUIRE_FALSE(made.errors.empty());
    const std::string text = made.errors.front().sentence;
    const bool found = text.find(part) != std::string::npos;
    if (!found) {
        MESSAGE(text);
    }
    return found;
}

} // namespace

TEST_CASE("conditions are read with every operand and operator") {
    CHECK(read("[a]") == "[a]");
    CHECK(read("[a][b] == \"x\"") == "[a][b] == 'x'");
    CHECK(read("[a]!=5") == "[a] != 5");
    CHECK(read("[a] <= 5.5 ") == "[a] <= real");
    CHECK(read("[a] =~ /a\\/b\\d/") == "[a] =~ /a\\/b\\d/");
    CHECK(read("[a] =~ /C:\\\\/x/ and [b]") == "([a] =~ /C:\\\\/x/ and [b])");
    CHECK(read("[a] !~ \"^x\"") == "[a] !~ /^x/");
    CHECK(read("\"x\" in [tags]") == "'x' in [tags]");
    CHECK(read("[a] not in [\"x\", \"y\"]") == "[a] not in {'x','y'}");
    CHECK(read("[a] not  in [1,2]") == "[a] not in {1,2}");
    CHECK(read("[a] in [\"only\"]") == "[a] in {'only'}");
    CHECK(read("![a]") == "![a]");
    CHECK(read("!([a] == 1)") == "![a] == 1");
    CHECK(read("([a])") == "[a]");
    CHECK(read("# why\n[a] # and\n == # x\n 1") == "[a] == 1");
}

TEST_CASE("and binds tighter than or") {
    CHECK(read("[a] and [b] or [c]") == "(([a] and [b]) or [c])");
    CHECK(read("[a] or [b] and [c]") == "([a] or ([b] and [c]))");
    CHECK(read("[a] and [b] and [c]") == "([a] and [b] and [c])");
    CHECK(read("[a] and ([b] or [c])") == "([a] and ([b] or [c]))");
    CHECK(read("[a] or [b] and [c] or [d] and [e]") == "([a] or ([b] and [c]) or ([d] and [e]))");
}

TEST_CASE("xor and nand stand alone or in parentheses") {
    CHECK(read("[a] xor [b]") == "([a] xor [b])");
    CHECK(read("[a] nand [b]") == "([a] nand [b])");
    CHECK(read("([a] xor [b]) and [c]") == "(([a] xor [b]) and [c])");
    CHECK(fails_with("[a] xor [b] xor [c]", "Unexpected operator 'xor'"));
    CHECK(fails_with("[a] and [b] nand [c]", "put parentheses"));
    CHECK(fails_with("[a] xor [b] and [c]", "Unexpected operator 'and'"));
}

TEST_CASE("else if and else make further arms") {
    source from;
    problems unreadable;
    REQUIRE(from.add(
        "a.conf",
        "filter { if [a] { x { } } else if [b]{ } # c\n else if[c] { } else { y { } if [d] { } } "
        "z{} }",
        unreadable
    ));
    const auto made = parse(from);
    REQUIRE(made.errors.empty());
    REQUIRE(made.tree.filters.size() == 2);
    const auto& arms = std::get<branch>(made.tree.filters[0].what).arms;
    REQUIRE(arms.size() == 4);
    CHECK(arms[2].condition->text == "[c]");
    CHECK_FALSE(arms[3].condition.has_value());
    CHECK(arms[3].body.size() == 2);
}

TEST_CASE("conditions that make no sense say why") {
    CHECK(fails_with("[a] =~ [b]", "need a regular expression"));
    CHECK(fails_with("[a] == /x/", "can only be compared with =~"));
    CHECK(fails_with("!\"x\"", "before a field [name] or a parenthesis only"));
    CHECK(fails_with("![a] == 1", "expected '{'"));
    CHECK(fails_with("length([a]) == 1", "not implemented"));
    CHECK(fails_with("status == 1", "write [status] for a field"));
    CHECK(fails_with("[a] = 1", "expected '{', or an operator"));
    CHECK(fails_with("([a] == 1", "expected ')'"));
    CHECK(fails_with("[a] == ", "expected a field"));
    CHECK(fails_with("[a] =~ /x", "never closed"));
    CHECK(fails_with("not [a]", "write ![field]"));
    CHECK(fails_with("[a", "field reference that begins here is never closed"));
    CHECK(fails_with("[a]\n and [@metadata][b", "field reference that begins here is never closed")
    );
    CHECK(fails_with("[a { x { v => [1] } }\n} if [b]", "field reference that begins here"));
    CHECK(fails_with("[a] in [b, c]", "write [b] for a field or \"b\" for a string"));
}

TEST_SUITE_END();
