// FNV-1a of 64 bits (Fowler, Noll, Vo): a hash that is the same in every run and on every machine,
// for what is written down or shown. Not for secrets.
#pragma once

#include <cstdint>
#include <string_view>

namespace logboom {

/// Goes on from `hash`.
constexpr std::uint64_t
fnv1a(std::string_view bytes, std::uint64_t hash = 0xcbf29ce484222325U) noexcept {
    for (const char each : bytes) {
        hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001b3U;
    }
    return hash;
}

} // namespace logboom
