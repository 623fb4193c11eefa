#include "buffer/client/stall_watch.h"

#include <doctest/doctest.h>

using namespace logboom::client;
using namespace std::chrono_literals;
using finding = stall_watch::finding;

TEST_SUITE("buffer/client/stall_watch") {
    TEST_CASE("records that wait are said once, then each minute, then that they move again") {
        stall_watch watch(10s);
        CHECK(watch.look(100s, true, 5) == finding::nothing_new);
        CHECK(watch.look(104s, true, 5) == finding::nothing_new);
        CHECK(!watch.is_suspicious());
        CHECK(watch.look(105s, true, 5) == finding::nothing_new);
        CHECK(watch.is_suspicious());
        CHECK(watch.look(110s, true, 5) == finding::stalled);
        CHECK(watch.lasting(110s) == 10s);
        CHECK(watch.look(169s, true, 5) == finding::nothing_new);
        CHECK(watch.look(170s, true, 5) == finding::stalled);
        CHECK(watch.look(171s, true, 6) == finding::moves_again);
        CHECK(!watch.is_suspicious());
        CHECK(watch.look(172s, true, 6) == finding::nothing_new);
    }

    TEST_CASE("an idle producer does not stall, and one that moves slowly does not either") {
        stall_watch watch(1s);
        for (int i = 0; i < 100; ++i) {
            CHECK(watch.look(i * 10s, false, 0) == finding::nothing_new);
        }
        for (int i = 0; i < 100; ++i) {
            CHECK(watch.look(1000s + i * 900ms, true, i) == finding::nothing_new);
        }
        // What begins to wait now has waited for nothing yet.
        CHECK(watch.look(2000s, false, 99) == finding::nothing_new);
        CHECK(watch.look(2100s, true, 99) == finding::nothing_new);
        CHECK(watch.look(2100s + 900ms, true, 99) == finding::nothing_new);
        CHECK(watch.look(2101s, true, 99) == finding::stalled);
        CHECK(watch.look(2102s, false, 99) == finding::moves_again);
    }
}
