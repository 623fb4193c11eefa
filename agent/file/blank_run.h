// NULs where text is expected: the hole that a writer leaves who goes on at his old offset after a
// truncation, what a file system shows of blocks that were never written, or a file that was
// allocated before it is filled. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace logboom::agent {

/// A run of NULs, as far as it has been looked at.
struct blank_run {
    /// Bytes without blocks on disk, and bytes that are there.
    std::int64_t holes = 0;
    std::int64_t nuls = 0;
    /// Something else stands behind them.
    bool is_over = false;
    /// They are the last bytes of the file, by now.
    bool is_last = false;

    [[nodiscard]] std::int64_t size() const noexcept { return holes + nuls; }
};

/// So many NULs in the middle of a line are no part of it: it was broken off there.
inline constexpr std::int64_t blank_size_min = 64;

inline std::string_view without_blank_end(std::string_view bytes) {
    return bytes.substr(0, bytes.find_last_not_of('\0') + 1);
}

} // namespace logboom::agent
