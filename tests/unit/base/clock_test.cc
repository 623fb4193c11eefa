#include "base/clock.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace std::chrono_literals;

TEST_SUITE("base/clock") {
    TEST_CASE("a manual clock stands still until it is moved") {
        manual_clock time(1700000000s);
        CHECK(time.wall() == 1700000000s);
        CHECK(time.wall() == time.wall());
        CHECK(time.steady() == 0s);
        time.advance(1500ms);
        CHECK(time.wall() == 1700000000s + 1500ms);
        CHECK(time.steady() == 1500ms);
    }

    TEST_CASE("a jump of the wall clock leaves the steady one alone") {
        manual_clock time(100s);
        time.advance(5s);
        time.jump_wall(-60s);
        CHECK(time.wall() == 45s);
        CHECK(time.steady() == 5s);
    }

    TEST_CASE("milliseconds for records are whole ones") {
        manual_clock time(0s);
        time.advance(1999999ns);
        CHECK(time.wall_ms() == timestamp_ms(1));
        time.advance(1ns);
        CHECK(time.wall_ms() == timestamp_ms(2));
    }

    TEST_CASE("the machine's clock is past 2023 and its steady one does not go back") {
        const real_clock time;
        CHECK(time.wall() > 1'672'531'200s);
        const auto before = time.steady();
        CHECK(time.steady() >= before);
    }
}
