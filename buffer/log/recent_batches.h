// The newest batches of the active segment, in memory: who reads near the end of a log touches no
// file. Back to back up to the end, bounded. Owned by segment.
#pragma once

#include "base/ids.h"

#include <cstdint>
#include <deque>
#include <optional>

namespace logboom::log {

/// Where a batch lies.
struct batch_place {
    offset base;
    offset last;
    std::uint64_t position = 0;
    std::uint64_t size = 0;
};

/// What one read takes from one segment: whole batches.
struct extent {
    std::uint64_t position = 0;
    std::uint64_t length = 0;
    /// The first offset behind it.
    offset next;
};

struct extent_limits {
    std::uint64_t bytes_max = 0;
    bool at_least_one_batch = true;
    /// Batches that reach this offset are left out.
    offset below;
};

class recent_batches {
  public:
    /// Behind the others: begins where the last one ends.
    void add(const batch_place& batch);
    /// Gives the memory back.
    void clear();

    /// Is the batch with this offset here, if there is one at all?
    [[nodiscard]] bool cover(offset target) const noexcept {
        return !batches_.empty() && target >= batches_.front().base;
    }
    [[nodiscard]] bool cover(std::uint64_t position) const noexcept {
        return !batches_.empty() && position >= batches_.front().position;
    }
    /// The first that reaches `target`, which must be covered.
    [[nodiscard]] std::optional<batch_place> find(offset target) const;
    /// From a batch's start on, as many as fit, perhaps none; nothing when no batch begins there.
    /// `position` must be covered.
    [[nodiscard]] std::optional<extent>
    measure(std::uint64_t position, const extent_limits& limits) const;

  private:
    std::deque<batch_place> batches_;
};

} // namespace logboom::log
