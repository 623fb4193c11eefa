// A regular expression as Logstash's own engine reads it: Ruby syntax (Oniguruma), UTF-8. Compiled
// at load by filters and conditions, then immutable and thread-safe. Every search is bounded: a
// pattern that backtracks without end is cut and says so. Text that is not valid UTF-8 is searched
// byte by byte, so that no input can lead the engine past its end.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace logboom {

enum class regex_errc {
    bad_pattern = 1,
};
const char* describe(regex_errc value);

enum class regex_outcome {
    matched,
    unmatched,
    /// The limit on backtracking was reached; whether it matches is not known.
    too_costly,
};

/// Where the groups of one match lie, for one thread at a time; reused from search to search.
class regex_captures {
  public:
    regex_captures();
    regex_captures(regex_captures&&) noexcept;
    regex_captures& operator=(regex_captures&&) noexcept;
    ~regex_captures();

    /// Groups of the pattern last matched, the whole match (0) included.
    [[nodiscard]] int count() const noexcept;
    /// The text of a group; nullopt when it took no part in the match.
    [[nodiscard]] std::optional<std::string_view> group(int number) const noexcept;
    /// First byte and the byte behind the last, in the text searched; -1 as above.
    [[nodiscard]] std::ptrdiff_t begin(int number) const noexcept;
    [[nodiscard]] std::ptrdiff_t end(int number) const noexcept;

  private:
    friend class regex;
    struct region;
    std::unique_ptr<region> region_;
    std::string_view text_;
};

/// Text to be searched again and again: whether it is UTF-8 is looked at once, not at every search.
class regex_text {
  public:
    explicit regex_text(std::string_view text);

    [[nodiscard]] std::string_view view() const noexcept { return text_; }
    [[nodiscard]] bool is_utf8() const noexcept { return is_utf8_; }

  private:
    std::string_view text_;
    bool is_utf8_;
};

struct regex_name {
    std::string_view name;
    /// All groups of this name: Ruby allows several.
    std::vector<int> numbers;
};

class regex {
  public:
    /// Backtracking steps after which a search gives up, unless set: about a second of work.
    static constexpr std::uint64_t step_limit_default = 20'000'000;

    /// The error's context is the engine's word on what is wrong.
    static result<regex> compile(std::string_view pattern);

    regex(regex&&) noexcept;
    regex& operator=(regex&&) noexcept;
    ~regex();

    /// Does it match anywhere in `text`?
    [[nodiscard]] regex_outcome
    search(std::string_view text, std::uint64_t step_limit = step_limit_default) const;
    /// As above from byte `from` on (which look-behind may look before), with the groups.
    /// `captures` refers to `text` afterwards.
    [[nodiscard]] regex_outcome search(
        std::string_view text,
        std::size_t from,
        regex_captures& captures,
        std::uint64_t step_limit = step_limit_default
    ) const;
    [[nodiscard]] regex_outcome search(
        const regex_text& text,
        std::size_t from,
        regex_captures& captures,
        std::uint64_t step_limit = step_limit_default
    ) const;

    /// The named groups in order of first appearance; views live as long as the regex.
    [[nodiscard]] const std::vector<regex_name>& names() const noexcept;
    /// Groups without the whole match.
    [[nodiscard]] int group_count() const noexcept;

  private:
    struct compiled;
    explicit regex(std::unique_ptr<compiled> held);
    std::unique_ptr<compiled> held_;
};

LB_ERROR_ENUM(regex_errc, "regex")

} // namespace logboom

template <>
struct std::is_error_code_enum<logboom::regex_errc> : std::true_type {};
