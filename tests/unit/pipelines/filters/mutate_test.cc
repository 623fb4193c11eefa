// mutate, operation by operation.
#include "pipelines/filters/mutate.h"
#include "tests/unit/pipelines/filters/filter_fixture.h"

using namespace logboom;

namespace {

struct fixture : filter_fixture {
    /// The event after a mutate with one option.
    std::string with(const std::string& option, const config_value& given, std::string_view json) {
        use(mutate_filter, {{option, given}});
        return filtered(json);
    }
    std::string convert(const std::string& type, std::string_view json) {
        return with("convert", config_hash({{"v", type}}), json);
    }
    std::string
    gsub(const std::string& needle, const std::string& replacement, std::string_view json) {
        return with("gsub", config_array({"v", needle, replacement}), json);
    }
};

const std::string failed = R"(,"tags":["_mutate_error"]})";

} // namespace

TEST_SUITE("pipelines/filters/mutate") {
    TEST_CASE_FIXTURE(fixture, "coerce fills what is there and nil") {
        const auto given = config_hash({{"a", "x%{b}"}, {"missing", "y"}});
        CHECK(with("coerce", given, R"({"a":null,"b":1})") == R"({"a":"x1","b":1})");
        CHECK(with("coerce", given, R"({"a":false})") == R"({"a":false})");
    }

    TEST_CASE_FIXTURE(fixture, "rename moves a value as it is, templates on both sides") {
        CHECK(
            with("rename", config_hash({{"a", "[b][c]"}}), R"({"a":[1]})") == R"({"b":{"c":[1]}})"
        );
        CHECK(
            with("rename", config_hash({{"%{k}", "n-%{k}"}}), R"({"k":"a","a":1})") ==
            R"({"k":"a","n-a":1})"
        );
        CHECK(with("rename", config_hash({{"a", "b"}}), R"({"a":null})") == R"({"b":null})");
        CHECK(with("rename", config_hash({{"a", "b"}}), R"({"c":1})") == R"({"c":1})");
        CHECK(was_matched);
        CHECK(
            with("rename", config_hash({{"a", "[c][d]"}}), R"({"a":1,"c":1})") ==
            R"({"a":1,"c":1)" + failed
        );
        CHECK_FALSE(was_matched);
        CHECK(
            with("rename", config_hash({{"m", "[user][m]"}}), R"({"m":1,"user":null})") ==
            R"({"user":{"m":1}})"
        );
        CHECK(
            with("rename", config_hash({{"a", "@timestamp"}}), R"({"a":"x"})") ==
            R"({"a":"x")" + failed
        );
    }

    TEST_CASE_FIXTURE(fixture, "update wants the field, replace does not") {
        CHECK(
            with("update", config_hash({{"a", "<%{b}>"}}), R"({"a":1,"b":2})") ==
            R"({"a":"<2>","b":2})"
        );
        CHECK(with("update", config_hash({{"a", "x"}}), R"({"b":2})") == R"({"b":2})");
        CHECK(
            with("replace", config_hash({{"a", "<%{b}>"}}), R"({"b":2})") == R"({"b":2,"a":"<2>"})"
        );
    }

    TEST_CASE_FIXTURE(fixture, "convert to integer") {
        CHECK(convert("integer", R"({"v":"1,234"})") == R"({"v":1234})");
        CHECK(convert("integer", R"({"v":" -12 "})") == R"({"v":-12})");
        CHECK(convert("integer", R"({"v":"+7"})") == R"({"v":7})");
        CHECK(convert("integer", R"({"v":"010"})") == R"({"v":10})");
        CHECK(convert("integer", R"({"v":"7890.9"})") == R"({"v":7890})");
        CHECK(convert("integer", R"({"v":"1e3"})") == R"({"v":1000})");
        CHECK(convert("integer", R"({"v":"0x1A"})") == R"({"v":26})");
        CHECK(convert("integer", R"({"v":"-0x1A"})") == R"({"v":-26})");
        CHECK(
            convert("integer", R"({"v":"9223372036854775807"})") == R"({"v":9223372036854775807})"
        );
        CHECK(
            convert("integer", R"({"v":["18446744073709551615",18446744073709551615]})") ==
            R"({"v":[18446744073709551615,18446744073709551615]})"
        );
        CHECK(
            convert("string", R"({"v":18446744073709551615})") == R"({"v":"18446744073709551615"})"
        );
        CHECK(convert("float", R"({"v":9223372036854775808})") == R"({"v":9.223372036854776E18})");
        CHECK(convert("integer", R"({"v":["1",2,null,true,3.9]})") == R"({"v":[1,2,null,1,3]})");
        CHECK(convert("integer", R"({"v":{"a":"1"}})") == R"({"v":{"a":"1"}})");
        CHECK(convert("integer", R"({"v":null})") == R"({"v":null})");
        for (const char* bad : {"", "abc", "12abc", "1__2", "_1", "--1", "."}) {
            CAPTURE(bad);
            const std::string json = R"({"v":")" + std::string(bad) + "\"";
            CHECK(convert("integer", json + "}") == json + failed);
        }
    }

    TEST_CASE_FIXTURE(fixture, "convert to float") {
        CHECK(convert("float", R"({"v":"1,234.5"})") == R"({"v":1234.5})");
        CHECK(convert("float", R"({"v":"-.5"})") == R"({"v":-0.5})");
        CHECK(convert("float", R"({"v":"1e-5"})") == R"({"v":1.0E-5})");
        CHECK(convert("float", R"({"v":7})") == R"({"v":7.0})");
        CHECK(convert("float", R"({"v":true})") == R"({"v":1.0})");
        CHECK(convert("float", R"({"v":"x"})") == R"({"v":"x")" + failed);
        CHECK(convert("float", R"({"v":"1."})") == R"({"v":"1.")" + failed);
        CHECK(convert("float", R"({"v":"nan"})") == R"({"v":"nan")" + failed);
    }

    TEST_CASE_FIXTURE(
        fixture, "the European forms have the comma and the point the other way round"
    ) {
        CHECK(convert("integer_eu", R"({"v":"1.234,56"})") == R"({"v":1234})");
        CHECK(convert("float_eu", R"({"v":"1.234,56"})") == R"({"v":1234.56})");
        CHECK(convert("float_eu", R"({"v":2})") == R"({"v":2.0})");
    }

    TEST_CASE_FIXTURE(fixture, "convert to boolean leaves what is neither") {
        for (const char* yes : {"true", "T", "Yes", "y", "1", "1.0"}) {
            CHECK(convert("boolean", R"({"v":")" + std::string(yes) + "\"}") == R"({"v":true})");
        }
        for (const char* no : {"false", "F", "No", "n", "0", "0.0", ""}) {
            CHECK(convert("boolean", R"({"v":")" + std::string(no) + "\"}") == R"({"v":false})");
        }
        CHECK(convert("boolean", R"({"v":[1,0,1.0,0.0]})") == R"({"v":[true,false,true,false]})");
        CHECK(convert("boolean", R"({"v":"maybe"})") == R"({"v":"maybe"})");
        CHECK(was_matched);
    }

    TEST_CASE_FIXTURE(fixture, "convert to string prints as Ruby does") {
        CHECK(
            convert("string", R"({"v":[1,1e-5,1e20,true,"x",[1,"a"]]})") ==
            R"({"v":["1","1.0e-05","1.0e+20","true","x","[1, \"a\"]"]})"
        );
    }

    TEST_CASE_FIXTURE(fixture, "gsub replaces every match, in arrays of strings too") {
        CHECK(gsub("/", "_", R"({"v":"a/b/c"})") == R"({"v":"a_b_c"})");
        CHECK(gsub("[\\\\?#-]", ".", R"({"v":"a\\b?c#d-e"})") == R"({"v":"a.b.c.d.e"})");
        CHECK(gsub("b", "x", R"({"v":["ab",1,"cb"]})") == R"({"v":["ax",1,"cx"]})");
        CHECK(gsub("b", "x", R"({"v":5})") == R"({"v":5})");
        CHECK(gsub("zz", "x", R"({"v":"ab"})") == R"({"v":"ab"})");
        CHECK(gsub("x*", "-", "{\"v\":\"a\xC3\xA9\"}") == "{\"v\":\"-a-\xC3\xA9-\"}");
        CHECK(gsub("^", "> ", R"({"v":"a\nb"})") == R"({"v":"> a\n> b"})");
        CHECK(gsub("(?<!\\d)7", "x", R"({"v":"7 17 7"})") == R"({"v":"x 17 x"})");
    }

    TEST_CASE_FIXTURE(fixture, "gsub of very many matches takes time as the text is long") {
        constexpr int count = 1'000'000;
        // Minutes, were the text looked at as a whole for each match.
        const std::string out = gsub(",", ";", R"({"v":")" + std::string(count, ',') + "\"}");
        CHECK(out == R"({"v":")" + std::string(count, ';') + "\"}");
    }

    TEST_CASE_FIXTURE(fixture, "gsub knows Ruby's back references and templates") {
        CHECK(gsub("(\\w+)=(\\w+)", "\\2=\\1;\\0;\\9", R"({"v":"a=b"})") == R"({"v":"b=a;a=b;"})");
        CHECK(
            gsub("b", "[\\&|\\`|\\'|\\\\|\\z]", R"({"v":"abc"})") == R"({"v":"a[b|a|c|\\|\\z]c"})"
        );
        CHECK(gsub("(?<n>b)", "<\\k<n>\\k<no>>", R"({"v":"abc"})") == R"({"v":"a<b\\k<no>>c"})");
        CHECK(gsub("b", "%{w}", R"({"v":"abc","w":"\\0!"})") == R"({"v":"ab!c","w":"\\0!"})");
        CHECK(gsub("%{w}", "x", R"({"v":"abc","w":"[ab]"})") == R"({"v":"xxc","w":"[ab]"})");
        CHECK(gsub("%{w}", "x", R"({"v":"abc","w":"["})") == R"({"v":"abc","w":"[")" + failed);
    }

    TEST_CASE_FIXTURE(fixture, "a pattern without end fails the event and not the pipeline") {
        const std::string text = std::string(60, 'a') + "c";
        const std::string json = R"({"v":")" + text + "\"";
        CHECK(gsub("^(a|aa)+$", "x", json + "}") == json + failed);
    }

    TEST_CASE_FIXTURE(fixture, "upper case, lower case and capitals, beyond ASCII") {
        const auto v = config_array({"v"});
        CHECK(
            with(
                "uppercase",
                v,
                "{\"v\":[\"stra\xC3\x9F"
                "e \xC3\xA9\",1]}"
            ) == "{\"v\":[\"STRASSE \xC3\x89\",1]}"
        );
        CHECK(with("lowercase", v, "{\"v\":\"ABC \xC3\x89\"}") == "{\"v\":\"abc \xC3\xA9\"}");
        CHECK(
            with("capitalize", v, "{\"v\":\"\xC3\xA9T\xC3\x89 x\"}") ==
            "{\"v\":\"\xC3\x89t\xC3\xA9 x\"}"
        );
        CHECK(with("uppercase", v, R"({"w":1})") == R"({"w":1})");
    }

    TEST_CASE_FIXTURE(fixture, "strip takes white space off, and chokes on what has none") {
        CHECK(with("strip", config_array({"v"}), R"({"v":"\t a b \n"})") == R"({"v":"a b"})");
        CHECK(with("strip", config_array({"v"}), R"({"v":[" a ","  "]})") == R"({"v":["a",""]})");
        CHECK(
            with("strip", config_array({"v"}), R"({"v":[" a ",1]})") == R"({"v":[" a ",1])" + failed
        );
        CHECK(with("strip", config_array({"v"}), R"({"v":1})") == R"({"v":1})");
    }

    TEST_CASE_FIXTURE(fixture, "split as Ruby splits") {
        const auto split = [&](const std::string& at, const std::string& text) {
            return with("split", config_hash({{"v", at}}), R"({"v":")" + text + "\"}");
        };
        CHECK(split(",", "a,,b,,") == R"({"v":["a","","b"]})");
        CHECK(split(",", "") == R"({"v":[]})");
        CHECK(split(",", "abc") == R"({"v":["abc"]})");
        CHECK(split("::", "a::b") == R"({"v":["a","b"]})");
        CHECK(split(" ", "  a  b\\tc ") == R"({"v":["a","b","c"]})");
        CHECK(split("", "a\xC3\xA9") == "{\"v\":[\"a\",\"\xC3\xA9\"]}");
        CHECK(with("split", config_hash({{"v", ","}}), R"({"v":5})") == R"({"v":5})");
    }

    TEST_CASE_FIXTURE(fixture, "join makes one string, of nested arrays too") {
        const auto given = config_hash({{"v", "-"}});
        CHECK(
            with("join", given, R"({"v":["a",[1,2.0],null,true]})") == R"({"v":"a-1-2.0--true"})"
        );
        CHECK(with("join", given, R"({"v":[]})") == R"({"v":""})");
        CHECK(with("join", given, R"({"v":"a"})") == R"({"v":"a"})");
    }

    TEST_CASE_FIXTURE(fixture, "merge adds to arrays and to maps, never one to the other") {
        const auto given = config_hash({{"a", "b"}});
        CHECK(with("merge", given, R"({"a":[1],"b":[2,3]})") == R"({"a":[1,2,3],"b":[2,3]})");
        CHECK(with("merge", given, R"({"a":"x","b":"y"})") == R"({"a":["x","y"],"b":"y"})");
        CHECK(with("merge", given, R"({"b":"y"})") == R"({"b":"y","a":["y"]})");
        CHECK(
            with("merge", given, R"({"a":{"x":1,"y":1},"b":{"y":2}})") ==
            R"({"a":{"x":1,"y":2},"b":{"y":2}})"
        );
        CHECK(with("merge", given, R"({"a":[1],"b":{"y":2}})") == R"({"a":[1],"b":{"y":2}})");
        CHECK(was_matched);
        config_value many = config_hash({{"a", "b"}});
        std::get<config_value::hash>(many.data)[0].value = config_array({"b", "c"});
        CHECK(with("merge", many, R"({"a":1,"b":2,"c":3})") == R"({"a":[1,2,3],"b":2,"c":3})");
        CHECK(with("merge", config_hash({{"a", "a"}}), R"({"a":[1]})") == R"({"a":[1,1]})");
    }

    TEST_CASE_FIXTURE(fixture, "a copy does not share with its original") {
        use(mutate_filter, {{"copy", config_hash({{"a", "b"}})}});
        CHECK(filtered(R"({"a":{"x":[1]}})") == R"({"a":{"x":[1]},"b":{"x":[1]}})");
        batch->events[0].set(field_reference::of("[b][x][0]"), value::of(true));
        std::string out;
        append_json(batch->events[0], out);
        CHECK(out == R"({"a":{"x":[1]},"b":{"x":[true]}})");
    }

    TEST_CASE_FIXTURE(fixture, "operations run in Logstash's order, not the written one") {
        use(mutate_filter,
            {
                {"copy", config_hash({{"b", "c"}})},
                {"uppercase", config_array({"b"})},
                {"replace", config_hash({{"b", "%{b}-x"}})},
                {"rename", config_hash({{"a", "b"}})},
            });
        CHECK(filtered(R"({"a":"v"})") == R"({"b":"V-X","c":"V-X"})");
    }

    TEST_CASE_FIXTURE(fixture, "after a failure the rest is skipped and the tag is set") {
        use(mutate_filter,
            {
                {"convert", config_hash({{"a", "integer"}})},
                {"replace", config_hash({{"b", "done"}})},
                {"copy", config_hash({{"b", "c"}})},
                {"tag_on_failure", config_text("oh")},
            });
        CHECK(filtered(R"({"a":"x"})") == R"({"a":"x","b":"done","tags":["oh"]})");
        CHECK_FALSE(was_matched);
        CHECK(counters.sum("logboom_filter_failures_total") == 1);
    }

    TEST_CASE_FIXTURE(fixture, "what may not be set is a failure") {
        CHECK(
            with("replace", config_hash({{"@timestamp", "x"}}), R"({"a":1})") ==
            R"({"a":1)" + failed
        );
    }

    TEST_CASE_FIXTURE(fixture, "wrong settings are told at load") {
        CHECK(
            make(mutate_filter, {{"convert", config_hash({{"a", "int"}})}}).find("int") !=
            std::string::npos
        );
        CHECK(make(mutate_filter, {{"gsub", config_array({"a", "b"})}}) != "");
        CHECK(make(mutate_filter, {{"gsub", config_array({"a", "(", "c"})}}) != "");
        CHECK(make(mutate_filter, {{"rename", config_hash({{"a[b]", "c"}})}}) != "");
        CHECK(make(mutate_filter, {{"strip", config_array({"[a"})}}) != "");
    }
}
