// Bytes in and bytes out. `bytes_view` borrows; its owner is named wherever one is returned.
// `bytes` owns a shared, immutable slice of a buffer: copying it is cheap and keeps the buffer
// alive; slices of one buffer may be held on different threads.
#pragma once

#include "base/assertion.h"

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace logboom {

using bytes_view = std::span<const std::byte>;
using mutable_bytes = std::span<std::byte>;

inline bytes_view as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(bytes_view view) noexcept {
    return {reinterpret_cast<const char*>(view.data()), view.size()};
}

class bytes {
  public:
    bytes() = default;

    /// A slice of `size` bytes at `data`, which `owner` keeps alive.
    bytes(std::shared_ptr<const void> owner, bytes_view view)
        : owner_(std::move(owner)), view_(view) {}

    static bytes copy_of(bytes_view view) {
        auto owner = std::make_shared_for_overwrite<std::byte[]>(view.size());
        if (!view.empty()) {
            std::memcpy(owner.get(), view.data(), view.size());
        }
        const bytes_view inner(owner.get(), view.size());
        return {std::move(owner), inner};
    }
    static bytes copy_of(std::string_view text) { return copy_of(as_bytes(text)); }

    [[nodiscard]] bytes_view view() const noexcept { return view_; }
    [[nodiscard]] std::string_view text() const noexcept { return as_text(view_); }
    [[nodiscard]] std::size_t size() const noexcept { return view_.size(); }
    [[nodiscard]] bool empty() const noexcept { return view_.empty(); }
    [[nodiscard]] const std::byte* data() const noexcept { return view_.data(); }

    [[nodiscard]] bytes slice(std::size_t from, std::size_t size) const {
        LB_ASSERT(from <= view_.size() && size <= view_.size() - from);
        return {owner_, view_.subspan(from, size)};
    }

  private:
    std::shared_ptr<const void> owner_;
    bytes_view view_;
};

} // namespace logboom
