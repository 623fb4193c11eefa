#include "plugin/options.h"

#include <doctest/doctest.h>

using namespace logboom;

namespace {

constexpr setting_content record[] = {setting_content::reference, setting_content::pattern};

constexpr setting table[] = {
    {.name = "field", .content = setting_content::reference},
    {.name = "index", .fallback = "a-%{b}", .content = setting_content::form},
    {.name = "names", .type = setting_type::array, .content = setting_content::field_name},
    {.name = "pairs", .type = setting_type::array, .record = record},
    {.name = "map",
     .type = setting_type::hash,
     .content = setting_content::form,
     .key_content = setting_content::reference},
};

source_position line(int number) {
    return {"x.conf", number, 1};
}

struct fixture {
    fixture() : options("test filter", table) {}

    void give(const char* name, config_value item) {
        item.where = line(1);
        options.set(name, item);
    }
    std::string problem() {
        options.finish({});
        options.parse();
        return options.problems().empty() ? "" : options.problems().front().text;
    }

    plugin_options options;
};

config_value word(std::string text, int at) {
    return {std::move(text), line(at)};
}

} // namespace

TEST_SUITE("plugin/options") {
    TEST_CASE_FIXTURE(fixture, "what is given is parsed, what is not has its default or nothing") {
        give("map", {config_value::hash{{"[a][b]", word("%{c}", 2), line(2)}}, {}});
        CHECK(problem() == "");
        CHECK(options.single("field") == nullptr);
        CHECK_FALSE(options.reference("field"));
        CHECK(options.single("index")->form().text() == "a-%{b}");
        REQUIRE(options.entries("map").size() == 1);
        CHECK(options.entries("map")[0].key.reference().path().size() == 2);
        CHECK(options.entries("map")[0].values[0].form().text() == "%{c}");
        CHECK(options.each("names").empty());
    }

    TEST_CASE_FIXTURE(fixture, "a mistake is told where it stands") {
        SUBCASE("in an array") {
            give("names", {config_value::array{word("a", 3), word("b[", 4)}, {}});
            CHECK(problem().starts_with("x.conf:4:1: setting 'names' of test filter: \"b[\""));
        }
        SUBCASE("in the key of a hash") {
            give("map", {config_value::hash{{"a]", word("x", 6), line(5)}}, {}});
            CHECK(problem().starts_with("x.conf:5:1: setting 'map' of test filter: \"a]\""));
        }
        SUBCASE("in the value of a hash") {
            give("map", {config_value::hash{{"a", word("%{+bb}", 6), line(5)}}, {}});
            CHECK(problem().starts_with("x.conf:6:1: "));
        }
        SUBCASE("in a record, by what stands at its place there") {
            give("pairs", {config_value::array{word("a(", 7), word("(", 8)}, {}});
            CHECK(problem().starts_with("x.conf:8:1: "));
        }
        SUBCASE("a record that is not whole") {
            give("pairs", {config_value::array{word("a", 7)}, {}});
            CHECK(problem().find("wants 2 elements each time, not 1") != std::string::npos);
        }
        SUBCASE("what should be one value") {
            give("map", {config_value::hash{{"a", {config_value::hash{}, line(9)}, line(8)}}, {}});
            CHECK(problem().starts_with("x.conf:9:1: "));
        }
        SUBCASE("an empty reference") {
            give("field", word("", 1));
            CHECK(problem().find("no legal field reference") != std::string::npos);
        }
    }

    TEST_CASE_FIXTURE(fixture, "what only the plugin can refuse has a place too") {
        give("map", {config_value::hash{{"a", word("x", 3), line(2)}}, {}});
        CHECK(problem() == "");
        const option_entry& entry = options.entries("map").front();
        const error why = options.refuse("map", entry.values.front().where(), "no such thing");
        CHECK(why.text().find("no such thing") != std::string::npos);
        REQUIRE(options.refusals().size() == 1);
        CHECK(options.refusals()[0].where.line == 3);
        CHECK(options.refusals()[0].text == "setting 'map' of test filter: no such thing.");
    }
}
