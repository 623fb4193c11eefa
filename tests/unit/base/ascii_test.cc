#include "base/ascii.h"
#include "base/host_name.h"

#include <doctest/doctest.h>

using namespace logboom;

TEST_SUITE("base/ascii") {
    TEST_CASE("only A to Z have a lower case, whatever the locale") {
        CHECK(lower_case("AZ az 09 [`{ \xC3\x84") == "az az 09 [`{ \xC3\x84");
        CHECK(equals_ignoring_case("Content-Length", "content-LENGTH"));
        CHECK_FALSE(equals_ignoring_case("a", "ab"));
        // They differ by the bit that tells the cases apart, and are no letters.
        CHECK_FALSE(equals_ignoring_case("[", "{"));
        CHECK_FALSE(is_letter('@'));
        CHECK_FALSE(is_letter('\xE4'));
    }

    TEST_CASE("a hexadecimal digit has a value, anything else has none") {
        CHECK(hex_digit('0') == 0);
        CHECK(hex_digit('9') == 9);
        CHECK(hex_digit('a') == 10);
        CHECK(hex_digit('F') == 15);
        for (const char each : {'g', '/', ':', '@', '`', '\x11', '\xC1'}) {
            CHECK(hex_digit(each) == -1);
        }
    }

    TEST_CASE("spaces and tabs are trimmed, line ends are not") {
        CHECK(trimmed(" \t a b \t") == "a b");
        CHECK(trimmed(" \t ").empty());
        CHECK(trimmed("a\n") == "a\n");
    }

    TEST_CASE("this machine has a name") {
        CHECK_FALSE(host_name().empty());
    }
}
