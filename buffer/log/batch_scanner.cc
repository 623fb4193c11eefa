#include "buffer/log/batch_scanner.h"

#include "base/assertion.h"
#include "base/crc32c.h"

#include <algorithm>

namespace logboom::log {
namespace {

constexpr std::size_t chunk_for_headers = 4096;
constexpr std::size_t chunk_for_checksums = 256U * 1024;
constexpr std::int32_t length_min = kafka::batch_header_size - kafka::batch_overhead;

} // namespace

batch_scanner::batch_scanner(
    const file& from, std::uint64_t position, std::uint64_t end, scan_depth depth
)
    : from_(from)
    , end_(end)
    , depth_(depth)
    , next_(position)
    , chunk_(depth == scan_depth::headers ? chunk_for_headers : chunk_for_checksums) {
    LB_ASSERT(position <= end);
    LB_ASSERT(chunk_.size() >= header_.size());
}

kafka::record_batch_view batch_scanner::header() const noexcept {
    return kafka::record_batch_view(header_);
}

/// What is there from `position` on, `at_least` bytes unless the file ends before.
result<bytes_view> batch_scanner::window(std::uint64_t position, std::size_t at_least) {
    LB_ASSERT(position < end_);
    const bool inside = position >= chunk_at_ && position + at_least <= chunk_at_ + chunk_size_;
    if (!inside) {
        const auto want = std::min<std::uint64_t>(chunk_.size(), end_ - position);
        LB_TRY(chunk_size_, from_.pread(mutable_bytes(chunk_).first(want), position));
        LB_ASSERT(chunk_size_ <= want);
        chunk_at_ = position;
    }
    return bytes_view(chunk_).first(chunk_size_).subspan(position - chunk_at_);
}

result<bool> batch_scanner::checksum_holds() {
    std::uint32_t sum = 0;
    std::uint64_t summed_until = position_ + kafka::batch_field::attributes;
    const std::uint64_t end = position_ + size_;
    while (summed_until < end) {
        LB_TRY(bytes_view piece, window(summed_until, 1));
        if (piece.empty()) {
            return false;
        }
        piece = piece.first(std::min<std::uint64_t>(piece.size(), end - summed_until));
        sum = crc32c(piece, sum);
        summed_until += piece.size();
    }
    LB_ASSERT(summed_until == end);
    return sum == header().crc();
}

result<bool> batch_scanner::next() {
    if (end_ - next_ < header_.size()) {
        return false;
    }
    LB_TRY(const bytes_view found, window(next_, header_.size()));
    if (found.size() < header_.size()) {
        return false;
    }
    std::copy_n(found.begin(), header_.size(), header_.begin());
    position_ = next_;
    const auto batch = header();
    if (batch.length() < length_min || batch.magic() != 2 || !batch.offsets_are_sane() ||
        batch.size() > end_ - next_) {
        return false;
    }
    size_ = batch.size();
    if (depth_ == scan_depth::checksums) {
        LB_TRY(const bool holds, checksum_holds());
        if (!holds) {
            return false;
        }
    }
    next_ += size_;
    LB_ASSERT(next_ > position_);
    LB_ASSERT(next_ <= end_);
    return true;
}

} // namespace logboom::log
