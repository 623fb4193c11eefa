// The segments of one log: at least one, in order, none reaching into the next. Only the last, the
// active one, is appended to. Remembers where readers stopped, so that whoever reads on finds his
// batch without a search. Owned by partition_log, on its thread.
#pragma once

#include "base/assertion.h"
#include "buffer/log/segment.h"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace logboom::log {

/// Neighbours in a list: those from `first` on, without `end`.
struct segment_span {
    std::size_t first = 0;
    std::size_t end = 0;
};

/// Where the batch begins that a read begins with. The segment stays valid until the list changes.
struct read_place {
    segment* source = nullptr;
    std::uint64_t position = 0;
};

class segment_list {
  public:
    [[nodiscard]] std::size_t size() const noexcept { return segments_.size(); }
    [[nodiscard]] segment& at(std::size_t index) const {
        LB_ASSERT(index < segments_.size());
        return *segments_[index];
    }
    [[nodiscard]] segment& front() const { return at(0); }
    [[nodiscard]] segment& active() const { return at(size() - 1); }
    [[nodiscard]] std::uint64_t size_bytes() const noexcept;
    /// The last segment that begins at or before `where`; the first when none does.
    [[nodiscard]] std::size_t index_of(offset where) const;
    /// Those that reach from `base` to `end`; nothing when they are not all there, or when the
    /// active one is among them.
    [[nodiscard]] std::optional<segment_span> sealed_span(offset base, offset end) const;
    void set_index_interval(std::int64_t bytes);

    /// Behind the others. Needs a base at or above the end of the last one.
    void add(std::unique_ptr<segment> next);
    /// The first `count`; needs one that stays.
    void drop_front(std::size_t count);
    /// One segment takes the place of several. Needs the same base and the same end.
    void replace(const segment_span& old, std::unique_ptr<segment> whole);

    /// The first batch that reaches `target`, a batch's start when a reader stopped there.
    [[nodiscard]] result<std::optional<read_place>> find(offset target) const;
    /// A reader has read `what` of `source`, and will ask for what follows.
    void remember(const segment& source, const extent& what) noexcept;

  private:
    struct read_hint {
        logboom::offset next{-1};
        std::uint64_t position = 0;
        offset segment_base;
    };

    std::vector<std::unique_ptr<segment>> segments_;
    std::array<read_hint, 8> hints_;
    std::size_t next_hint_ = 0;
};

} // namespace logboom::log
