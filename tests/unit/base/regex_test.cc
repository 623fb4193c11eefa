#include "base/regex.h"

#include <doctest/doctest.h>

#include <regex.h>

using namespace logboom;

TEST_SUITE_BEGIN("base/regex");

namespace {

bool matches(std::string_view pattern, std::string_view text) {
    return regex::compile(pattern).value().search(text) == regex_outcome::matched;
}

} // namespace

TEST_CASE("regex reads patterns as Ruby does") {
    CHECK(matches("\\A[[[:alnum:]]_%!$@:.,+~-]+\\z", "a_b"));
    CHECK(matches("\\A\\h{8}\\z", "deadBEEF"));
    CHECK(matches("^second$", "first\nsecond\nthird"));
    CHECK_FALSE(matches("a.b", "a\nb"));
    CHECK(matches("(?m)a.b", "a\nb"));
    CHECK(matches("a\\\\b", "a\\b"));
}

TEST_CASE("regex gives the groups of a match, by number and by name") {
    const auto pattern = regex::compile("(?<day>\\d+)/(?<month>\\d+)|(?<day>\\w+)").value();
    regex_captures found;
    REQUIRE(pattern.search("on 24/12", 0, found) == regex_outcome::matched);
    CHECK(found.group(0) == "on");
    REQUIRE(pattern.search("on 24/12", 2, found) == regex_outcome::matched);
    CHECK(found.group(0) == "24/12");
    CHECK(found.begin(0) == 3);
    CHECK(found.end(0) == 8);
    REQUIRE(pattern.names().size() == 2);
    CHECK(pattern.names()[0].name == "day");
    CHECK(pattern.names()[0].numbers == std::vector<int>{1, 3});
    CHECK(found.group(1) == "24");
    CHECK(found.group(3) == std::nullopt);
}

TEST_CASE("regex gives a search up that backtracks without end") {
    const auto pattern = regex::compile("^(a+)+$").value();
    const std::string text = std::string(40, 'a') + "b";
    CHECK(pattern.search(text, 100'000) == regex_outcome::too_costly);
}

TEST_CASE("regex searches text that is no UTF-8 byte by byte") {
    CHECK(matches("caf.$", "caf\xE9"));
    CHECK(matches("q", "\xE9q"));
    CHECK(matches("^caf\\S \"q\"$", "caf\xC3\xA9 \"q\""));
    CHECK_FALSE(matches("x", "truncated \xF0\x9F"));
}

TEST_CASE("regex says what is wrong with a pattern") {
    const auto made = regex::compile("a(b");
    REQUIRE(made.has_error());
    CHECK(made.error().text().find("parenthesis") != std::string::npos);
}

TEST_CASE("the engine does not stand in for libc's POSIX expressions, which libraries use") {
    regex_t compiled{};
    REQUIRE(regcomp(&compiled, "^(logs-.*|app)$", REG_EXTENDED | REG_NOSUB) == 0);
    CHECK(regexec(&compiled, "logs-1", 0, nullptr, 0) == 0);
    regfree(&compiled);
}

TEST_SUITE_END();
