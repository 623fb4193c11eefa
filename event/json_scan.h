// The inner loop that the JSON writer and the JSON reader share: how far a string goes on without
// anything that needs a look, eight bytes at a time.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace logboom {

/// Bytes at the front of `text` that stand for themselves in a JSON string: ASCII, no control
/// characters, no '"', no '\\'.
inline std::size_t json_plain_run(std::string_view text) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101ULL;
    constexpr std::uint64_t high_bits = 0x8080808080808080ULL;
    const auto zero_bytes = [](std::uint64_t bytes) { return (bytes - ones) & ~bytes; };
    std::size_t at = 0;
    std::uint64_t eight = 0;
    for (; text.size() - at >= sizeof(eight); at += sizeof(eight)) {
        std::memcpy(&eight, text.data() + at, sizeof(eight));
        // A high bit in the lowest byte that is not plain; those above may be wrong, as borrows run
        // upwards.
        const std::uint64_t control = (eight - ones * 0x20) & ~eight;
        const std::uint64_t quote = zero_bytes(eight ^ (ones * '"'));
        const std::uint64_t backslash = zero_bytes(eight ^ (ones * '\\'));
        const std::uint64_t marks = (control | quote | backslash | eight) & high_bits;
        if (marks != 0) {
            return at + static_cast<std::size_t>(__builtin_ctzll(marks)) / 8;
        }
    }
    while (at < text.size() && static_cast<signed char>(text[at]) >= 0x20 && text[at] != '"' &&
           text[at] != '\\') {
        ++at;
    }
    return at;
}

} // namespace logboom
