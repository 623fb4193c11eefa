#include "sinks/elasticsearch/host_pool.h"

#include <doctest/doctest.h>

#include <array>

using namespace logboom::sinks;
using namespace std::chrono_literals;

TEST_SUITE("sinks/elasticsearch") {
    TEST_CASE("requests are spread over the living hosts") {
        host_pool pool(3, 1s, 5s, 7);
        std::array<int, 3> used{};
        for (int i = 0; i < 9; ++i) {
            ++used[*pool.enter()];
        }
        CHECK(used == std::array<int, 3>{3, 3, 3});
        pool.leave(1);
        CHECK(*pool.enter() == 1);
    }

    TEST_CASE("a dead host gets nothing until a probe is answered, and probes back off") {
        host_pool pool(2, 1s, 4s, 7);
        CHECK(pool.mark_dead(0, 0s));
        CHECK_FALSE(pool.mark_dead(0, 0s));
        for (int i = 0; i < 5; ++i) {
            CHECK(*pool.enter() == 1);
        }
        CHECK_FALSE(pool.next_probe(400ms));
        REQUIRE(pool.next_probe(1s) == 0U);
        CHECK_FALSE(pool.next_probe(1s));
        CHECK_FALSE(pool.mark_dead(0, 1s));
        CHECK_FALSE(pool.next_probe(1900ms));
        CHECK(*pool.next_probe_at() <= 3s);
        REQUIRE(pool.next_probe(3s) == 0U);
        CHECK(pool.mark_alive(0));
        CHECK(*pool.enter() == 0);
    }

    TEST_CASE("without a living host there is none to enter") {
        host_pool pool(1, 1s, 4s, 7);
        CHECK(pool.mark_dead(0, 0s));
        CHECK_FALSE(pool.has_living());
        CHECK_FALSE(pool.enter());
    }

    TEST_CASE("a back-off of nothing still waits") {
        bulk_backoff none(0s, 0s, 1);
        CHECK(none.step(1) == bulk_backoff::least);
        CHECK(none.delay(9) >= bulk_backoff::least / 2);
    }

    TEST_CASE("back-off doubles up to its end and stays between half and all of a step") {
        bulk_backoff backoff(2s, 64s, 3);
        CHECK(backoff.step(1) == 2s);
        CHECK(backoff.step(2) == 4s);
        CHECK(backoff.step(6) == 64s);
        CHECK(backoff.step(60) == 64s);
        bool differs = false;
        const auto first = backoff.delay(3);
        for (int i = 0; i < 200; ++i) {
            const auto delay = backoff.delay(3);
            CHECK(delay >= 4s);
            CHECK(delay <= 8s);
            differs = differs || delay != first;
        }
        CHECK(differs);
    }
}
