#include "buffer/log/batch_scanner.h"

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
    , chunk_(depth == scan_depth::headers ? chunk_for_headers : chunk_for_checksums) {}

kafka::record_batch_view batch_scanner::header() const noexcept {
    return kafka::record_batch_view(header_);
}

/// What is there from `at` on, `at_least` bytes unless the file ends before.
result<bytes_view> batch_scanner::window(std::uint64_t at, std::size_t at_least) {
    const bool inside = at >= chunk_at_ && at + at_least <= chunk_at_ + chunk_size_;
    if (!inside) {
        const auto want = std::min<std::uint64_t>(chunk_.size(), end_ - at);
        LB_TRY(chunk_size_, from_.pread(mutable_bytes(chunk_).first(want), at));
        chunk_at_ = at;
    }
    return bytes_view(chunk_).first(chunk_size_).subspan(at - chunk_at_);
}

result<bool> batch_scanner::checksum_holds() {
    std::uint32_t sum = 0;
    std::uint64_t at = position_ + kafka::batch_field::attributes;
    const std::uint64_t end = position_ + size_;
    while (at < end) {
        LB_TRY(bytes_view piece, window(at, 1));
        if (piece.empty()) {
            return false;
        }
        piece = piece.first(std::min<std::uint64_t>(piece.size(), end - at));
        sum = crc32c(piece, sum);
        at += piece.size();
    }
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
    return true;
}

} // namespace logboom::log
