// Which partition a record goes to. With a key: Java's default (murmur2), so that records of one
// key stay together whoever writes them. Without: by the stream the event came from, so that the
// lines of one file stay in order. Pure functions.
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <string_view>

namespace logboom::client {

/// Kafka's Utils.murmur2.
std::int32_t murmur2(bytes_view data) noexcept;
/// Kafka's BuiltInPartitioner.partitionForKey. `partitions` > 0.
std::int32_t partition_of_key(bytes_view key, std::int32_t partitions) noexcept;

/// 64-bit hash of a stream's name: the same in every process and release, because a restart must
/// not move a file to another partition. FNV-1a with a final mix.
std::uint64_t stream_hash(std::string_view stream) noexcept;
std::int32_t partition_of_stream(std::uint64_t hash, std::int32_t partitions) noexcept;

} // namespace logboom::client
