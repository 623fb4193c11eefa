// How a file begins: the hash of its first bytes, as many as have been seen, at most 1024. Together
// with a content_marker it tells a file that was given another identity (restored, replaced by a
// copy of itself) from one that is new, and one that was rewritten from what it was. Plain data.
#pragma once

#include "agent/file/content_marker.h"

namespace logboom::agent {

class content_prefix {
  public:
    static constexpr std::size_t reach = 1024;

    /// Nothing is known: fits everywhere.
    content_prefix() = default;
    content_prefix(std::size_t size, std::uint64_t hash)
        : hash_(hash), size_(static_cast<std::uint16_t>(size)) {
        LB_ASSERT(size <= reach);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
    /// `bytes` stand at `position` of the file: those behind what is known are taken. True when
    /// there were some.
    bool extend(std::int64_t position, std::string_view bytes) noexcept {
        const std::int64_t known = std::int64_t{size_} - position;
        if (size_ == reach || known < 0 || known >= static_cast<std::int64_t>(bytes.size())) {
            return false;
        }
        bytes = bytes.substr(static_cast<std::size_t>(known), reach - size_);
        hash_ = fnv1a(bytes, hash_);
        size_ = static_cast<std::uint16_t>(size_ + bytes.size());
        return true;
    }
    /// A file with this `head` begins like that.
    [[nodiscard]] bool fits(std::string_view head) const noexcept {
        return head.size() >= size_ && fnv1a(head.substr(0, size_)) == hash_;
    }
    friend bool operator==(const content_prefix&, const content_prefix&) = default;

  private:
    std::uint64_t hash_ = fnv1a({});
    std::uint16_t size_ = 0;
};

} // namespace logboom::agent
