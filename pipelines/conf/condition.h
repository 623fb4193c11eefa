// A condition of `if`, made ready at load: fields parsed, regular expressions compiled. Tells of
// one event whether it holds. Truth as Logstash has it (logstash-core EventCondition.java):
// docs/pipeline_language.md has the table. Immutable and thread-safe.
#pragma once

#include "event/event.h"
#include "pipelines/conf/config.h"
#include "pipelines/conf/problem.h"

#include <memory>

namespace logboom::conf {

enum class verdict {
    no,
    yes,
    /// It cannot be told: `<` and its kin on a field that is missing or of another type, or a
    /// regular expression that backtracks without end. The event is cancelled and goes to the dead
    /// letters.
    broken,
};

class condition {
  public:
    /// nullptr after adding to `into` what is wrong with it.
    static std::unique_ptr<const condition> compile(const expression& from, problems& into);

    ~condition();
    condition(const condition&) = delete;
    condition& operator=(const condition&) = delete;

    [[nodiscard]] verdict test(const event& of) const;
    /// The sentence for an event that test() found broken.
    [[nodiscard]] std::string why_broken(const event& of) const;
    /// As written.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] const source_position& where() const noexcept { return where_; }

  private:
    struct node;
    struct compiler;
    condition();

    /// Constants live here.
    arena memory_;
    std::unique_ptr<node> root_;
    std::string text_;
    source_position where_;
};

} // namespace logboom::conf
