// When bulks are sealed, and who waits.
#include "sinks/elasticsearch/bulk_queue.h"
#include "tests/unit/sinks/elasticsearch/support.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

using namespace logboom;
using namespace logboom::sinks;
using namespace std::chrono_literals;

namespace {

struct queue_fixture {
    manual_clock time;
    std::atomic<int> wakes{0};
    test::verdicts verdicts;

    bulk_queue_options options(std::size_t items_max, std::size_t lanes = 1) {
        bulk_queue_options out;
        out.items_max = items_max;
        out.lanes = lanes;
        out.gzip_level = 0;
        return out;
    }
    std::unique_ptr<bulk> part(const std::string& text, int items = 1) {
        auto made = std::make_unique<bulk>();
        auto group = std::make_shared<ack_group>();
        group->token = verdicts.token();
        group->unsettled = static_cast<std::uint32_t>(items);
        made->groups.push_back(std::move(group));
        for (int i = 0; i < items; ++i) {
            bulk_item item;
            item.begin = static_cast<std::uint32_t>(made->body.size());
            item.size = static_cast<std::uint32_t>(text.size());
            made->body += text;
            made->items.push_back(item);
        }
        return made;
    }
};

} // namespace

TEST_SUITE("sinks/elasticsearch") {
    TEST_CASE_FIXTURE(queue_fixture, "small writes wait for company until they are old enough") {
        bulk_queue queue(options(10), time, [this] { ++wakes; });
        queue.append(0, part("a"));
        queue.append(0, part("b"));
        CHECK(wakes == 1);
        CHECK(queue.take(50ms).empty());
        CHECK(queue.next_due(50ms) == time.steady() + 50ms);
        CHECK_FALSE(queue.next_due(std::nullopt));
        time.advance(50ms);
        CHECK(queue.take(std::nullopt).empty());
        const auto taken = queue.take(50ms);
        REQUIRE(taken.size() == 1);
        CHECK(taken[0].what->body == "ab");
        CHECK(taken[0].what->items[1].begin == 1);
        CHECK(taken[0].what->groups.size() == 2);
        CHECK(queue.is_empty());
    }

    TEST_CASE_FIXTURE(queue_fixture, "a bulk is sealed when it is full, and never overfilled") {
        bulk_queue queue(options(4), time, [] {});
        queue.append(0, part("a", 3));
        queue.append(0, part("b", 2));
        queue.append(0, part("c", 2));
        const auto taken = queue.take(std::nullopt);
        REQUIRE(taken.size() == 2);
        CHECK(taken[0].what->body == "aaa");
        CHECK(taken[1].what->body == "bbcc");
    }

    TEST_CASE_FIXTURE(queue_fixture, "a size that a server has taught holds from then on") {
        bulk_queue queue(options(100), time, [] {});
        queue.set_body_size_max(4);
        CHECK(queue.body_size_max() == 4);
        queue.append(0, part("aaa"));
        queue.append(0, part("bbb"));
        CHECK(queue.take(std::nullopt).size() == 1);
    }

    TEST_CASE_FIXTURE(queue_fixture, "writers wait while too much is unsettled") {
        auto limits = options(1);
        limits.unsettled_bytes_max = 3;
        bulk_queue queue(limits, time, [] {});
        REQUIRE(queue.wait_for_room());
        queue.append(0, part("aaa"));
        std::atomic<bool> is_through{false};
        std::thread writer([&] { is_through = queue.wait_for_room(); });
        CHECK_FALSE(is_through);
        queue.release(3);
        writer.join();
        CHECK(is_through);
    }

    TEST_CASE_FIXTURE(queue_fixture, "a full retry lane holds writers, closing lets them go") {
        bulk_queue queue(options(1), time, [] {});
        queue.set_retry_lane_full(true);
        std::atomic<int> answer{-1};
        std::thread writer([&] { answer = queue.wait_for_room() ? 1 : 0; });
        queue.close();
        writer.join();
        CHECK(answer == 0);
        queue.append(0, part("a"));
        CHECK(verdicts.lost == 1);
    }

    TEST_CASE_FIXTURE(
        queue_fixture, "what is packed can be unpacked by anybody, and lanes keep apart"
    ) {
        auto limits = options(1, 2);
        limits.gzip_level = 1;
        bulk_queue queue(limits, time, [] {});
        queue.append(1, part("hello"));
        const auto taken = queue.take(std::nullopt);
        REQUIRE(taken.size() == 1);
        CHECK(taken[0].lane == 1);
        CHECK(taken[0].what->packed.substr(0, 2) == "\x1f\x8b");
    }

    TEST_CASE_FIXTURE(queue_fixture, "what waits behind a bulk that is being packed is not due") {
        auto limits = options(1);
        limits.gzip_level = 9;
        bulk_queue queue(limits, time, [] {});
        constexpr std::size_t large = std::size_t{16} << 20U;
        std::string text(large, ' ');
        std::minstd_rand chance(1);
        std::generate(text.begin(), text.end(), [&] { return static_cast<char>(chance()); });
        std::thread packer([&] { queue.append(0, part(text)); });
        while (queue.unsettled_bytes() < large) {
            std::this_thread::yield();
        }
        queue.append(0, part("small"));
        std::size_t taken = 0;
        int woken_for_nothing = 0;
        while (taken < 2) {
            const bool is_due = queue.next_due(0ms).has_value();
            const std::size_t got = queue.take(0ms).size();
            woken_for_nothing += is_due && got == 0 ? 1 : 0;
            taken += got;
            std::this_thread::yield();
        }
        packer.join();
        CHECK(woken_for_nothing == 0);
    }
}
