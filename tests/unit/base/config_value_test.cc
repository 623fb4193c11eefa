#include "base/config_value.h"

#include <doctest/doctest.h>

using namespace logboom;

TEST_SUITE("base/config_value") {
    TEST_CASE("a position names what is known of it") {
        CHECK(source_position{"a.conf", 3, 5}.text() == "a.conf:3:5");
        CHECK(source_position{"a.conf", 3, 0}.text() == "a.conf:3");
        CHECK(source_position{"a.conf", 0, 0}.text() == "a.conf");
        CHECK(source_position{"", 3, 5}.text() == "3:5");
        CHECK(source_position{}.text().empty());
    }

    TEST_CASE("scalars have a text, the others none") {
        CHECK(config_value{std::string("x y"), {}}.scalar_text() == "x y");
        CHECK(config_value{std::int64_t{-7}, {}}.scalar_text() == "-7");
        CHECK(config_value{1.5, {}}.scalar_text() == "1.5");
        CHECK(config_value{true, {}}.scalar_text() == "true");
        CHECK(config_value{false, {}}.scalar_text() == "false");
        const config_value element{std::string("x"), {}};
        CHECK(config_value{config_value::array{element}, {}}.scalar_text().empty());
        CHECK(config_value{config_value::hash{{"k", element}}, {}}.scalar_text().empty());
    }

    TEST_CASE("each kind has a name for messages") {
        const auto name = [](auto data) {
            return std::string(config_value{std::move(data), {}}.type_name());
        };
        CHECK(name(std::string("x")) == "string");
        CHECK(name(std::int64_t{1}) == "number");
        CHECK(name(1.0) == "number");
        CHECK(name(true) == "boolean");
        CHECK(name(config_value::array{}) == "array");
        CHECK(name(config_value::hash{}) == "hash");
        CHECK(name(config_value::plugin{}) == "plugin");
    }
}
