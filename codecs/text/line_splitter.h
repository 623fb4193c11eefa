// Cuts a stream into pieces at a delimiter and holds back what is not complete. Sans-IO: fed with
// whatever a read returned. What it holds back is bounded: beyond `held_max` the piece is handed
// over as it is, marked as too long. One per stream, on that stream's thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace logboom {

/// For `held_max`. Logstash has no limit; one that no log line reaches keeps a stream without
/// newlines from taking all memory.
inline constexpr std::size_t stream_line_max = std::size_t{64} * 1024 * 1024;

class line_splitter {
  public:
    struct piece {
        /// Without its delimiter.
        std::string_view text;
        /// It points into the data that was fed; else into the splitter: copy before returning.
        bool is_in_data = false;
        /// No delimiter was seen, but more must not be held.
        bool is_too_long = false;
    };
    using receiver = std::function<void(const piece&)>;

    /// An empty delimiter never occurs. `unit` is the step at which it may stand: 2 for UTF-16.
    line_splitter(std::string delimiter, std::size_t held_max, std::size_t unit = 1)
        : delimiter_(std::move(delimiter)), held_max_(held_max), unit_(unit) {}

    void feed(std::string_view data, const receiver& into);
    /// Hands over what is held back, if anything.
    void flush(const receiver& into);
    [[nodiscard]] std::size_t held() const noexcept { return held_.size(); }

  private:
    [[nodiscard]] std::size_t find(std::string_view in, std::size_t from) const noexcept;
    /// Hands over all complete pieces; the first delimiter cannot begin before `search_from`.
    /// Returns how much of `text` they took.
    std::size_t split(
        std::string_view text, std::size_t search_from, bool is_in_data, const receiver& into
    ) const;

    std::string delimiter_;
    std::size_t held_max_;
    std::size_t unit_;
    std::string held_;
};

} // namespace logboom
