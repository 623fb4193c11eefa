#include "buffer/log/recent_batches.h"

#include "base/assertion.h"

#include <algorithm>

namespace logboom::log {
namespace {

/// Enough that consumers at the end of the log are served from memory.
constexpr std::size_t recent_max = 128;

} // namespace

void recent_batches::add(const batch_place& batch) {
    LB_ASSERT(batch.base <= batch.last);
    LB_ASSERT(batch.size > 0);
    if (!batches_.empty()) {
        LB_ASSERT(batches_.back().last < batch.base);
        LB_ASSERT(batches_.back().position + batches_.back().size == batch.position);
    }
    if (batches_.size() == recent_max) {
        batches_.pop_front();
    }
    batches_.push_back(batch);
    LB_ASSERT(batches_.size() <= recent_max);
}

void recent_batches::clear() {
    batches_.clear();
    batches_.shrink_to_fit();
}

std::optional<batch_place> recent_batches::find(offset target) const {
    LB_ASSERT(cover(target));
    const auto ends_before = [](const batch_place& place, offset where) {
        return place.last < where;
    };
    const auto found = std::lower_bound(batches_.begin(), batches_.end(), target, ends_before);
    return found == batches_.end() ? std::nullopt : std::optional(*found);
}

std::optional<extent>
recent_batches::measure(std::uint64_t position, const extent_limits& limits) const {
    LB_ASSERT(cover(position));
    const auto begins_before = [](const batch_place& place, std::uint64_t where) {
        return place.position < where;
    };
    auto place = std::lower_bound(batches_.begin(), batches_.end(), position, begins_before);
    if (place == batches_.end() || place->position != position) {
        return std::nullopt;
    }
    extent found{position, 0, no_offset};
    for (; place != batches_.end() && place->last < limits.below; ++place) {
        const bool fits = found.length + place->size <= limits.bytes_max ||
                          (found.length == 0 && limits.at_least_one_batch);
        if (!fits) {
            break;
        }
        found.length += place->size;
        found.next = place->last + 1;
    }
    return found;
}

} // namespace logboom::log
