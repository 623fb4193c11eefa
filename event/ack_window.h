// Which prefix of a stream is final: ranges begin in order, become final in any order, and the
// watermark is the end of the longest final prefix. The agent keeps one per file (byte positions),
// the sink one per partition (offsets); it is why a position never moves past an undelivered
// record. Not thread-safe: its owner locks.
#pragma once

#include "base/assertion.h"

#include <cstdint>
#include <deque>
#include <optional>

namespace logboom {

template <class Position>
class ack_window {
  public:
    using ticket = std::uint64_t;

    explicit ack_window(Position start = Position{}) : watermark_(start) {}

    /// A range that ends at `end` (exclusive) has been handed on. Ends must not decrease.
    ticket begin(Position end) {
        LB_ASSERT(!(end < this->end()));
        open_.push_back({end, false});
        return first_ + open_.size() - 1;
    }
    /// Its events are in a final state. Returns the new watermark when it has moved.
    std::optional<Position> finish(ticket which) {
        LB_ASSERT(which >= first_ && which < first_ + open_.size());
        open_[which - first_].final = true;
        if (which != first_) {
            return std::nullopt;
        }
        while (!open_.empty() && open_.front().final) {
            watermark_ = open_.front().end;
            open_.pop_front();
            ++first_;
        }
        return watermark_;
    }
    /// Everything before this is final.
    [[nodiscard]] Position watermark() const { return watermark_; }
    /// Where the last range that was handed on ends; the watermark when none is open.
    [[nodiscard]] Position end() const { return open_.empty() ? watermark_ : open_.back().end; }
    /// Ranges handed on and not yet below the watermark.
    [[nodiscard]] std::size_t open_count() const { return open_.size(); }

  private:
    struct range {
        Position end;
        bool final;
    };
    std::deque<range> open_;
    ticket first_ = 0;
    Position watermark_;
};

} // namespace logboom
