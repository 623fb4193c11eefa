// The four codecs of Kafka's record batches, bounded: whatever the input says about its own size,
// no more than `size_max` bytes come out, and memory grows with what was really unpacked.
// Stateless; any thread. Snappy is read raw (librdkafka) and in xerial framing (Java) and written
// in the latter, which every client reads.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>

namespace logboom::compress {

/// Values are those of a batch's attributes, bits 0-2.
enum class codec : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

enum class errc {
    /// Not what the codec writes, or cut short.
    malformed = 1,
    /// More than the limit would come out.
    too_large,
    unknown_codec,
    /// The codec's library refused to compress (memory).
    failed,
};

const char* describe(errc value) noexcept;
LB_ERROR_ENUM(errc, "compress")

/// "none", "gzip", ...: the names of compression.type.
const char* name_of(codec value) noexcept;

/// All of `packed`, at most `size_max` bytes of it. codec::none copies.
result<bytes> decompress(codec with, bytes_view packed, std::size_t size_max);

/// At the codec's default level. codec::none copies.
result<bytes> compress(codec with, bytes_view plain);

} // namespace logboom::compress

template <>
struct std::is_error_code_enum<logboom::compress::errc> : std::true_type {};
