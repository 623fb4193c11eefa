#include "buffer/client/partitioner.h"

#include "base/assertion.h"

namespace logboom::client {

std::int32_t murmur2(bytes_view data) noexcept {
    constexpr std::uint32_t seed = 0x9747b28cU;
    constexpr std::uint32_t mix = 0x5bd1e995U;
    constexpr int shift = 24;
    std::uint32_t hash = seed ^ static_cast<std::uint32_t>(data.size());
    const auto octet = [&](std::size_t at) { return std::to_integer<std::uint32_t>(data[at]); };
    std::size_t at = 0;
    for (; at + 4 <= data.size(); at += 4) {
        std::uint32_t word =
            octet(at) | (octet(at + 1) << 8U) | (octet(at + 2) << 16U) | (octet(at + 3) << 24U);
        word *= mix;
        word ^= word >> shift;
        word *= mix;
        hash = hash * mix ^ word;
    }
    if (at < data.size()) {
        for (std::size_t rest = data.size() - at; rest > 0; --rest) {
            hash ^= octet(at + rest - 1) << (8 * (rest - 1));
        }
        hash *= mix;
    }
    hash ^= hash >> 13U;
    hash *= mix;
    hash ^= hash >> 15U;
    return static_cast<std::int32_t>(hash);
}

std::int32_t partition_of_key(bytes_view key, std::int32_t partitions) noexcept {
    LB_ASSERT(partitions > 0);
    return (murmur2(key) & 0x7fffffff) % partitions;
}

std::uint64_t stream_hash(std::string_view stream) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char each : stream) {
        hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001b3ULL;
    }
    hash ^= hash >> 32U;
    hash *= 0x9e3779b97f4a7c15ULL;
    return hash ^ (hash >> 29U);
}

std::int32_t partition_of_stream(std::uint64_t hash, std::int32_t partitions) noexcept {
    LB_ASSERT(partitions > 0);
    return static_cast<std::int32_t>(hash % static_cast<std::uint64_t>(partitions));
}

} // namespace logboom::client
