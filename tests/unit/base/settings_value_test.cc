// Values: what each type accepts, what it makes of it, and the sentence for what it refuses.
#include "base/settings.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace std::chrono_literals;

namespace {

config_value text(std::string given) {
    return {std::move(given), {"a.conf", 2, 3}};
}
config_value list_of(std::vector<config_value> elements) {
    return {config_value::array(std::move(elements)), {"a.conf", 2, 3}};
}
config_value hash_of(config_value::hash entries) {
    return {std::move(entries), {"a.conf", 2, 3}};
}

/// A table of one row, and what became of one value given for it.
struct given {
    setting row;
    settings values;
    given(setting spec, const config_value& value)
        : row(spec), values("thing", std::span<const setting>(&row, 1)) {
        values.set(row.name, value);
    }
    given(const given&) = delete;
    given& operator=(const given&) = delete;

    [[nodiscard]] bool is_taken() const {
        return values.problems().empty() && values.is_given(row.name);
    }
    /// What is wrong with it, without the place and the name.
    [[nodiscard]] std::string wrong() const {
        if (values.problems().size() != 1 || values.has(row.name)) {
            return "no problem, or not one";
        }
        const std::string whole = values.problems()[0].text;
        const std::string before = "a.conf:2:3: setting '" + std::string(row.name) + "' of thing ";
        return whole.starts_with(before) ? whole.substr(before.size()) : whole;
    }
};

setting of(setting_type type) {
    return {.name = "x", .type = type};
}

} // namespace

TEST_SUITE("base/settings") {
    TEST_CASE("text is any scalar as it was written") {
        CHECK(given(of(setting_type::text), text(" a b ")).values.text("x") == " a b ");
        CHECK(given(of(setting_type::text), text("")).is_taken());
        CHECK(given(of(setting_type::password), {std::int64_t{42}, {}}).values.text("x") == "42");
        CHECK(given(of(setting_type::text), {true, {}}).values.text("x") == "true");
        CHECK(
            given(of(setting_type::text), hash_of({})).wrong() ==
            "must be a single value, not a hash."
        );
    }

    TEST_CASE("an array of one is a single value, an array of two is not") {
        CHECK(given(of(setting_type::text), list_of({text("one")})).values.text("x") == "one");
        CHECK(
            given(of(setting_type::text), list_of({text("a"), text("b")})).wrong() ==
            "must be a single value, not an array."
        );
        CHECK(given(of(setting_type::integer), list_of({text("7")})).values.integer("x") == 7);
    }

    TEST_CASE("an integer is a whole number in any notation") {
        const auto read = [](const config_value& value) {
            const given outcome(of(setting_type::integer), value);
            REQUIRE(outcome.is_taken());
            return outcome.values.integer("x");
        };
        CHECK(read(text("42")) == 42);
        CHECK(read(text(" -7 ")) == -7);
        CHECK(read(text("5.0")) == 5);
        CHECK(read(text("1e3")) == 1000);
        CHECK(read(text("9223372036854775807")) == std::numeric_limits<std::int64_t>::max());
        CHECK(read({std::int64_t{12}, {}}) == 12);
        CHECK(read({3.0, {}}) == 3);
        for (const char* const each : {"", "x", "5x", "5.5", "1e30", "nan", "inf", "0x10", "5 6"}) {
            CHECK(
                given(of(setting_type::integer), text(each)).wrong() ==
                "must be a whole number, not \"" + std::string(each) + "\"."
            );
        }
    }

    TEST_CASE("bounds are inclusive and the sentence tells them") {
        const setting both{.name = "x", .type = setting_type::integer, .min = 1, .max = 10};
        CHECK(given(both, text("1")).is_taken());
        CHECK(given(both, text("10")).is_taken());
        CHECK(given(both, text("0")).wrong() == "must be between 1 and 10, not \"0\".");
        CHECK(given(both, text("11")).wrong() == "must be between 1 and 10, not \"11\".");
        const setting low{.name = "x", .type = setting_type::real, .min = 0.5};
        CHECK(given(low, text("0.5")).is_taken());
        CHECK(given(low, text("0.4")).wrong() == "must be at least 0.5, not \"0.4\".");
        const setting high{.name = "x", .type = setting_type::integer, .max = 65535};
        CHECK(given(high, text("65536")).wrong() == "must be at most 65535, not \"65536\".");
        const setting large{.name = "x", .type = setting_type::integer, .max = 2147483647};
        CHECK(
            given(large, text("2147483648")).wrong() ==
            "must be at most 2147483647, not \"2147483648\"."
        );
    }

    TEST_CASE("a real is a finite number") {
        CHECK(given(of(setting_type::real), text("0.25")).values.real("x") == 0.25);
        CHECK(given(of(setting_type::real), text("-3")).values.real("x") == -3);
        CHECK(given(of(setting_type::real), {std::int64_t{2}, {}}).values.real("x") == 2);
        for (const char* const each : {"", "x", "1.5s", "nan", "inf", "1e999"}) {
            CHECK(
                given(of(setting_type::real), text(each)).wrong() ==
                "must be a number, not \"" + std::string(each) + "\"."
            );
        }
    }

    TEST_CASE("a boolean is true or false, as Kafka in any case") {
        CHECK(given(of(setting_type::boolean), text("true")).values.flag("x"));
        CHECK_FALSE(given(of(setting_type::boolean), text("false")).values.flag("x"));
        CHECK(given(of(setting_type::boolean), {true, {}}).values.flag("x"));
        CHECK(given(of(setting_type::boolean), text("TRUE")).values.flag("x"));
        const given no(of(setting_type::boolean), text("False"));
        CHECK(no.is_taken());
        CHECK_FALSE(no.values.flag("x"));
        for (const char* const each : {"", "yes", "1", "on", "truee"}) {
            CHECK(
                given(of(setting_type::boolean), text(each)).wrong() ==
                "must be true or false, not \"" + std::string(each) + "\"."
            );
        }
    }

    TEST_CASE("a size counts bytes, with units of 1024") {
        const auto read = [](std::string_view from) { return parse_byte_count(from); };
        CHECK(read("512") == 512);
        CHECK(read("512 b") == 512);
        CHECK(read("64kb") == 65536);
        CHECK(read("64 KiB") == 65536);
        CHECK(read("10 MiB") == 10 * 1024 * 1024);
        CHECK(read("1.5m") == 1572864);
        CHECK(read("2G") == std::int64_t{2} << 30U);
        CHECK(read("1tb") == std::int64_t{1} << 40U);
        CHECK(read("0") == 0);
        for (const std::string_view each : {"", "mb", "-1", "1 xb", "1e300", "9999999 tb", "nan"}) {
            CAPTURE(each);
            CHECK_FALSE(read(each));
        }
        CHECK(
            given(of(setting_type::byte_count), text("10 lots")).wrong() ==
            "must be a size such as 1048576 or \"10 MiB\", not \"10 lots\"."
        );
        const setting bounded{.name = "x", .type = setting_type::byte_count, .min = 1024};
        CHECK(given(bounded, text("1kb")).values.integer("x") == 1024);
        CHECK(given(bounded, text("1023")).wrong() == "must be at least 1024, not \"1023\".");
    }

    TEST_CASE("a duration has a unit, or counts the setting's own") {
        const auto read = [](std::string_view from) { return parse_duration(from, "s"); };
        CHECK(read("5") == 5s);
        CHECK(read("0") == 0s);
        CHECK(read("10us") == 10us);
        CHECK(read("250 ms") == 250ms);
        CHECK(read("1.5 min") == 90s);
        CHECK(read("1 hour") == 1h);
        CHECK(read("2 Hours") == 2h);
        CHECK(read("2d") == 48h);
        CHECK(read("1w") == 168h);
        CHECK(parse_duration("7", "ms") == 7ms);
        CHECK(parse_duration("7", "days") == 168h);
        // What no clock can hold is as long as a clock can hold.
        CHECK(*read("1e300") > 24h * 365 * 100);
        for (const std::string_view each : {"", "s", "-1", "5 milli", "1 month", "inf", "5 s 3"}) {
            CAPTURE(each);
            CHECK_FALSE(read(each));
        }
    }

    TEST_CASE("bounds of a duration are in seconds, whatever it is written in") {
        const setting ms{
            .name = "x", .type = setting_type::duration, .min = 0.001, .max = 60, .unit = "ms"};
        CHECK(given(ms, text("1")).values.duration("x") == 1ms);
        CHECK(given(ms, text("1 minute")).values.duration("x") == 60s);
        CHECK(given(ms, text("60001")).wrong() == "must be between 0.001 and 60 s, not \"60001\".");
        const setting seconds{.name = "x", .type = setting_type::duration, .min = 1};
        CHECK(given(seconds, text("0.5")).wrong() == "must be at least 1 s, not \"0.5\".");
        CHECK(
            given(of(setting_type::duration), text("soon")).wrong() ==
            "must be a duration such as 5 or \"250 ms\", not \"soon\"."
        );
    }

    TEST_CASE("a choice is one of the words") {
        const setting spec{
            .name = "x", .type = setting_type::choice, .choices = "beginning|end|none"};
        CHECK(given(spec, text("none")).values.text("x") == "none");
        for (const char* const each : {"", "begin", "END", "beginning|end"}) {
            CHECK(
                given(spec, text(each)).wrong() ==
                "must be one of beginning, end, none, not \"" + std::string(each) + "\"."
            );
        }
    }

    TEST_CASE("an array takes elements as they are, and a scalar as its only one") {
        using strings = std::vector<std::string>;
        const auto read = [](setting_type type, const config_value& value) {
            const given outcome(of(type), value);
            REQUIRE(outcome.is_taken());
            return outcome.values.list("x");
        };
        CHECK(read(setting_type::array, text("a, b")) == strings{"a, b"});
        CHECK(
            read(setting_type::array, list_of({text("a, b"), {std::int64_t{7}, {}}})) ==
            strings{"a, b", "7"}
        );
        CHECK(read(setting_type::array, list_of({})).empty());
        CHECK(read(setting_type::list, text("a:1, b:2 c:3,,")) == strings{"a:1", "b:2", "c:3"});
        CHECK(read(setting_type::list, text("")).empty());
        CHECK(read(setting_type::list, list_of({text("a b")})) == strings{"a b"});
        CHECK(
            given(of(setting_type::array), hash_of({{"k", text("v")}})).wrong() ==
            "must be an array, [\"a\", \"b\"]."
        );
        CHECK(
            given(of(setting_type::array), list_of({list_of({})})).wrong() ==
            "must be an array of plain values."
        );
    }

    TEST_CASE("a hash is a hash, or pairs in an array") {
        const given plain(of(setting_type::hash), hash_of({{"b", text("1")}, {"a", text("2")}}));
        REQUIRE(plain.values.hash("x").size() == 2);
        CHECK(plain.values.hash("x")[0].key == "b");
        CHECK(plain.values.hash("x")[1].value.scalar_text() == "2");
        const given pairs(
            of(setting_type::hash), list_of({text("k"), text("v"), text("l"), text("w")})
        );
        REQUIRE(pairs.values.hash("x").size() == 2);
        CHECK(pairs.values.hash("x")[1].key == "l");
        CHECK(pairs.values.hash("x")[1].value.scalar_text() == "w");
        const std::string sentence = "must be a hash, { \"key\" => \"value\" }.";
        CHECK(given(of(setting_type::hash), text("k")).wrong() == sentence);
        CHECK(given(of(setting_type::hash), text("")).wrong() == sentence);
        CHECK(given(of(setting_type::hash), list_of({text("k")})).wrong() == sentence);
        CHECK(given(of(setting_type::hash), list_of({list_of({}), text("v")})).wrong() == sentence);
    }

    TEST_CASE("a key of a hash that repeats collects its values in one flat array") {
        const given repeated(
            of(setting_type::hash),
            hash_of(
                {{"k", text("1")},
                 {"other", text("o")},
                 {"k", list_of({text("2"), text("3")})},
                 {"k", text("4")}}
            )
        );
        const auto& all = repeated.values.hash("x");
        REQUIRE(all.size() == 2);
        const auto* values = std::get_if<config_value::array>(&all[0].value.data);
        REQUIRE(values != nullptr);
        std::string joined;
        for (const config_value& each : *values) {
            joined += each.scalar_text() + ",";
        }
        CHECK(joined == "1,2,3,4,");
    }

    TEST_CASE("a codec is a name or a block") {
        const given named(of(setting_type::codec), text("json"));
        CHECK(named.values.codec("x")->name == "json");
        CHECK(named.values.codec("x")->where.line == 2);
        const auto block = std::make_shared<const plugin_config>(plugin_config{
            "line", {{"charset", text("UTF-8"), {}}}, {}});
        const given built(of(setting_type::codec), {config_value::plugin(block), {}});
        CHECK(built.values.codec("x")->name == "line");
        CHECK(built.values.codec("x")->attributes.size() == 1);
        CHECK(
            given(of(setting_type::codec), list_of({})).wrong() == "must be the name of a codec."
        );
    }
}
