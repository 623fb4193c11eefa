// Where a decompressor writes: grows with what really comes, up to a limit. Internal to this
// folder.
#pragma once

#include "codecs/compress/compress.h"

#include <algorithm>

namespace logboom::compress {

class output_buffer {
  public:
    /// `guess`: how much is expected, a hint.
    output_buffer(std::size_t size_max, std::size_t guess) : size_max_(size_max) {
        grow(std::clamp<std::size_t>(guess, 512, capacity_max()));
    }

    /// Room for more; never empty unless the limit is passed.
    mutable_bytes room() {
        if (size_ == capacity_ && capacity_ < capacity_max()) {
            grow(std::min(capacity_ * 2, capacity_max()));
        }
        return {buffer_.get() + size_, capacity_ - size_};
    }
    void commit(std::size_t count) noexcept { size_ += count; }
    [[nodiscard]] bool over_limit() const noexcept { return size_ > size_max_; }

    bytes finish() {
        const bytes_view made(buffer_.get(), size_);
        return {std::move(buffer_), made};
    }

  private:
    /// One byte more than allowed, to see that there is more.
    [[nodiscard]] std::size_t capacity_max() const noexcept {
        return std::max<std::size_t>(size_max_, 512) + 1;
    }
    void grow(std::size_t to) {
        auto larger = std::make_shared_for_overwrite<std::byte[]>(to);
        if (size_ > 0) {
            std::memcpy(larger.get(), buffer_.get(), size_);
        }
        buffer_ = std::move(larger);
        capacity_ = to;
    }

    std::shared_ptr<std::byte[]> buffer_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
    std::size_t size_max_;
};

result<bytes> unpack_gzip(bytes_view packed, std::size_t size_max);
result<bytes> pack_gzip(bytes_view plain);
result<bytes> unpack_snappy(bytes_view packed, std::size_t size_max);
result<bytes> pack_snappy(bytes_view plain);
result<bytes> unpack_lz4(bytes_view packed, std::size_t size_max);
result<bytes> pack_lz4(bytes_view plain);
result<bytes> unpack_zstd(bytes_view packed, std::size_t size_max);
result<bytes> pack_zstd(bytes_view plain);

} // namespace logboom::compress
