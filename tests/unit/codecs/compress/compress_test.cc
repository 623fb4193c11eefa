#include "codecs/compress/compress.h"

#include <doctest/doctest.h>
#include <snappy-c.h>

#include <random>

using namespace logboom;
using namespace logboom::compress;

namespace {

constexpr codec all_codecs[] = {codec::none, codec::gzip, codec::snappy, codec::lz4, codec::zstd};

std::string some_text(std::size_t size) {
    std::string text;
    std::mt19937 random(7);
    while (text.size() < size) {
        text += "line " + std::to_string(random()) + " of a log file\n";
    }
    text.resize(size);
    return text;
}

} // namespace

TEST_SUITE("codecs/compress") {
    TEST_CASE("every codec gives back what it packed, of any size") {
        for (const codec each : all_codecs) {
            for (const std::size_t size : {0U, 1U, 100U, 32768U, 32769U, 1000000U}) {
                INFO(name_of(each) << " " << size);
                const std::string text = some_text(size);
                const auto packed = compress::compress(each, as_bytes(text));
                REQUIRE(packed.has_value());
                const auto back = decompress(each, packed->view(), size);
                REQUIRE(back.has_value());
                CHECK(back->text() == text);
            }
        }
    }

    TEST_CASE("one byte over the limit is refused") {
        const std::string text = some_text(5000);
        for (const codec each : all_codecs) {
            INFO(name_of(each));
            const auto packed = compress::compress(each, as_bytes(text));
            REQUIRE(packed.has_value());
            CHECK(decompress(each, packed->view(), 5000).has_value());
            const auto refused = decompress(each, packed->view(), 4999);
            REQUIRE(refused.has_error());
            CHECK(refused.error().code == errc::too_large);
        }
    }

    TEST_CASE("a bomb is refused at the limit") {
        const std::string zeros(100U << 20U, '\0');
        for (const codec each : {codec::gzip, codec::snappy, codec::lz4, codec::zstd}) {
            INFO(name_of(each));
            const auto packed = compress::compress(each, as_bytes(zeros));
            REQUIRE(packed.has_value());
            CHECK(packed->size() < zeros.size() / 10);
            const auto refused = decompress(each, packed->view(), 1U << 20U);
            REQUIRE(refused.has_error());
            CHECK(refused.error().code == errc::too_large);
        }
    }

    TEST_CASE("cut or changed bytes never crash and never give what was not packed") {
        const std::string text = some_text(2000);
        for (const codec each : {codec::gzip, codec::snappy, codec::lz4, codec::zstd}) {
            const auto packed = compress::compress(each, as_bytes(text));
            REQUIRE(packed.has_value());
            for (std::size_t size = 0; size < packed->size(); ++size) {
                const auto cut = decompress(each, packed->view().first(size), 1U << 20U);
                // Snappy's framing may end between two blocks.
                CHECK((cut.has_error() || cut->size() < text.size()));
            }
            for (std::size_t at = 0; at < packed->size(); ++at) {
                std::string changed(packed->text());
                changed[at] = static_cast<char>(changed[at] ^ 0x5A);
                const auto outcome = decompress(each, as_bytes(changed), 1U << 20U);
                CHECK((outcome.has_error() || outcome->size() <= 1U << 20U));
            }
        }
    }

    TEST_CASE("snappy is read without framing, as librdkafka sends it") {
        const std::string text = some_text(70000);
        std::string raw(snappy_max_compressed_length(text.size()), '\0');
        std::size_t size = raw.size();
        REQUIRE(snappy_compress(text.data(), text.size(), raw.data(), &size) == SNAPPY_OK);
        raw.resize(size);
        const auto back = decompress(codec::snappy, as_bytes(raw), 70000);
        REQUIRE(back.has_value());
        CHECK(back->text() == text);
        // A declared size that so few bytes cannot justify is not allocated.
        const std::string lie("\xff\xff\xff\xff\x0f\x00", 6);
        CHECK(decompress(codec::snappy, as_bytes(lie), std::size_t{1} << 40U).has_error());
    }

    TEST_CASE("two gzip members are one text") {
        const auto first = compress::compress(codec::gzip, as_bytes("one "));
        const auto second = compress::compress(codec::gzip, as_bytes("two"));
        const std::string both = std::string(first->text()) + std::string(second->text());
        const auto back = decompress(codec::gzip, as_bytes(both), 100);
        REQUIRE(back.has_value());
        CHECK(back->text() == "one two");
    }
}
