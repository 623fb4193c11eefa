#include "codecs/kafka/legacy.h"
#include "codecs/kafka/record_batch_validation.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::kafka;

namespace {

std::vector<std::byte> batch_of(compress::codec codec, offset base, int count) {
    record_batch_builder builder({.compression = codec, .base_offset = base});
    const record_header header{"dropped", as_bytes("on the way down")};
    for (int i = 0; i < count; ++i) {
        const std::string value = "value " + std::to_string(i);
        builder.add(timestamp_ms(1000 + i), as_bytes("key"), as_bytes(value), {&header, 1});
    }
    return *builder.finish();
}

} // namespace

TEST_SUITE("codecs/kafka/legacy") {
    TEST_CASE("a message of format 1 is laid out as the old protocol says") {
        record_batch_builder builder({.base_offset = offset(5)});
        builder.add(timestamp_ms(258), as_bytes("k"), std::nullopt);
        const auto set = convert_down(*builder.finish(), 1, offset(0), {});
        REQUIRE(set.has_value());
        constexpr unsigned char expected[] = {0, 0, 0, 0, 0, 0, 0,   5,    0,    0,    0,   23,
                                              0, 0, 0, 0, 1, 0, 0,   0,    0,    0,    0,   0,
                                              1, 2, 0, 0, 0, 1, 'k', 0xFF, 0xFF, 0xFF, 0xFF};
        REQUIRE(set->size() == sizeof expected);
        for (std::size_t i = 0; i < sizeof expected; ++i) {
            // The checksum is tested by the way up.
            if (i < 12 || i >= 16) {
                CHECK(std::to_integer<int>((*set)[i]) == expected[i]);
            }
        }
        CHECK(convert_up(*set, {}).has_value());
    }

    TEST_CASE("records survive the way down and up again") {
        for (const std::int8_t magic : {std::int8_t{0}, std::int8_t{1}}) {
            for (const auto codec :
                 {compress::codec::none,
                  compress::codec::gzip,
                  compress::codec::snappy,
                  compress::codec::lz4,
                  compress::codec::zstd}) {
                INFO("magic " << int{magic} << " " << compress::name_of(codec));
                const auto set =
                    convert_down(batch_of(codec, offset(100), 5), magic, offset(0), {});
                REQUIRE(set.has_value());
                CHECK(std::to_integer<int>((*set)[16]) == magic);
                const auto up = convert_up(*set, {});
                REQUIRE(up.has_value());
                REQUIRE(validate_produced(*up, {.deep = true}).has_value());
                auto reader = record_reader::open(*up, 10000);
                record each;
                for (int i = 0; i < 5; ++i) {
                    REQUIRE(*reader->next(each));
                    CHECK(as_text(*each.key) == "key");
                    CHECK(as_text(*each.value) == "value " + std::to_string(i));
                    CHECK(each.timestamp == timestamp_ms(magic == 0 ? -1 : 1000 + i));
                    CHECK(each.headers.size() == 0);
                }
                CHECK_FALSE(*reader->next(each));
            }
        }
    }

    TEST_CASE("offsets below the one asked for, control batches and torn ends are left out") {
        auto batches = batch_of(compress::codec::none, offset(0), 3);
        const auto second = batch_of(compress::codec::none, offset(3), 3);
        batches.insert(batches.end(), second.begin(), second.end());
        batches.resize(batches.size() - 1);
        const auto set = convert_down(batches, 1, offset(1), {});
        REQUIRE(set.has_value());
        CHECK(load_big<std::int64_t>(set->data()) == 1);
        const auto up = convert_up(*set, {});
        REQUIRE(up.has_value());
        CHECK(record_batch_view(*up).record_count() == 2);
        record_batch_builder marker({.producer = producer_id(1), .control = true});
        marker.add(timestamp_ms(1), as_bytes("k"), as_bytes("v"));
        CHECK(convert_down(*marker.finish(), 1, offset(0), {})->empty());
    }

    TEST_CASE("a wrapper carries the last offset, and format 1 relative ones inside") {
        const auto set =
            convert_down(batch_of(compress::codec::gzip, offset(50), 4), 1, offset(0), {});
        REQUIRE(set.has_value());
        CHECK(load_big<std::int64_t>(set->data()) == 53);
        // offset 8, size 4, crc 4, magic 1, attributes 1, timestamp 8, key -1, value size 4
        const auto inner =
            compress::decompress(compress::codec::gzip, bytes_view(*set).subspan(34), 10000);
        REQUIRE(inner.has_value());
        CHECK(load_big<std::int64_t>(inner->data()) == 0);
    }

    TEST_CASE("damage and bombs are refused") {
        const auto set =
            convert_down(batch_of(compress::codec::none, offset(0), 2), 1, offset(0), {});
        REQUIRE(set.has_value());
        for (std::size_t at = 8; at < set->size(); ++at) {
            auto bad = *set;
            bad[at] ^= std::byte{0x41};
            const auto up = convert_up(bad, {});
            // The offset of a message is outside its checksum, and is the broker's to give.
            const std::size_t second = set->size() / 2;
            CHECK((up.has_error() || (at >= second && at < second + 8)));
        }
        for (std::size_t size = 0; size < set->size(); ++size) {
            if (size * 2 != set->size()) {
                CHECK(convert_up(bytes_view(*set).first(size), {}).has_error());
            }
        }
        record_batch_builder builder({.compression = compress::codec::gzip});
        const std::string zeros(1'000'000, '\0');
        builder.add(timestamp_ms(1), std::nullopt, as_bytes(zeros));
        const auto bomb = convert_down(*builder.finish(), 1, offset(0), {});
        REQUIRE(bomb.has_value());
        CHECK(
            convert_up(*bomb, {.unpacked_size_max = 10000}).error().code ==
            record_errc::message_too_large
        );
    }
}
