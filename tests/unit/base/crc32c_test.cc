#include "base/crc32c.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace logboom;

namespace {

/// The definition, bit by bit: the reflected polynomial 0x1EDC6F41, all ones before and after.
std::uint32_t by_definition(bytes_view data) {
    std::uint32_t state = 0xFFFFFFFFU;
    for (const std::byte each : data) {
        state ^= static_cast<std::uint32_t>(each);
        for (int bit = 0; bit < 8; ++bit) {
            state = (state >> 1U) ^ ((state & 1U) != 0 ? 0x82F63B78U : 0U);
        }
    }
    return ~state;
}

std::vector<std::byte> random_bytes(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::byte> made(size);
    for (std::byte& each : made) {
        each = static_cast<std::byte>(random() & 0xFFU);
    }
    return made;
}

} // namespace

TEST_SUITE("base/crc32c") {
    TEST_CASE("the vectors of RFC 3720 B.4 come out") {
        std::vector<std::byte> data(32);
        CHECK(crc32c(data) == 0x8A9136AAU);
        std::fill(data.begin(), data.end(), std::byte{0xFF});
        CHECK(crc32c(data) == 0x62A8AB43U);
        for (std::size_t i = 0; i < data.size(); ++i) {
            data[i] = static_cast<std::byte>(i);
        }
        CHECK(crc32c(data) == 0x46DD794EU);
        for (std::size_t i = 0; i < data.size(); ++i) {
            data[i] = static_cast<std::byte>(data.size() - 1 - i);
        }
        CHECK(crc32c(data) == 0x113FDB5CU);
        // The fifth is a SCSI read command.
        std::vector<std::byte> command(48);
        command[0] = std::byte{0x01};
        command[1] = std::byte{0xC0};
        command[16] = std::byte{0x14};
        command[22] = std::byte{0x04};
        command[27] = std::byte{0x14};
        command[31] = std::byte{0x18};
        command[32] = std::byte{0x28};
        command[40] = std::byte{0x02};
        CHECK(crc32c(command) == 0xD9963A56U);
    }

    TEST_CASE("the check string gives the published value, whole or in parts") {
        CHECK(crc32c(as_bytes("123456789")) == 0xE3069283U);
        CHECK(crc32c(as_bytes("6789"), crc32c(as_bytes("12345"))) == 0xE3069283U);
        CHECK(crc32c({}) == 0);
        CHECK(crc32c({}, 0xE3069283U) == 0xE3069283U);
    }

    TEST_CASE("every length from every alignment is what the definition says") {
        const auto data = random_bytes(100, 1);
        for (std::size_t from = 0; from < 16; ++from) {
            for (std::size_t size = 0; size <= 80; ++size) {
                const bytes_view part = bytes_view(data).subspan(from, size);
                CAPTURE(from);
                CAPTURE(size);
                REQUIRE(crc32c(part) == by_definition(part));
            }
        }
    }

    TEST_CASE("a long block cut anywhere gives what it gives whole") {
        const auto data = random_bytes(70'001, 2);
        const std::uint32_t whole = by_definition(data);
        CHECK(crc32c(data) == whole);
        for (const std::size_t cut : {1U, 7U, 8U, 4095U, 65536U, 70'000U}) {
            const bytes_view view(data);
            CHECK(crc32c(view.subspan(cut), crc32c(view.first(cut))) == whole);
        }
    }
}
