// Conditions as they are decided.
#include "pipelines/conf/condition.h"
#include "pipelines/conf/parser.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::conf;

TEST_SUITE_BEGIN("pipelines/conf");

namespace {

/// An event with one field of every kind.
struct sample {
    arena memory;
    event made{memory};

    sample() {
        const auto text = [](std::string_view from) { return value::of(from); };
        made.set("s", text("hello"));
        made.set("empty", text(""));
        made.set("false_text", text("false"));
        made.set("five_text", text("5"));
        made.set("n", value::of(std::int64_t{5}));
        made.set("zero", value::of(std::int64_t{0}));
        made.set("r", value::of(5.0));
        made.set("great", value::of(~std::uint64_t{0}));
        made.set("less_great", value::of(~std::uint64_t{1}));
        made.set("yes", value::of(true));
        made.set("no", value::of(false));
        made.set("nil", value());
        made.set("time", value::timestamp(1));
        value tags = value::new_array(memory);
        tags.as_array().push_back(memory, text("fox"));
        tags.as_array().push_back(memory, value::of(std::int64_t{7}));
        made.set("tags", tags);
        made.set(field_reference::of("[map][inner]"), text("deep"));
        made.set(field_reference::of("[@metadata][topic]"), text("logs"));
    }
};

std::unique_ptr<const condition> compile(std::string_view text, problems& wrong) {
    source from;
    REQUIRE(from.add("a.conf", "filter { if " + std::string(text) + " { } }", wrong));
    auto made = parse(from);
    for (const auto& each : made.errors) {
        FAIL(each.text());
    }
    return condition::compile(
        *std::get<branch>(made.tree.filters.at(0).what).arms.at(0).condition, wrong
    );
}

verdict test(std::string_view text) {
    problems wrong;
    const auto made = compile(text, wrong);
    REQUIRE(made != nullptr);
    const sample with;
    return made->test(with.made);
}

bool holds(std::string_view text) {
    const verdict got = test(text);
    CHECK(got != verdict::broken);
    return got == verdict::yes;
}

} // namespace

TEST_CASE("a field alone is true unless it is missing, nil, empty or false") {
    for (const char* each :
         {"[s]",
          "[n]",
          "[zero]",
          "[yes]",
          "[tags]",
          "[map]",
          "[time]",
          "[map][inner]",
          "[@metadata][topic]",
          "[tags][0]",
          "[five_text]"}) {
        CAPTURE(each);
        CHECK(holds(each));
        CHECK_FALSE(holds(std::string("!") + each));
    }
    for (const char* each : {"[missing]", "[nil]", "[empty]", "[no]", "[false_text]", "[map][x]"}) {
        CAPTURE(each);
        CHECK_FALSE(holds(each));
        CHECK(holds(std::string("!") + each));
    }
}

TEST_CASE("equality is typed") {
    CHECK(holds("[n] == 5"));
    CHECK(holds("[n] == 5.0"));
    CHECK(holds("[r] == 5"));
    CHECK(holds("[n] == [r]"));
    CHECK_FALSE(holds("[five_text] == 5"));
    CHECK_FALSE(holds("[n] == \"5\""));
    CHECK(holds("[s] == \"hello\""));
    CHECK(holds("\"hello\" == [s]"));
    CHECK_FALSE(holds("[missing] == \"\""));
    CHECK(holds("[missing] != \"x\""));
    CHECK(holds("[missing] == [also_missing]"));
    CHECK(holds("[tags] == [\"fox\", 7]"));
    CHECK(holds("[great] == [great]"));
    CHECK_FALSE(holds("[great] == [less_great]"));
    CHECK(holds("[great] > [less_great]"));
    CHECK(holds("[great] > 5"));
}

TEST_CASE("in looks into strings and arrays") {
    CHECK(holds("\"ell\" in [s]"));
    CHECK(holds("\"fox\" in [tags]"));
    CHECK_FALSE(holds("\"fo\" in [tags]"));
    CHECK(holds("7 in [tags]"));
    CHECK_FALSE(holds("\"7\" in [tags]"));
    CHECK_FALSE(holds("\"x\" in [missing]"));
    CHECK(holds("\"x\" not in [missing]"));
    CHECK_FALSE(holds("[missing] in [\"a\", \"b\"]"));
    CHECK(holds("[missing] not in [\"a\", \"b\"]"));
    CHECK(holds("[s] in [\"hello\", \"b\"]"));
    CHECK(holds("[s] in [\"hello\"]"));
    CHECK(holds("[n] in [\"5\", \"6\"]"));
    CHECK(holds("[five_text] in [5, 6]"));
    CHECK(holds("[s] in \"say hello\""));
    CHECK_FALSE(holds("[tags] in [s]"));
    CHECK_FALSE(holds("[map] in [tags]"));
    CHECK(holds("\"b\" in [\"a\", \"b\"]"));
}

TEST_CASE("regular expressions match strings only") {
    CHECK(holds("[s] =~ /^h.l+o$/"));
    CHECK(holds("[s] =~ \"ell\""));
    CHECK_FALSE(holds("[n] =~ /5/"));
    CHECK(holds("[n] !~ /5/"));
    CHECK(holds("[missing] !~ /./"));
    CHECK_FALSE(holds("[missing] =~ /./"));
}

TEST_CASE("order of what cannot be ordered breaks the condition") {
    CHECK(holds("[n] < 6"));
    CHECK(holds("[n] >= 5.0"));
    CHECK_FALSE(holds("[n] > 5"));
    CHECK(holds("[s] > \"hallo\""));
    CHECK(test("[missing] > 5") == verdict::broken);
    CHECK(test("[five_text] > 4") == verdict::broken);
    CHECK(test("[s] and [missing] > 5") == verdict::broken);
    CHECK(test("!([missing] > 5)") == verdict::broken);
    // What is not looked at cannot break.
    CHECK(test("[empty] and [missing] > 5") == verdict::no);
    CHECK(test("[s] or [missing] > 5") == verdict::yes);
}

TEST_CASE("a broken condition names itself and the field") {
    problems wrong;
    const auto made = compile("[s] and [ver] > 5", wrong);
    const sample with;
    CHECK(
        made->why_broken(with.made) ==
        "the condition `[s] and [ver] > 5` (a.conf:1:13) failed: the event has no field [ver]"
    );
    const auto typed = compile("[s] < 5", wrong);
    CHECK(typed->why_broken(with.made).ends_with("[s] is a string and 5 is a number"));
    const auto in_array = compile("[tags] > 5", wrong);
    CHECK(in_array->why_broken(with.made).ends_with("[tags] is an array and 5 is a number"));
}

TEST_CASE("xor and nand have their tables") {
    CHECK(holds("[s] xor [missing]"));
    CHECK_FALSE(holds("[s] xor [n]"));
    CHECK_FALSE(holds("[missing] xor [missing]"));
    CHECK(holds("[s] nand [missing]"));
    CHECK(holds("[missing] nand [s]"));
    CHECK_FALSE(holds("[s] nand [n]"));
}

TEST_CASE("a pattern that cannot be compiled is found at load") {
    problems wrong;
    CHECK(compile("[s] =~ /a(b/", wrong) == nullptr);
    REQUIRE(wrong.size() == 1);
    CHECK(wrong[0].where.column == 20);
}

TEST_SUITE_END();
