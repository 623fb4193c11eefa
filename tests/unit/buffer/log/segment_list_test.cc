// The segments of a log by offset: look-up, the remembered reader, replacement.
#include "base/memory_env.h"
#include "buffer/log/segment_list.h"
#include "codecs/kafka/record_batch_builder.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::log;

namespace {

/// Segments of batches of ten records, on a disk in memory.
struct list_fixture {
    list_fixture() { REQUIRE(disk.make_directories("/d")); }

    std::unique_ptr<segment> segment_at(std::int64_t base, int batches) {
        auto made = segment::create(disk, "/d", offset(base));
        REQUIRE(made.has_value());
        for (int i = 0; i < batches; ++i) {
            kafka::record_batch_builder builder({.base_offset = (*made)->end()});
            for (int record = 0; record < 10; ++record) {
                builder.add(timestamp_ms(1000), std::nullopt, as_bytes("value"));
            }
            const auto data = builder.finish();
            REQUIRE(data.has_value());
            REQUIRE((*made)->write(*data));
            (*made)->observe(kafka::record_batch_view(*data));
        }
        return *std::move(made);
    }
    /// 0 to 20, 20 to 40, 40 to 60 and an empty one.
    void fill() {
        for (const std::int64_t base : {0, 20, 40}) {
            list.add(segment_at(base, 2));
            REQUIRE(list.active().seal());
        }
        list.add(segment_at(60, 0));
    }
    std::int64_t base_of(std::int64_t where) {
        return list.at(list.index_of(offset(where))).base().value();
    }

    memory_env disk;
    segment_list list;
};

} // namespace

TEST_SUITE("buffer/log/segment_list") {
    TEST_CASE_FIXTURE(list_fixture, "an offset belongs to the last segment that begins before it") {
        fill();
        CHECK(list.size() == 4);
        CHECK(base_of(0) == 0);
        CHECK(base_of(19) == 0);
        CHECK(base_of(20) == 20);
        CHECK(base_of(59) == 40);
        CHECK(base_of(60) == 60);
        CHECK(base_of(1000) == 60);
        list.drop_front(1);
        // Before the first there is only the first.
        CHECK(base_of(3) == 20);
        CHECK(list.front().base() == offset(20));
    }

    TEST_CASE_FIXTURE(list_fixture, "a batch is found by any of its offsets, in any segment") {
        fill();
        for (std::int64_t i = 0; i < 60; ++i) {
            const auto found = list.find(offset(i));
            REQUIRE(found.has_value());
            REQUIRE(found->has_value());
            CHECK((*found)->source->base().value() == i / 20 * 20);
            const auto place = (*found)->source->find(offset(i));
            REQUIRE(place.has_value());
            CHECK((*place)->position == (*found)->position);
        }
        const auto behind = list.find(offset(60));
        REQUIRE(behind.has_value());
        CHECK_FALSE(behind->has_value());
    }

    TEST_CASE_FIXTURE(list_fixture, "a reader that goes on where it stopped is remembered") {
        list.add(segment_at(0, 5));
        segment& only = list.active();
        const auto first = only.measure(0, {.bytes_max = 1, .below = offset(50)});
        REQUIRE(first.has_value());
        REQUIRE(first->has_value());
        list.remember(only, **first);
        const auto next = list.find((*first)->next);
        REQUIRE(next.has_value());
        CHECK((*next)->position == (*first)->length);
        CHECK((*next)->source == &only);
    }

    TEST_CASE_FIXTURE(list_fixture, "what is remembered of a segment goes with it") {
        fill();
        segment& first = list.front();
        // As if the reader had stopped in the middle of a batch: only memory says so.
        list.remember(first, {.position = 0, .length = 7, .next = offset(5)});
        auto found = list.find(offset(5));
        REQUIRE(found.has_value());
        CHECK((*found)->position == 7);
        SUBCASE("dropped from the front") {
            list.drop_front(1);
            found = list.find(offset(5));
            REQUIRE(found.has_value());
            CHECK((*found)->source->base() == offset(20));
            CHECK((*found)->position == 0);
        }
        SUBCASE("replaced") {
            auto again = segment::open(disk, "/d", offset(0));
            REQUIRE(again.has_value());
            REQUIRE(*(*again)->load_sealed(offset(20)));
            list.replace({.first = 0, .end = 1}, *std::move(again));
            found = list.find(offset(5));
            REQUIRE(found.has_value());
            CHECK((*found)->position == 0);
        }
    }

    TEST_CASE_FIXTURE(list_fixture, "a span is given only when all of it is there and sealed") {
        fill();
        const auto two = list.sealed_span(offset(20), offset(60));
        REQUIRE(two.has_value());
        CHECK(two->first == 1);
        CHECK(two->end == 3);
        CHECK_FALSE(list.sealed_span(offset(20), offset(50)));
        CHECK_FALSE(list.sealed_span(offset(10), offset(40)));
        CHECK_FALSE(list.sealed_span(offset(60), offset(60)));
        list.drop_front(1);
        CHECK_FALSE(list.sealed_span(offset(0), offset(40)));
    }

    TEST_CASE_FIXTURE(list_fixture, "no span reaches into the active segment") {
        list.add(segment_at(0, 2));
        list.add(segment_at(20, 2));
        CHECK(list.sealed_span(offset(0), offset(20)));
        CHECK_FALSE(list.sealed_span(offset(0), offset(40)));
    }

    TEST_CASE_FIXTURE(list_fixture, "one segment takes the place of several") {
        fill();
        const std::uint64_t size = list.size_bytes();
        auto whole = segment::open(disk, "/d", offset(0));
        REQUIRE(whole.has_value());
        REQUIRE(*(*whole)->load_sealed(offset(40)));
        const auto span = list.sealed_span(offset(0), offset(40));
        REQUIRE(span.has_value());
        list.replace(*span, *std::move(whole));
        CHECK(list.size() == 3);
        CHECK(list.at(0).end() == offset(40));
        CHECK(list.at(1).base() == offset(40));
        CHECK(list.size_bytes() < size);
    }
}
