// How long a line may be, and what becomes of one that is longer. Plain data and a pure function of
// the bytes, so that the same file gives the same lines however it is read.
#pragma once

#include "event/utf16.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace logboom::agent {

enum class long_line_policy : std::uint8_t {
    /// It comes in pieces.
    split,
    /// Its front comes, the rest is left out.
    truncate,
    /// It is left out.
    skip,
};

class line_limit {
  public:
    /// What is held in memory at most.
    static constexpr std::size_t size_largest = std::size_t{16} << 20U;

    /// So long that the event fits a record of a topic with Kafka's default of message.max.bytes,
    /// in JSON, with the line twice in it (message and [event][original]).
    static line_limit of_topic(long_line_policy policy);
    /// So many bytes.
    line_limit(long_line_policy policy, std::size_t size_max)
        : size_max_(size_max), size_sure_(size_max), policy_(policy) {}

    /// The same, for text in those units.
    [[nodiscard]] line_limit in(text_units units) const;

    [[nodiscard]] long_line_policy policy() const noexcept { return policy_; }
    /// Nothing longer is short enough.
    [[nodiscard]] std::size_t size_max() const noexcept { return size_max_; }
    /// How many bytes of the front of `text` may be one line, at least one. Decided by size_max()
    /// bytes and three more, which must be there unless the line is shorter.
    [[nodiscard]] std::size_t fit(std::string_view text) const noexcept {
        return text.size() <= size_sure_ ? text.size() : fit_long(text);
    }
    static constexpr std::size_t look_ahead = 3;

  private:
    [[nodiscard]] std::size_t fit_long(std::string_view text) const noexcept;
    [[nodiscard]] std::size_t fit_utf16(std::string_view text) const noexcept;

    std::size_t size_max_;
    /// Nothing shorter is too long.
    std::size_t size_sure_;
    long_line_policy policy_;
    /// Of what the bytes are in JSON; 0 when they count as they are.
    std::size_t weight_limit_ = 0;
    text_units units_ = text_units::bytes;
};

} // namespace logboom::agent
