#include "buffer/log/log_bounds.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace logboom;
using namespace logboom::log;

namespace {

log_bounds some_bounds() {
    return log_bounds(
        {.start = offset(10), .end = offset(50), .durable = offset(30), .clean_until = offset(20)}
    );
}

} // namespace

TEST_SUITE("buffer/log/log_bounds") {
    TEST_CASE("what recovery found on disk is flushed, and is all there is to read") {
        const log_bounds bounds = some_bounds();
        CHECK(bounds.start() == offset(10));
        CHECK(bounds.end() == offset(50));
        CHECK(bounds.high_watermark() == offset(50));
        CHECK(bounds.flushed() == offset(30));
        CHECK(bounds.recovery_point() == offset(30));
        CHECK(bounds.clean_until() == offset(20));
    }

    TEST_CASE("the high watermark is the end, and a start that rose never falls") {
        log_bounds bounds = some_bounds();
        bounds.extend(offset(60));
        CHECK(bounds.high_watermark() == offset(60));
        bounds.raise_start(offset(55));
        CHECK(bounds.start() == offset(55));
        bounds.raise_start(offset(5));
        CHECK(bounds.start() == offset(55));
    }

    TEST_CASE("a sync of records alone moves no recovery point, and a late one takes nothing back"
    ) {
        log_bounds bounds = some_bounds();
        bounds.cover(offset(45), false);
        CHECK(bounds.flushed() == offset(45));
        CHECK(bounds.recovery_point() == offset(30));
        bounds.cover(offset(40), true);
        CHECK(bounds.flushed() == offset(45));
        CHECK(bounds.recovery_point() == offset(40));
    }

    TEST_CASE("no order of changes breaks the order of the bounds") {
        // The class asserts it; here is everything that can happen to a log, in any order.
        for (std::uint32_t seed = 0; seed < 200; ++seed) {
            std::mt19937 random(seed);
            const auto pick = [&random](std::int64_t first, std::int64_t last) {
                return std::uniform_int_distribution<std::int64_t>(first, last)(random);
            };
            log_bounds bounds;
            for (int step = 0; step < 200; ++step) {
                const std::int64_t end = bounds.end().value();
                const offset below_end(pick(0, end));
                switch (pick(0, 4)) {
                case 0:
                case 1:
                    bounds.extend(offset(end + pick(1, 10)));
                    break;
                case 2:
                    bounds.raise_start(below_end);
                    break;
                case 3:
                    bounds.cover(below_end, pick(0, 1) == 0);
                    break;
                default:
                    bounds.note_clean(below_end);
                }
                REQUIRE(bounds.start() <= bounds.high_watermark());
                REQUIRE(bounds.recovery_point() <= bounds.flushed());
                REQUIRE(bounds.flushed() <= bounds.end());
            }
        }
    }
}
