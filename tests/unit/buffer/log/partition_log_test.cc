#include "tests/unit/buffer/log/log_fixture.h"

using namespace logboom;
using namespace logboom::log;

namespace {

using spans = std::vector<std::pair<std::int64_t, std::int64_t>>;

} // namespace

TEST_SUITE("buffer/log/partition_log") {
    TEST_CASE_FIXTURE(log_fixture, "what is appended is read back with dense offsets") {
        open();
        CHECK(log->bounds().end() == offset(0));
        const auto first = append(3);
        const auto second = append(2);
        CHECK(first.base_offset == offset(0));
        CHECK(first.last_offset == offset(2));
        CHECK(second.base_offset == offset(3));
        CHECK(log->bounds().end() == offset(5));
        CHECK(log->bounds().high_watermark() == offset(5));
        CHECK(batches(offset(0)) == spans{{0, 2}, {3, 4}});
    }

    TEST_CASE_FIXTURE(log_fixture, "an offset inside a batch gives that whole batch") {
        open();
        append(3);
        append(3);
        CHECK(batches(offset(4)) == spans{{3, 5}});
        CHECK(batches(offset(1)) == spans{{0, 2}, {3, 5}});
    }

    TEST_CASE_FIXTURE(log_fixture, "the first batch is whole even when larger than the limit") {
        open();
        append(100);
        append(1);
        auto read = log->read({.from = offset(0), .bytes_max = 10});
        REQUIRE(read.has_value());
        CHECK(read->next_offset == offset(100));
        CHECK(read->size > 10);
        read = log->read({.from = offset(0), .bytes_max = 10, .at_least_one_batch = false});
        REQUIRE(read.has_value());
        CHECK(read->slices.empty());
        CHECK(read->next_offset == offset(0));
    }

    TEST_CASE_FIXTURE(log_fixture, "offsets outside the log are refused, its end is not") {
        open();
        append(3);
        CHECK(log->read({.from = offset(4)}).error().code == errc::offset_out_of_range);
        CHECK(log->read({.from = offset(-1)}).error().code == errc::offset_out_of_range);
        const auto read = log->read({.from = offset(3)});
        REQUIRE(read.has_value());
        CHECK(read->slices.empty());
    }

    TEST_CASE_FIXTURE(log_fixture, "a batch gets the largest time of its records, as from Kafka") {
        // Sarama before 2025 leaves the header's field at -1.
        for (const auto codec : {compress::codec::none, compress::codec::gzip}) {
            CAPTURE(compress::name_of(codec));
            options.directory = std::string("/d/") + compress::name_of(codec) + "-0";
            open();
            auto records = batch(3, {.compression = codec});
            kafka::store_big(records.data() + kafka::batch_field::max_timestamp, std::int64_t{-1});
            kafka::store_big(
                records.data() + kafka::batch_field::crc,
                kafka::record_batch_view(records).computed_crc()
            );
            REQUIRE(try_append(records).has_value());
            const auto read = log->read({.from = offset(0)});
            const auto data = read_slice(read->slices.at(0));
            REQUIRE(kafka::check_batch(*data));
            CHECK(kafka::record_batch_view(*data).max_timestamp() == time.wall_ms());
            const auto found = log->offset_for_time(time.wall_ms());
            REQUIRE(found->has_value());
            CHECK((*found)->offset == offset(0));
        }
    }
}
