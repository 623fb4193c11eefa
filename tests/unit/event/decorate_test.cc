#include "event/batch.h"
#include "event/decorate.h"
#include "event/json_writer.h"

#include <doctest/doctest.h>

#include <array>

using namespace logboom;

namespace {

constexpr std::array<setting, 6> table{{
    {"add_field", setting_type::hash, "", ""},
    {"remove_field", setting_type::array, "", ""},
    {"add_tag", setting_type::array, "", ""},
    {"remove_tag", setting_type::array, "", ""},
    {"type", setting_type::text, "", ""},
    {"tags", setting_type::array, "", ""},
}};

config_value words(std::initializer_list<const char*> texts) {
    config_value::array list;
    for (const char* each : texts) {
        list.push_back({std::string(each), {}});
    }
    return {list, {}};
}
config_value pairs(std::vector<std::pair<std::string, config_value>> entries) {
    config_value::hash hash;
    for (auto& [key, item] : entries) {
        hash.push_back({key, item});
    }
    return {hash, {}};
}
config_value word(std::string text) {
    return {std::move(text), {}};
}

struct fixture {
    fixture() : options("test", table), it(memory) {
        it.set("message", value::of(std::string_view("m")));
    }
    void give(std::string_view name, const config_value& item) {
        options.set(name, item);
        REQUIRE(options.problems().empty());
    }
    std::string filtered() {
        why = decoration::for_filter(options).apply(it);
        return json();
    }
    std::string json() const {
        std::string out;
        append_json(it, out);
        return out;
    }

    /// What the last one that was applied could not do.
    std::string why;
    settings options;
    arena memory;
    event it;
};

} // namespace

TEST_SUITE("event/decorate") {
    TEST_CASE_FIXTURE(fixture, "nothing given does nothing") {
        CHECK(decoration::for_filter(options).is_empty());
        CHECK(filtered() == R"({"message":"m"})");
    }

    TEST_CASE_FIXTURE(
        fixture, "add_field takes templates on both sides and makes lists of repetition"
    ) {
        give(
            "add_field",
            pairs(
                {{"[a][%{message}]", word("x %{message}")},
                 {"message", word("n")},
                 {"b", words({"1", "2"})}}
            )
        );
        CHECK(filtered() == R"({"message":["m","n"],"a":{"m":"x m"},"b":["1","2"]})");
    }

    TEST_CASE_FIXTURE(
        fixture, "add_tag does not look for duplicates, remove_tag removes all of them"
    ) {
        give("add_tag", words({"t-%{message}", "t-%{message}", "u"}));
        CHECK(filtered() == R"({"message":"m","tags":["t-m","t-m","u"]})");
        give("remove_tag", words({"t-%{message}", "absent"}));
        CHECK(filtered() == R"({"message":"m","tags":["u","u"]})");
    }

    TEST_CASE_FIXTURE(fixture, "remove_field runs after add_field and takes templates") {
        give("add_field", pairs({{"gone", word("x")}}));
        give("remove_field", words({"gone", "%{message}essage", "[no][such]"}));
        CHECK(filtered() == "{}");
    }

    TEST_CASE_FIXTURE(fixture, "what cannot be added is told, and ends the decoration") {
        give("add_field", pairs({{"a", word("1")}, {"[message][x]", word("1")}, {"b", word("1")}}));
        give("add_tag", words({"done"}));
        CHECK(filtered() == R"({"message":"m","a":"1"})");
        CHECK(why == "add_field cannot set [message][x]");
        give("add_field", pairs({{"@timestamp", word("now")}}));
        filtered();
        CHECK(why == "add_field cannot set @timestamp");
        give("add_field", pairs({{"[%{message}", word("x")}}));
        filtered();
        CHECK(why == R"(add_field has no legal field reference in "[m")");
        give("add_field", pairs({}));
        give("remove_field", words({"[%{message}"}));
        filtered();
        CHECK(why == R"(remove_field has no legal field reference in "[m")");
    }

    TEST_CASE_FIXTURE(fixture, "inputs set type only where there is none") {
        give("type", word("syslog"));
        give("tags", words({"a"}));
        const decoration made = decoration::for_input(options);
        CHECK(made.apply(it).empty());
        CHECK(json() == R"({"message":"m","type":"syslog","tags":["a"]})");
        it.set("type", value::of(std::string_view("other")));
        CHECK(made.apply(it).empty());
        CHECK(it.get("type")->as_string() == "other");
    }

    TEST_CASE_FIXTURE(fixture, "problems of the templates are told") {
        give("add_tag", words({"%{+bb}"}));
        CHECK(decoration::for_filter(options).problems().size() == 1);
    }
}
