// For how long the oldest bytes of a file that are not delivered have been known. Exact for a file
// that is delivered now and then; of one that is always behind, the age of bytes that are a little
// older. Plain data, sixteen bytes for each of two marks; the owner tells the time.
#pragma once

#include "base/clock.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace logboom::agent {

class lag_clock {
  public:
    /// The file has `size` bytes, of which those before `delivered` are.
    void saw(std::int64_t size, std::int64_t delivered, clock::duration now) {
        settle(delivered);
        if (size <= std::max(last().size, delivered)) {
            return;
        }
        if (count_ < marks_.size()) {
            marks_[count_++] = {size, now};
        } else {
            marks_.back().size = size;
        }
    }
    void settle(std::int64_t delivered) {
        while (count_ > 0 && marks_[0].size <= delivered) {
            marks_[0] = marks_[1];
            --count_;
        }
    }
    /// What stands behind `end` is not to be delivered.
    void disregard(std::int64_t end) {
        for (mark& each : marks_) {
            each.size = std::min(each.size, end);
        }
    }
    /// The file has begun anew.
    void reset() noexcept { count_ = 0; }
    /// Zero when everything is delivered.
    [[nodiscard]] clock::duration lag(clock::duration now) const noexcept {
        return count_ == 0 ? clock::duration::zero() : now - marks_[0].since;
    }

  private:
    /// The bytes below `size` and above the mark before it have been known since then, or later.
    struct mark {
        std::int64_t size = 0;
        clock::duration since{};
    };
    [[nodiscard]] mark last() const noexcept { return count_ == 0 ? mark() : marks_[count_ - 1]; }

    std::array<mark, 2> marks_{};
    std::uint32_t count_ = 0;
};

} // namespace logboom::agent
