#include "base/crc32c.h"

#include <array>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace logboom {
namespace {

constexpr std::uint32_t polynomial = 0x82F63B78U;

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value >> 1U) ^ ((value & 1U) != 0 ? polynomial : 0U);
        }
        table[i] = value;
    }
    return table;
}

std::uint32_t by_table(bytes_view data, std::uint32_t state) noexcept {
    static constexpr auto table = make_table();
    for (const std::byte each : data) {
        state = table[(state ^ static_cast<std::uint32_t>(each)) & 0xFFU] ^ (state >> 8U);
    }
    return state;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t
by_instruction(bytes_view data, std::uint32_t state) noexcept {
    const auto* at = reinterpret_cast<const unsigned char*>(data.data());
    std::size_t left = data.size();
    std::uint64_t wide = state;
    for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        wide = _mm_crc32_u64(wide, word);
        at += sizeof word;
    }
    auto narrow = static_cast<std::uint32_t>(wide);
    for (; left > 0; --left) {
        narrow = _mm_crc32_u8(narrow, *at++);
    }
    return narrow;
}
#endif

} // namespace

std::uint32_t crc32c(bytes_view data, std::uint32_t seed) noexcept {
#if defined(__x86_64__)
    static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
    if (has_instruction) {
        return ~by_instruction(data, ~seed);
    }
#endif
    return ~by_table(data, ~seed);
}

} // namespace logboom
