#include "buffer/log/segment_list.h"

#include <algorithm>

namespace logboom::log {

std::uint64_t segment_list::size_bytes() const noexcept {
    std::uint64_t total = 0;
    for (const auto& each : segments_) {
        total += each->size();
    }
    return total;
}

std::size_t segment_list::index_of(offset where) const {
    LB_ASSERT(!segments_.empty());
    const auto begins_after = [](offset value, const auto& each) { return value < each->base(); };
    const auto behind = std::upper_bound(segments_.begin(), segments_.end(), where, begins_after);
    const std::size_t count = static_cast<std::size_t>(behind - segments_.begin());
    return count == 0 ? 0 : count - 1;
}

std::optional<segment_span> segment_list::sealed_span(offset base, offset end) const {
    LB_ASSERT(base <= end);
    segment_span span;
    span.first = span.end = index_of(base);
    while (span.end < size() && at(span.end).base() < end) {
        ++span.end;
    }
    const bool is_whole = span.end > span.first && at(span.first).base() == base &&
                          at(span.end - 1).end() == end && span.end < size();
    return is_whole ? std::optional(span) : std::nullopt;
}

void segment_list::set_index_interval(std::int64_t bytes) {
    for (const auto& each : segments_) {
        each->set_index_interval(bytes);
    }
}

void segment_list::add(std::unique_ptr<segment> next) {
    LB_ASSERT(next != nullptr);
    if (!segments_.empty()) {
        LB_ASSERT(next->base() > active().base());
        LB_ASSERT(next->base() >= active().end());
    }
    segments_.push_back(std::move(next));
}

void segment_list::drop_front(std::size_t count) {
    LB_ASSERT(count < segments_.size());
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(count));
    hints_ = {};
}

void segment_list::replace(const segment_span& old, std::unique_ptr<segment> whole) {
    LB_ASSERT(old.first < old.end);
    LB_ASSERT(old.end < segments_.size());
    LB_ASSERT(whole->base() == at(old.first).base());
    LB_ASSERT(whole->end() == at(old.end - 1).end());
    const auto first = segments_.begin() + static_cast<std::ptrdiff_t>(old.first);
    *first = std::move(whole);
    segments_.erase(first + 1, segments_.begin() + static_cast<std::ptrdiff_t>(old.end));
    hints_ = {};
}

result<std::optional<read_place>> segment_list::find(offset target) const {
    for (const read_hint& hint : hints_) {
        if (hint.next == target) {
            segment& source = at(index_of(hint.segment_base));
            if (source.base() == hint.segment_base && hint.position < source.size()) {
                return std::optional(read_place{&source, hint.position});
            }
        }
    }
    for (std::size_t i = index_of(target); i < size(); ++i) {
        LB_TRY(const auto found, at(i).find(target));
        if (found) {
            LB_ASSERT(found->last >= target);
            return std::optional(read_place{&at(i), found->position});
        }
    }
    return std::optional<read_place>();
}

void segment_list::remember(const segment& source, const extent& what) noexcept {
    const read_hint now{what.next, what.position + what.length, source.base()};
    for (read_hint& hint : hints_) {
        if (hint.next == what.next) {
            hint = now;
            return;
        }
    }
    hints_[next_hint_] = now;
    next_hint_ = (next_hint_ + 1) % hints_.size();
}

} // namespace logboom::log
