#include "codecs/kafka/messages/00_produce.h"
#include "codecs/kafka/wire_reader.h"
#include "codecs/kafka/wire_writer.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("codecs/kafka/wire");

namespace logboom::kafka {
namespace {

wire_reader reading(const std::string& text) {
    return wire_reader(as_bytes(text));
}

TEST_CASE("variable-length integers survive at their limits") {
    for (const std::int64_t each :
         {std::int64_t{0},
          std::int64_t{-1},
          std::int64_t{63},
          std::int64_t{64},
          std::int64_t{300},
          std::int64_t{-12345678901},
          INT64_MAX,
          INT64_MIN}) {
        wire_writer to;
        to.varlong(each);
        wire_reader from(to.view());
        CHECK(from.varlong() == each);
        CHECK(from.finish().has_value());
    }
    for (const std::int32_t each : {0, -1, 63, 64, INT32_MAX, INT32_MIN}) {
        wire_writer to;
        to.varint(each);
        wire_reader from(to.view());
        CHECK(from.varint() == each);
        CHECK(from.finish().has_value());
    }
}

TEST_CASE("a varint that is too long or too large is refused") {
    const std::string six_groups = "\x80\x80\x80\x80\x80\x01";
    wire_reader overlong = reading(six_groups);
    overlong.unsigned_varint();
    CHECK(overlong.status().error() == error(wire_errc::varint_too_long));
    const std::string beyond_32_bits = "\xff\xff\xff\xff\x1f";
    wire_reader large = reading(beyond_32_bits);
    large.unsigned_varint();
    CHECK(large.status().error() == error(wire_errc::varint_too_long));
    const std::string eleven_groups = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    wire_reader longer = reading(eleven_groups);
    longer.unsigned_varlong();
    CHECK(longer.status().error() == error(wire_errc::varint_too_long));
}

TEST_CASE("lengths beyond the input, below -1 and nulls that are not allowed are refused") {
    const std::string long_string(
        "\x00\x05"
        "abc",
        5
    );
    wire_reader truncated = reading(long_string);
    truncated.string(encoding::classic, nullability::required);
    CHECK(truncated.status().error() == error(wire_errc::truncated));

    const std::string minus_one("\xff\xff", 2);
    wire_reader null = reading(minus_one);
    CHECK_FALSE(null.string(encoding::classic, nullability::nullable).has_value());
    CHECK(null.finish().has_value());
    wire_reader refused = reading(minus_one);
    refused.string(encoding::classic, nullability::required);
    CHECK(refused.status().error() == error(wire_errc::null_not_allowed));

    const std::string minus_two("\xff\xff\xff\xfe", 4);
    wire_reader negative = reading(minus_two);
    negative.byte_string(encoding::classic, nullability::nullable);
    CHECK(negative.status().error() == error(wire_errc::negative_length));

    const std::string compact_null("\x00", 1);
    wire_reader compact = reading(compact_null);
    compact.count(encoding::compact, nullability::required, 1);
    CHECK(compact.status().error() == error(wire_errc::null_not_allowed));
}

TEST_CASE("an array whose elements cannot fit is refused before anything is allocated") {
    const std::string two_billion("\x7f\xff\xff\xff", 4);
    const std::string input = two_billion + "abcd";
    wire_reader from = reading(input);
    CHECK(from.count(encoding::classic, nullability::required, 1) == 0);
    CHECK(from.status().error() == error(wire_errc::count_too_large));
    const std::string produce = std::string("\xff\xff\x00\x01\x00\x00\x00\x00", 8) + two_billion;
    CHECK(
        decode<produce_api::request>(as_bytes(produce), {3, false}).error() ==
        error(wire_errc::count_too_large)
    );
}

TEST_CASE("elements that are small on the wire and large in memory are held to the allowance") {
    // Topics without a name and partitions take 6 bytes each here and 40 in memory.
    constexpr std::int32_t count = 2'000'000;
    wire_writer to;
    to.integer<std::int16_t>(-1);
    to.integer<std::int16_t>(1);
    to.integer<std::int32_t>(0);
    to.integer<std::int32_t>(count);
    const std::string zeros(count * 6UL, '\0');
    to.append(as_bytes(zeros));
    CHECK(
        decode<produce_api::request>(to.view(), {3, false}).error() ==
        error(wire_errc::count_too_large)
    );
}

TEST_CASE("an error is sticky and bytes behind the last field are one") {
    const std::string input(
        "\x02"
        "abcdefgh",
        9
    );
    wire_reader from = reading(input);
    from.boolean();
    CHECK(from.status().error() == error(wire_errc::bad_boolean));
    CHECK(from.integer<std::int32_t>() == 0);
    CHECK(from.remaining() == 0);
    wire_reader rest = reading(input);
    rest.integer<std::int8_t>();
    CHECK(rest.finish().error() == error(wire_errc::trailing_bytes));
}

TEST_CASE("a gap is counted in the size and left out of the buffer") {
    wire_writer to;
    to.integer<std::int32_t>(1);
    to.gap_string(1000, 5, encoding::compact);
    to.integer<std::int32_t>(2);
    CHECK(to.total_size() == 4 + 2 + 1000 + 4);
    CHECK(to.buffer().size() == 10);
    REQUIRE(to.gaps().size() == 1);
    CHECK(to.gaps()[0].position == 6);
    CHECK(to.gaps()[0].token == 5);
}

} // namespace
} // namespace logboom::kafka

TEST_SUITE_END();
