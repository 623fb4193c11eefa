// A place in the text of a config, and the smallest things that are read there: blanks and
// comments, names, strings. The first mistake is kept and makes every further reading fail. Used by
// the functions of read_value.h, read_condition.h and parser.cc, for the length of one parse.
#pragma once

#include "base/ascii.h"
#include "base/assertion.h"
#include "pipelines/conf/parser.h"

namespace logboom::conf {

class cursor {
  public:
    cursor(const source& from, const parse_options& options, parsed& into)
        : from_(from), options_(options), into_(into), text_(from.text()) {}

    [[nodiscard]] std::size_t offset() const noexcept { return at_; }
    void rewind(std::size_t to) noexcept {
        LB_ASSERT(to <= at_);
        at_ = to;
    }
    [[nodiscard]] bool at_end() const noexcept { return at_ >= text_.size(); }
    /// '\0' at the end.
    [[nodiscard]] char peek() const noexcept { return at_end() ? '\0' : text_[at_]; }
    [[nodiscard]] std::string_view rest() const noexcept { return text_.substr(at_); }
    [[nodiscard]] std::string_view since(std::size_t begin) const noexcept {
        return text_.substr(begin, at_ - begin);
    }

    /// White space and comments.
    void skip_blanks() noexcept;
    /// Takes `token` when it comes next.
    bool take(std::string_view token) noexcept;
    /// Takes the word when it comes next and does not go on as a longer name.
    bool take_word(std::string_view word) noexcept;
    /// The longest run of name characters, [A-Za-z0-9_-]; may be empty.
    std::string_view take_name() noexcept;
    /// The string whose opening quote comes next, its escapes decoded if they are on.
    bool read_string(std::string& into);
    /// Replaces ${NAME} and ${NAME:default} in text that stood at `where`.
    std::string substitute(std::string text, std::size_t where);

    [[nodiscard]] source_position here() const { return from_.at(at_); }
    [[nodiscard]] source_position position(std::size_t offset) const { return from_.at(offset); }
    /// Keeps the mistake, which ends the parse; always false.
    bool fail(std::string sentence) { return fail_at(at_, std::move(sentence)); }
    bool fail_at(std::size_t offset, std::string sentence);
    /// A mistake after which reading can go on.
    void report(std::size_t offset, std::string sentence);
    void warn(std::size_t offset, std::string sentence);
    /// What comes next, for "expected x, not y".
    [[nodiscard]] std::string next_thing() const;

    /// Guards against nesting without end: false (and failed) when too deep.
    bool enter();
    void leave() noexcept { --depth_; }

  private:
    const source& from_;
    const parse_options& options_;
    parsed& into_;
    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool has_failed_ = false;
};

bool is_name_character(char each) noexcept;

} // namespace logboom::conf
