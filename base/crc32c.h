// CRC-32C (Castagnoli, RFC 3720 appendix B.4): the checksum of record batches and checkpoints.
#pragma once

#include "base/bytes.h"

#include <cstdint>

namespace logboom {

/// `seed` is the CRC of what came before, so that crc32c(b, crc32c(a)) is the CRC of a followed by
/// b. Uses the processor's instruction where there is one.
std::uint32_t crc32c(bytes_view data, std::uint32_t seed = 0) noexcept;

} // namespace logboom
