#include "event/batch.h"
#include "event/sprintf.h"
#include "event/value_text.h"

#include <doctest/doctest.h>

#include <limits>

using namespace logboom;

namespace {

struct fixture {
    fixture() : it(batch.add(parse_iso8601("2024-12-30T10:11:12.5Z").value())) {
        set("message", text("hello"));
        set("n", value::of(std::int64_t{-42}));
        set("small", value::of(1e-5));
        set("whole", value::of(1.0));
        set("yes", value::of(true));
        set("nothing", value());
        set("[j][k1]", text("v"));
        it.tag("a");
        it.tag("b");
        set("[@metadata][topic]", text("logs"));
    }
    value text(std::string_view from) { return value::of(batch.memory.copy(from)); }
    void set(std::string_view at, const value& item) {
        REQUIRE(it.set(field_reference::of(at), item));
    }
    std::string operator()(std::string_view form) const {
        return sprintf_template(form).rendered(it);
    }

    event_batch batch;
    event& it;
};

std::string ruby(double number) {
    std::string out;
    append_ruby_float(number, out);
    return out;
}
std::string java(double number) {
    std::string out;
    append_java_float(number, out);
    return out;
}

} // namespace

TEST_SUITE("event/sprintf") {
    TEST_CASE_FIXTURE(fixture, "fields become text as Logstash prints them") {
        fixture& f = *this;
        CHECK(f("%{message}!") == "hello!");
        CHECK(f("%{tags}") == "a,b");
        CHECK(f("%{[tags][-1]}") == "b");
        CHECK(f("%{j}") == R"({"k1":"v"})");
        CHECK(f("%{[j][k1]}") == "v");
        CHECK(f("%{n} %{small} %{whole} %{yes}") == "-42 1.0E-5 1.0 true");
        CHECK(f("%{@timestamp}") == "2024-12-30T10:11:12.500Z");
        CHECK(f("%{[@metadata][topic]}") == "logs");
    }

    TEST_CASE_FIXTURE(
        fixture, "nested lists are joined flat, nil inside is empty, maps are Java's"
    ) {
        fixture& f = *this;
        value list = value::new_array(batch.memory);
        value inner = value::new_array(batch.memory);
        inner.as_array().push_back(batch.memory, value::of(std::int64_t{1}));
        inner.as_array().push_back(batch.memory, value());
        list.as_array().push_back(batch.memory, inner);
        list.as_array().push_back(batch.memory, *it.get("j"));
        set("list", list);
        CHECK(f("%{list}") == "1,,{k1=v}");
    }

    TEST_CASE_FIXTURE(fixture, "what is missing, nil, illegal or not closed stays as written") {
        fixture& f = *this;
        CHECK(f("x-%{absent}-y") == "x-%{absent}-y");
        CHECK(f("%{nothing}") == "%{nothing}");
        CHECK(f("%{[j][k2]}") == "%{[j][k2]}");
        CHECK(f("%{foo[bar]}") == "%{foo[bar]}");
        CHECK(f("%{message") == "%{message");
        CHECK(f("%{message} %{tags") == "hello %{tags");
        CHECK(f("100% {x} }") == "100% {x} }");
        CHECK(f("%{{yyyy}") == "%{{yyyy}");
        std::string out;
        CHECK_FALSE(sprintf_template("%{absent}").render(it, out));
        CHECK(sprintf_template("%{message}").render(it, out));
    }

    TEST_CASE_FIXTURE(fixture, "dates come from @timestamp") {
        fixture& f = *this;
        CHECK(f("logs-%{+YYYY.MM.dd}") == "logs-2024.12.30");
        CHECK(f("logs-%{{YYYY.MM.dd}}-x") == "logs-2025.12.30-x");
        CHECK(f("%{+%s}") == "1735553472");
        CHECK(f("%{+HH:mm}") == "10:11");
        CHECK(f("%{{TIME_NOW}}").starts_with("20"));
        it.remove(field_reference::of("@timestamp"));
        CHECK(f("<%{+YYYY}%{+%s}%{{yyyy}}>") == "<>");
    }

    TEST_CASE_FIXTURE(fixture, "a day that was rendered before is rendered again for another day") {
        const sprintf_template first("%{+YYYY.MM.dd}");
        const sprintf_template second("%{+dd}");
        for (int round = 0; round < 2; ++round) {
            it.set_timestamp(parse_iso8601("2024-12-30T23:59:59.999Z").value());
            CHECK(first.rendered(it) + second.rendered(it) == "2024.12.3030");
            it.set_timestamp(parse_iso8601("2024-12-31T00:00:00Z").value());
            CHECK(first.rendered(it) + second.rendered(it) == "2024.12.3131");
            it.set_timestamp(-1);
            CHECK(first.rendered(it) == "1969.12.31");
        }
    }

    TEST_CASE("a template knows whether it is constant and what is wrong with it") {
        CHECK(sprintf_template("").is_constant());
        CHECK(sprintf_template("logs").is_constant());
        CHECK(sprintf_template("logs %{x").is_constant());
        CHECK_FALSE(sprintf_template("%{x}").is_constant());
        CHECK_FALSE(sprintf_template("%{+YYYY}").is_constant());
        CHECK(sprintf_template("%{+YYYY}").problem().empty());
        CHECK_FALSE(sprintf_template("%{+bb}").problem().empty());
        CHECK_FALSE(sprintf_template("%{foo[bar]}").problem().empty());
    }

    TEST_CASE("floats look as in Ruby and as in Java") {
        CHECK(ruby(1.0) == "1.0");
        CHECK(ruby(1e-5) == "1.0e-05");
        CHECK(ruby(1e-4) == "0.0001");
        CHECK(ruby(1e20) == "1.0e+20");
        CHECK(ruby(1e15) == "1000000000000000.0");
        CHECK(ruby(1e16) == "1.0e+16");
        CHECK(ruby(12345678.9) == "12345678.9");
        CHECK(ruby(-1.5e-100) == "-1.5e-100");
        CHECK(ruby(-0.0) == "-0.0");
        CHECK(ruby(std::numeric_limits<double>::infinity()) == "Infinity");
        CHECK(java(12345678.9) == "1.23456789E7");
        CHECK(java(1e-3) == "0.001");
        CHECK(java(1e-4) == "1.0E-4");
        CHECK(java(9999999.0) == "9999999.0");
        CHECK(java(1e7) == "1.0E7");
        CHECK(java(0.1) == "0.1");
        CHECK(java(100.25) == "100.25");
    }
}
