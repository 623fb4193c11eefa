// Batches byte for byte, and every way in which one can lie.
#include "codecs/kafka/record_batch_builder.h"
#include "codecs/kafka/record_batch_validation.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::kafka;

namespace {

std::vector<std::byte> from_hex(std::string_view text) {
    std::vector<std::byte> out;
    std::string digits;
    for (const char each : text) {
        if (each == ' ') {
            continue;
        }
        digits += each;
        if (digits.size() == 2) {
            out.push_back(static_cast<std::byte>(std::stoi(digits, nullptr, 16)));
            digits.clear();
        }
    }
    return out;
}

/// Written by hand from the table in docs/log_format.md.
constexpr std::string_view golden = "0000000000000000" // base offset
                                    "0000003e"         // length
                                    "ffffffff"         // leader epoch
                                    "02"               // magic
                                    "53cdbfda"         // crc
                                    "0000"             // attributes
                                    "00000000"         // last offset delta
                                    "00000000000f4240" // base timestamp
                                    "00000000000f4240" // max timestamp
                                    "ffffffffffffffff" // producer id
                                    "ffff"             // producer epoch
                                    "ffffffff"         // base sequence
                                    "00000001"         // record count
                                    "18 00 00 00 02 6b 02 76 02 02 68 02 78";

std::vector<std::byte> three_records(batch_options options = {}) {
    record_batch_builder builder(options);
    builder.add(timestamp_ms(1000), as_bytes("a"), as_bytes("one"));
    builder.add(timestamp_ms(1005), std::nullopt, as_bytes("two"));
    builder.add(timestamp_ms(1002), as_bytes("c"), std::nullopt);
    return *builder.finish();
}

void renew_crc(std::vector<std::byte>& batch) {
    store_big(batch.data() + batch_field::crc, record_batch_view(batch).computed_crc());
}

/// The error of a batch after `change`, with a right checksum.
template <class Change>
error refusal(Change change, validation_rules rules = {}, batch_options options = {}) {
    auto batch = three_records(options);
    change(batch);
    renew_crc(batch);
    const auto outcome = validate_produced(batch, rules);
    return outcome.has_error() ? outcome.error() : error();
}

} // namespace

TEST_SUITE("codecs/kafka/record_batch") {
    TEST_CASE("a batch is encoded as the format says, byte for byte") {
        record_batch_builder builder;
        const record_header header{"h", as_bytes("x")};
        builder.add(timestamp_ms(1'000'000), as_bytes("k"), as_bytes("v"), {&header, 1});
        const auto made = builder.finish();
        REQUIRE(made.has_value());
        CHECK(*made == from_hex(golden));
        CHECK(validate_produced(*made, {}).has_value());
    }

    TEST_CASE("the records of a batch come back, with keys, nulls, times and headers") {
        for (const auto codec :
             {compress::codec::none,
              compress::codec::gzip,
              compress::codec::snappy,
              compress::codec::lz4,
              compress::codec::zstd}) {
            const auto batch = three_records({.compression = codec, .base_offset = offset(40)});
            REQUIRE(check_batch(batch));
            auto reader = record_reader::open(batch, 10000);
            REQUIRE(reader.has_value());
            record each;
            REQUIRE(*reader->next(each));
            CHECK(each.offset == offset(40));
            CHECK(as_text(*each.key) == "a");
            CHECK(each.timestamp == timestamp_ms(1000));
            REQUIRE(*reader->next(each));
            CHECK(each.timestamp == timestamp_ms(1005));
            CHECK_FALSE(each.key.has_value());
            CHECK(as_text(*each.value) == "two");
            REQUIRE(*reader->next(each));
            CHECK(each.offset == offset(42));
            CHECK_FALSE(each.value.has_value());
            CHECK_FALSE(*reader->next(each));
        }
        const auto batch = from_hex(golden);
        auto reader = record_reader::open(batch, 10000);
        record each;
        REQUIRE(*reader->next(each));
        CHECK(each.headers.size() == 1);
        record_header header;
        REQUIRE(each.headers.next(header));
        CHECK(header.key == "h");
        CHECK(as_text(*header.value) == "x");
        CHECK_FALSE(each.headers.next(header));
    }

    TEST_CASE("patching offset and epoch leaves the checksum right; append time renews it") {
        auto batch = three_records();
        patch_base_offset(batch, offset(1'000'000));
        patch_leader_epoch(batch, leader_epoch(7));
        CHECK(check_batch(batch));
        CHECK(record_batch_view(batch).last_offset() == offset(1'000'002));
        CHECK(record_batch_view(batch).epoch() == leader_epoch(7));
        patch_append_time(batch, timestamp_ms(5555));
        REQUIRE(check_batch(batch));
        CHECK(record_batch_view(batch).time_type() == timestamp_type::log_append_time);
        auto reader = record_reader::open(batch, 10000);
        record each;
        REQUIRE(*reader->next(each));
        CHECK(each.timestamp == timestamp_ms(5555));
    }

    TEST_CASE("each rule of the validation table has its error") {
        using errc = record_errc;
        const auto put = [](std::size_t where, auto value) {
            return [=](std::vector<std::byte>& batch) { store_big(batch.data() + where, value); };
        };
        CHECK(refusal([](auto&) {}) == error());
        CHECK(refusal(put(batch_field::base_offset, std::int64_t{1})).code == errc::invalid_record);
        CHECK(refusal(put(batch_field::magic, std::int8_t{1})).code == errc::invalid_record);
        CHECK(refusal(put(batch_field::record_count, 0)).code == errc::invalid_record);
        CHECK(refusal(put(batch_field::record_count, -1)).code == errc::invalid_record);
        CHECK(refusal(put(batch_field::record_count, 4)).code == errc::invalid_record);
        CHECK(refusal(put(batch_field::last_offset_delta, 3)).code == errc::invalid_record);
        CHECK(
            refusal(put(batch_field::attributes, std::int16_t{0x20})).code == errc::invalid_record
        );
        CHECK(
            refusal(put(batch_field::attributes, std::int16_t{0x05})).code == errc::corrupt_message
        );
        CHECK(
            refusal(put(batch_field::attributes, std::int16_t{0x08})).code ==
            errc::invalid_timestamp
        );
        CHECK(refusal(put(batch_field::producer_id, std::int64_t{5})).code == errc::invalid_record);
        CHECK(refusal([](auto&) {}, {.message_size_max = 80}).code == errc::message_too_large);
        CHECK(refusal([](auto&) {}, {.keys_required = true}).code == errc::invalid_record);
        CHECK(
            refusal([](auto&) {}, {.after_ms_max = 100, .now = timestamp_ms(900)}).code ==
            errc::invalid_timestamp
        );
        CHECK(
            refusal([](auto&) {}, {.before_ms_max = 100, .now = timestamp_ms(1200)}).code ==
            errc::invalid_timestamp
        );
        const batch_options zstd{.compression = compress::codec::zstd};
        CHECK(
            refusal([](auto&) {}, {.produce = api_version(6)}, zstd).code ==
            errc::unsupported_compression_type
        );
        CHECK(refusal([](auto&) {}, {.produce = api_version(7)}, zstd) == error());
        CHECK(refusal([](auto&) {}, {.keys_required = true}, zstd).code == errc::invalid_record);
    }

    TEST_CASE("framing that does not fit is refused") {
        using errc = record_errc;
        const auto one = three_records();
        auto two = one;
        two.insert(two.end(), one.begin(), one.end());
        CHECK(validate_produced({}, {}).error().code == errc::invalid_record);
        CHECK(validate_produced(two, {}).error().code == errc::invalid_record);
        auto longer = one;
        longer.push_back(std::byte{0});
        CHECK(validate_produced(longer, {}).error().code == errc::corrupt_message);
        for (std::size_t size = 1; size < one.size(); ++size) {
            CHECK(
                validate_produced(bytes_view(one).first(size), {}).error().code ==
                errc::corrupt_message
            );
        }
        for (const std::int32_t length : {-1, 0, 48, INT32_MAX, INT32_MIN}) {
            auto wrong = one;
            store_big(wrong.data() + batch_field::length, length);
            CHECK(validate_produced(wrong, {}).error().code == errc::corrupt_message);
        }
    }

    TEST_CASE("every changed bit behind the checksum is noticed") {
        const auto good = three_records();
        for (std::size_t at = batch_field::crc; at < good.size(); ++at) {
            auto bad = good;
            bad[at] ^= std::byte{0x10};
            CHECK(check_batch(bad).error().code == record_errc::corrupt_message);
        }
    }

    TEST_CASE("records that lie about themselves are refused, whatever byte lies") {
        const auto good = three_records();
        int refused = 0;
        for (std::size_t at = batch_header_size; at < good.size(); ++at) {
            for (const auto value : {std::byte{0xFF}, std::byte{0x7F}, std::byte{0x01}}) {
                auto bad = good;
                bad[at] = value;
                renew_crc(bad);
                refused += validate_produced(bad, {}).has_error() ? 1 : 0;
            }
        }
        // Attributes, times and content bytes may be anything.
        CHECK(refused >= 40);
        // An overlong varint: five bytes that all continue.
        auto bad = good;
        for (std::size_t i = 0; i < 5; ++i) {
            bad[batch_header_size + i] = std::byte{0x80};
        }
        renew_crc(bad);
        CHECK(validate_produced(bad, {}).error().code == record_errc::invalid_record);
    }

    TEST_CASE("a batch that unpacks to too much is refused") {
        record_batch_builder builder({.compression = compress::codec::zstd});
        const std::string zeros(1'000'000, '\0');
        builder.add(timestamp_ms(1), as_bytes("k"), as_bytes(zeros));
        const auto batch = builder.finish();
        REQUIRE(batch.has_value());
        CHECK(
            validate_produced(*batch, {.deep = true, .unpacked_size_max = 100'000}).error().code ==
            record_errc::message_too_large
        );
        CHECK(validate_produced(*batch, {.deep = true}).has_value());
    }
}
