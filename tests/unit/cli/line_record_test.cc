// A line of produce as a record, as Kafka's console producer reads it.
#include "cli/line_record.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::cli;

namespace {

using properties = std::vector<std::pair<std::string, std::string>>;

line_rules rules_of(const properties& given) {
    line_rules rules;
    for (const auto& [name, value] : given) {
        REQUIRE(rules.set_property(name, value));
    }
    return rules;
}

std::string shown(std::string_view text) {
    return text.data() == nullptr ? "NIL" : std::string(text);
}

/// "header=value,... key value", or what is wrong.
std::string read(std::string_view line, const line_rules& rules) {
    line_record parsed;
    if (const std::string wrong = parsed.parse(line, rules, "t"); !wrong.empty()) {
        return "wrong: " + wrong;
    }
    const client::outgoing_record& record = parsed.record;
    CHECK(record.topic == "t");
    std::string out;
    for (const client::record_header& each : record.headers) {
        out += (out.empty() ? "" : ",") + shown(each.name) + "=" + shown(each.value);
    }
    return out + "|" + (record.has_key ? std::string(record.key) : "NIL") + "|" +
           shown(record.payload);
}

const properties all{{"parse.key", "true"}, {"parse.headers", "true"}, {"null.marker", "NULL"}};

} // namespace

TEST_SUITE("cli/line_record") {
    TEST_CASE("a line is a value, and an empty one an empty value") {
        CHECK(read("a\tb", {}) == "|NIL|a\tb");
        CHECK(read("", {}) == "|NIL|");
        // There is no marker unless one is given.
        CHECK(read("NULL", {}) == "|NIL|NULL");
    }

    TEST_CASE("headers come first, then the key, each behind its separator") {
        const line_rules rules = rules_of(all);
        CHECK(read("h1:v1,h2:v2\tk\tv", rules) == "h1=v1,h2=v2|k|v");
        CHECK(read("\tk\tv\tw", rules) == "|k|v\tw");
        CHECK(read("h:a:b\tk\tv", rules) == "h=a:b|k|v");
        CHECK(read("h:\t\t", rules) == "h=||");
        const line_rules other = rules_of(
            {{"parse.key", "true"},
             {"parse.headers", "true"},
             {"headers.delimiter", "\\x7C"},
             {"headers.separator", ";;"},
             {"headers.key.separator", "="},
             {"key.separator", "||"}}
        );
        CHECK(read("a=1;;b=2|k||v", other) == "a=1,b=2|k|v");
    }

    TEST_CASE("what is the null marker is null") {
        const line_rules rules = rules_of(all);
        CHECK(read("NULL\tNULL\tNULL", rules) == "|NIL|NIL");
        CHECK(read("h:NULL\tk\tNULL2", rules) == "h=NIL|k|NULL2");
        CHECK(read("NULL:v\tk\tv", rules) == "wrong: a header's key is the null marker");
    }

    TEST_CASE("a separator that is missing is an error, or what it should end is not there") {
        line_rules rules = rules_of(all);
        CHECK(read("nothing", rules) == "wrong: no headers delimiter");
        CHECK(read("h:1\tno key", rules) == "wrong: no key separator");
        CHECK(read("h,g:1\tk\tv", rules) == "wrong: no header key separator in 'h'");
        rules.ignores_errors = true;
        CHECK(read("nothing", rules) == "|NIL|nothing");
        CHECK(read("h:1\tno key", rules) == "h=1|NIL|no key");
        CHECK(read("h,g:1\tk\tv", rules) == "h=NIL,g=1|k|v");
    }

    TEST_CASE("headers of every record stand before those of the line") {
        line_rules rules = rules_of(all);
        rules.fixed_headers = {{"a", "1"}, {"b", ""}};
        CHECK(read("h:v\tk\tv", rules) == "a=1,b=,h=v|k|v");
        // Nothing of one line is left in the next.
        line_record parsed;
        CHECK(parsed.parse("h:v\tk\tv", rules, "t").empty());
        CHECK(parsed.parse("\tk\tv", rules, "t").empty());
        CHECK(parsed.record.headers.size() == 2);
        CHECK_FALSE(parsed.parse("wrong", rules, "t").empty());
    }

    TEST_CASE("separators that cannot be told apart are refused, and names that are unknown") {
        CHECK(rules_of({}).conflict().empty());
        CHECK(
            rules_of({{"headers.separator", ":"}}).conflict() ==
            "headers.separator and headers.key.separator may not be equal"
        );
        CHECK(
            rules_of({{"null.marker", "\\t"}}).conflict() ==
            "null.marker and headers.delimiter may not be equal"
        );
        CHECK(
            rules_of({{"null.marker", "-"}, {"key.separator", "-"}}).conflict() ==
            "null.marker and key.separator may not be equal"
        );
        line_rules rules;
        CHECK_FALSE(rules.set_property("parse.value", "true"));
    }
}
