#include "sinks/complaint.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace std::chrono_literals;

TEST_SUITE("sinks/complaint") {
    TEST_CASE("what goes on is said once, then once a minute, and once when it is over") {
        complaint full;
        CHECK_FALSE(full.ends());
        CHECK(full.goes_on(10s));
        CHECK_FALSE(full.goes_on(11s));
        CHECK_FALSE(full.goes_on(69s));
        CHECK(full.goes_on(70s));
        CHECK_FALSE(full.goes_on(71s));
        CHECK(full.ends());
        CHECK_FALSE(full.ends());
        CHECK(full.goes_on(72s));
    }
}
