#include "base/memory_env.h"
#include "buffer/log/errc.h"
#include "buffer/log/segment.h"
#include "buffer/log/segment_name.h"
#include "codecs/kafka/record_batch_builder.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::log;

namespace {

struct segment_fixture {
    segment_fixture() { REQUIRE(disk.make_directories("/d")); }

    /// Twenty batches of ten records, a row for each but the first.
    void write_file() {
        auto made = segment::create(disk, "/d", offset(100));
        REQUIRE(made.has_value());
        (*made)->set_index_interval(1);
        for (int i = 0; i < 20; ++i) {
            kafka::record_batch_builder builder({.base_offset = (*made)->end()});
            for (int record = 0; record < 10; ++record) {
                builder.add(timestamp_ms(1000 + i), std::nullopt, as_bytes("value"));
            }
            const auto data = builder.finish();
            REQUIRE(data.has_value());
            REQUIRE((*made)->write(*data));
            (*made)->observe(kafka::record_batch_view(*data));
            batch_size = data->size();
        }
        REQUIRE((*made)->write_indexes(true));
    }
    /// Row `index` of the offset index says something else.
    void overwrite_row(std::uint64_t index, const offset_row& row) {
        auto file = disk.open(index_path, open_mode::read_write);
        REQUIRE(file.has_value());
        std::array<std::byte, offset_row::size> bytes{};
        row.encode(bytes.data());
        REQUIRE((*file)->pwrite(bytes, index * offset_row::size));
    }
    [[nodiscard]] std::int32_t last_position() const {
        return static_cast<std::int32_t>(19 * batch_size);
    }
    std::unique_ptr<segment> opened() {
        auto found = segment::open(disk, "/d", offset(100));
        REQUIRE(found.has_value());
        return *std::move(found);
    }

    memory_env disk;
    const std::string index_path = "/d/00000000000000000100.index";
    std::size_t batch_size = 0;
};

} // namespace

TEST_SUITE("buffer/log/segment") {
    TEST_CASE("file names are Kafka's, and only those are read") {
        CHECK(segment_file_name(offset(42), ".log") == "00000000000000000042.log");
        CHECK(parse_segment_file_name("00000000000000000042.log", ".log") == offset(42));
        for (const char* const other :
             {"42.log",
              "0000000000000000004x.log",
              "00000000000000000042.log.swap",
              "99999999999999999999.log",
              "-0000000000000000042.log"}) {
            CHECK_FALSE(parse_segment_file_name(other, ".log"));
        }
    }

    TEST_CASE_FIXTURE(segment_fixture, "a trusted row saves the reading of what lies before it") {
        write_file();
        const auto found = opened();
        const auto position = found->load_active(offset(250));
        REQUIRE(position.has_value());
        // Rows are about whole batches: the last below 250 ends with 249.
        CHECK(*position == 14 * batch_size);
        CHECK(found->end() == offset(240));
        CHECK(found->size() == *position);
    }

    TEST_CASE_FIXTURE(segment_fixture, "an index whose last row is about no batch is not trusted") {
        write_file();
        SUBCASE("there is another batch") {
            overwrite_row(18, {.relative_offset = 198, .position = last_position()});
        }
        SUBCASE("no batch begins there") {
            overwrite_row(18, {.relative_offset = 199, .position = last_position() + 1});
        }
        const auto found = opened();
        const auto position = found->load_active(offset(1000));
        REQUIRE(position.has_value());
        CHECK(*position == 0);
        CHECK(found->end() == offset(100));
    }

    TEST_CASE_FIXTURE(segment_fixture, "rows that cannot be end what is taken from a file") {
        write_file();
        overwrite_row(5, {.relative_offset = -5, .position = 1 << 20});
        const auto found = opened();
        const auto position = found->load_active(offset(1000));
        REQUIRE(position.has_value());
        CHECK(*position == 5 * batch_size);
    }

    TEST_CASE_FIXTURE(segment_fixture, "a file of zeros, as Kafka prepares it, has no rows") {
        write_file();
        for (std::uint64_t i = 0; i < 19; ++i) {
            overwrite_row(i, {});
        }
        const auto found = opened();
        const auto position = found->load_active(offset(1000));
        REQUIRE(position.has_value());
        CHECK(*position == 0);
        CHECK(found->index_bytes() == 0);
    }

    TEST_CASE_FIXTURE(segment_fixture, "a sealed index that leads behind the file is said") {
        write_file();
        overwrite_row(9, {.relative_offset = 105, .position = 1 << 30});
        const auto found = opened();
        REQUIRE(*found->load_sealed(offset(300)));
        const auto place = found->find(offset(205));
        REQUIRE(place.has_error());
        CHECK(place.error().code == errc::corrupt);
    }
}
