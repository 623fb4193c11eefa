#include "buffer/broker/net/frame_assembler.h"

#include "codecs/kafka/frame_header.h"

#include <algorithm>

namespace logboom::broker {
namespace {

constexpr std::size_t size_field = 4;
constexpr std::size_t carry_size_min = 16 << 10;

} // namespace

std::array<mutable_bytes, 2> frame_assembler::buffers(mutable_bytes scratch) {
    LB_ASSERT(scratch_begin_ == scratch_end_);
    scratch_ = scratch;
    scratch_begin_ = scratch_end_ = 0;
    direct_size_ = 0;
    if (carry_end_ == carry_begin_) {
        return {mutable_bytes{}, scratch};
    }
    const std::size_t have = carry_end_ - carry_begin_;
    const std::size_t want = wanted({carry_.get() + carry_begin_, have});
    const std::size_t missing = (want == 0 ? size_field : want) - have;
    // Twice what has arrived at most: an announced size alone takes no memory.
    reserve(have + std::min(missing, std::max(have, carry_size_min)));
    direct_size_ = std::min(missing, capacity_ - carry_end_);
    // When the carry cannot take the whole rest, nothing must land behind it in the scratch.
    const bool whole = direct_size_ == missing;
    return {
        mutable_bytes(carry_.get() + carry_end_, direct_size_), whole ? scratch : mutable_bytes{}};
}

void frame_assembler::received(std::size_t size) {
    const std::size_t direct = std::min(size, direct_size_);
    carry_end_ += direct;
    scratch_end_ = size - direct;
    LB_ASSERT(scratch_end_ <= scratch_.size());
}

void frame_assembler::condemn(verdict why, mutable_bytes data) {
    verdict_ = why;
    offending_size_ = std::min(data.size(), offending_.size());
    std::memcpy(offending_.data(), data.data(), offending_size_);
}

std::size_t frame_assembler::wanted(mutable_bytes data) {
    if (data.size() < size_field) {
        return 0;
    }
    const auto size = kafka::load_big_endian<std::int32_t>(data.data());
    if (size < static_cast<std::int32_t>(kafka::frame_size_min)) {
        condemn(verdict::too_small, data);
        return 0;
    }
    if (static_cast<std::size_t>(size) > frame_size_max_) {
        condemn(verdict::too_large, data);
        return 0;
    }
    return size_field + static_cast<std::size_t>(size);
}

std::optional<mutable_bytes> frame_assembler::cut(mutable_bytes data, std::size_t& consumed) {
    const std::size_t want = wanted(data);
    if (want == 0 || data.size() < want) {
        return std::nullopt;
    }
    consumed += want;
    return data.subspan(size_field, want - size_field);
}

std::optional<mutable_bytes> frame_assembler::next() {
    if (verdict_ != verdict::fine) {
        return std::nullopt;
    }
    if (carry_end_ > carry_begin_) {
        return cut({carry_.get() + carry_begin_, carry_end_ - carry_begin_}, carry_begin_);
    }
    if (scratch_end_ > scratch_begin_) {
        return cut(scratch_.subspan(scratch_begin_, scratch_end_ - scratch_begin_), scratch_begin_);
    }
    return std::nullopt;
}

void frame_assembler::stash() {
    const std::size_t left = scratch_end_ - scratch_begin_;
    if (carry_end_ == carry_begin_) {
        carry_begin_ = carry_end_ = 0;
        if (left == 0) {
            drop_carry();
            return;
        }
    }
    if (left == 0) {
        return;
    }
    reserve(carry_end_ - carry_begin_ + left);
    std::memcpy(carry_.get() + carry_end_, scratch_.data() + scratch_begin_, left);
    carry_end_ += left;
    scratch_begin_ = scratch_end_ = 0;
}

/// Room for `size` bytes from carry_begin_ on, which moves to the front.
void frame_assembler::reserve(std::size_t size) {
    const std::size_t have = carry_end_ - carry_begin_;
    if (size <= capacity_) {
        if (carry_begin_ > 0) {
            std::memmove(carry_.get(), carry_.get() + carry_begin_, have);
        }
    } else {
        auto grown = std::make_unique_for_overwrite<std::byte[]>(size);
        if (have > 0) {
            std::memcpy(grown.get(), carry_.get() + carry_begin_, have);
        }
        budget_.charge(static_cast<std::int64_t>(size - capacity_));
        carry_ = std::move(grown);
        capacity_ = size;
    }
    carry_begin_ = 0;
    carry_end_ = have;
}

void frame_assembler::drop_carry() {
    carry_.reset();
    const auto freed = static_cast<std::int64_t>(capacity_);
    capacity_ = carry_begin_ = carry_end_ = 0;
    if (freed > 0) {
        budget_.release(freed);
    }
}

} // namespace logboom::broker
