// The real loop: whose thread calls what, and what becomes of timers that go.
#include "net/asio_loop.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

using namespace logboom::net;
using namespace std::chrono_literals;

TEST_SUITE("net/asio_loop") {
    TEST_CASE("work that blocks is done elsewhere, and what follows it on the loop") {
        asio_loop loop(1);
        std::thread::id worked;
        std::thread::id long_worked;
        std::vector<std::thread::id> followed;
        const auto done = [&] {
            followed.push_back(std::this_thread::get_id());
            if (followed.size() == 2) {
                loop.stop();
            }
        };
        loop.run_blocking([&] { worked = std::this_thread::get_id(); }, done);
        loop.run_long([&] { long_worked = std::this_thread::get_id(); }, done);
        loop.run();
        CHECK(followed == std::vector(2, std::this_thread::get_id()));
        CHECK(worked != std::this_thread::get_id());
        CHECK(long_worked != std::this_thread::get_id());
        CHECK(worked != long_worked);
    }

    TEST_CASE("long work does not hold up the short, and jobs of one pool wait in line") {
        asio_loop loop(1);
        std::atomic<bool> may_end{false};
        std::vector<int> order;
        loop.run_long(
            [&] { may_end.wait(false); },
            [&] {
                order.push_back(3);
                loop.stop();
            }
        );
        loop.run_blocking([] {}, [&] { order.push_back(1); });
        loop.run_blocking(
            [] {},
            [&] {
                order.push_back(2);
                may_end = true;
                may_end.notify_all();
            }
        );
        loop.run();
        CHECK(order == std::vector{1, 2, 3});
    }

    TEST_CASE("a timer calls once, and not at all when it is gone before") {
        asio_loop loop(1);
        int calls = 0;
        std::unique_ptr<loop_timer> gone = loop.call_after(1ms, [&] { calls += 100; });
        gone.reset();
        std::unique_ptr<loop_timer> kept;
        std::unique_ptr<loop_timer> last;
        kept = loop.call_after(1ms, [&] {
            ++calls;
            // By its own call.
            kept.reset();
            last = loop.call_after(1ms, [&] { loop.stop(); });
        });
        loop.run();
        CHECK(calls == 1);
    }

    TEST_CASE("a timer that fell due and is destroyed before its turn does not call") {
        asio_loop loop(1);
        int calls = 0;
        std::unique_ptr<loop_timer> first;
        std::unique_ptr<loop_timer> second;
        // Both are due when the loop begins to look.
        const auto take_the_other = [&](std::unique_ptr<loop_timer>& other) {
            ++calls;
            other.reset();
        };
        first = loop.call_after(0ms, [&] { take_the_other(second); });
        second = loop.call_after(0ms, [&] { take_the_other(first); });
        while (calls == 0) {
            loop.run_one();
        }
        loop.io().poll();
        CHECK(calls == 1);
    }

    TEST_CASE("work can be posted from any thread, and comes in order") {
        asio_loop loop(1);
        std::vector<int> order;
        std::jthread poster([&] {
            for (int i = 0; i < 100; ++i) {
                loop.post([&, i] { order.push_back(i); });
            }
            loop.post([&] { loop.stop(); });
        });
        loop.run();
        REQUIRE(order.size() == 100);
        CHECK(std::is_sorted(order.begin(), order.end()));
    }
}
