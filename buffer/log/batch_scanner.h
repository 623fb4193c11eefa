// Walks the batches of a segment file by their headers, in chunks: for positions, for recovery
// (then with checksums) and for rebuilding what is derived from batches. Bounded memory whatever
// the file says. One thread.
#pragma once

#include "base/env.h"
#include "codecs/kafka/record_batch.h"

#include <array>
#include <vector>

namespace logboom::log {

enum class scan_depth { headers, checksums };

class batch_scanner {
  public:
    /// Batches between `position` (a batch's start) and `end`.
    batch_scanner(const file& from, std::uint64_t position, std::uint64_t end, scan_depth depth);

    /// False at the end, or where no sound batch begins: then at_end() is false. Errors: reading.
    result<bool> next();

    /// Of the batch that next() found; the header's bytes are valid until the next call.
    [[nodiscard]] kafka::record_batch_view header() const noexcept;
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// Behind the last sound batch.
    [[nodiscard]] std::uint64_t sound_until() const noexcept { return next_; }
    [[nodiscard]] bool at_end() const noexcept { return next_ == end_; }

  private:
    result<bytes_view> window(std::uint64_t at, std::size_t at_least);
    result<bool> checksum_holds();

    const file& from_;
    std::uint64_t end_;
    scan_depth depth_;
    std::uint64_t position_ = 0;
    std::uint64_t size_ = 0;
    std::uint64_t next_;
    std::vector<std::byte> chunk_;
    std::uint64_t chunk_at_ = 0;
    std::size_t chunk_size_ = 0;
    std::array<std::byte, kafka::batch_header_size> header_{};
};

} // namespace logboom::log
