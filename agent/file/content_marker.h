// What stands right before a position of a file: the hash of at most 64 bytes. It tells a file that
// goes on there from one that was truncated, or replaced under the same identity, and has grown
// past the position again, whatever the sizes say. Plain data.
#pragma once

#include "base/assertion.h"
#include "base/fnv1a.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace logboom::agent {

class content_marker {
  public:
    static constexpr std::size_t reach = 64;

    /// Nothing is known: fits everywhere.
    content_marker() = default;
    content_marker(std::size_t size, std::uint64_t hash)
        : hash_(hash), size_(static_cast<std::uint8_t>(size)) {
        LB_ASSERT(size <= reach);
    }
    /// Of the position behind `bytes`.
    static content_marker of(std::string_view bytes) {
        const std::size_t size = std::min(bytes.size(), reach);
        return {size, fnv1a(bytes.substr(bytes.size() - size))};
    }

    /// So many bytes before the position are what it is about.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
    /// `bytes` are those size() bytes now.
    [[nodiscard]] bool fits(std::string_view bytes) const noexcept {
        return bytes.size() == size_ && (size_ == 0 || fnv1a(bytes) == hash_);
    }
    friend bool operator==(const content_marker&, const content_marker&) = default;

  private:
    std::uint64_t hash_ = 0;
    std::uint8_t size_ = 0;
};

} // namespace logboom::agent
