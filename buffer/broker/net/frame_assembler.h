// Cuts a connection's byte stream into frames without copying what arrives whole. Reads go to a
// scratch buffer that all connections share; only a frame that is incomplete when the scratch is
// given back moves to a buffer of its own, which then receives the rest directly and grows with
// what has arrived, not with what was announced. Sans-IO: buffers() says where to receive,
// received() how much came, next() gives the frames. Owned by a connection.
#pragma once

#include "base/bytes.h"
#include "buffer/broker/net/memory_budget.h"

#include <array>
#include <memory>
#include <optional>

namespace logboom::broker {

class frame_assembler {
  public:
    enum class verdict { fine, too_small, too_large };

    frame_assembler(memory_budget& budget, std::size_t frame_size_max)
        : budget_(budget), frame_size_max_(frame_size_max) {}
    ~frame_assembler() { drop_carry(); }
    frame_assembler(const frame_assembler&) = delete;
    frame_assembler& operator=(const frame_assembler&) = delete;

    /// Where the next bytes go, in this order; the first may be empty. Call only when next() has
    /// given nothing, and then receive and call received() before anybody else uses `scratch`.
    std::array<mutable_bytes, 2> buffers(mutable_bytes scratch);
    void received(std::size_t size);
    /// The next whole frame without its size, writable, valid until the next call; nothing when
    /// more bytes are needed or status() is not fine.
    std::optional<mutable_bytes> next();
    /// Keeps what is left in the scratch buffer: before it is given back.
    void stash();

    [[nodiscard]] verdict status() const noexcept { return verdict_; }
    /// The first bytes that made it not fine, at most 8: to tell HTTP and TLS.
    [[nodiscard]] std::string_view offending() const noexcept {
        return {offending_.data(), offending_size_};
    }
    /// A frame has begun and is not whole yet.
    [[nodiscard]] bool is_inside_frame() const noexcept { return carry_end_ > carry_begin_; }
    /// Bytes charged to the budget.
    [[nodiscard]] std::int64_t held() const noexcept {
        return static_cast<std::int64_t>(capacity_);
    }

  private:
    /// Size of the frame that begins at `data` with its size field, 0 when that is not here yet.
    std::size_t wanted(mutable_bytes data);
    std::optional<mutable_bytes> cut(mutable_bytes data, std::size_t& consumed);
    void reserve(std::size_t size);
    void drop_carry();
    void condemn(verdict why, mutable_bytes data);

    memory_budget& budget_;
    std::size_t frame_size_max_;
    mutable_bytes scratch_;
    std::size_t scratch_begin_ = 0;
    std::size_t scratch_end_ = 0;
    std::unique_ptr<std::byte[]> carry_;
    std::size_t capacity_ = 0;
    std::size_t carry_begin_ = 0;
    std::size_t carry_end_ = 0;
    std::size_t direct_size_ = 0;
    verdict verdict_ = verdict::fine;
    std::array<char, 8> offending_{};
    std::size_t offending_size_ = 0;
};

} // namespace logboom::broker
