// Logstash's string interpolation, parsed once at load: "logs-%{[host][name]}-%{+YYYY.MM.dd}". What
// stays as it is written: a reference to a field the event does not have, and a %{ that is not
// closed. Rules: logstash-core StringInterpolation.java; docs/events.md has the table. Immutable
// and thread-safe; a date that only changes at midnight is remembered per thread.
#pragma once

#include "event/event.h"
#include "event/time/time_pattern.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace logboom {

class sprintf_template {
  public:
    /// Renders to nothing.
    sprintf_template() = default;
    /// Any text is a template; see problem().
    explicit sprintf_template(std::string_view text);

    /// Appends. False when a field was missing and its %{...} was left in the text.
    bool render(const event& with, std::string& out) const;
    /// For where a string of its own is wanted.
    [[nodiscard]] std::string rendered(const event& with) const;

    /// The same for every event: text() is what it renders to.
    [[nodiscard]] bool is_constant() const noexcept;
    /// As the user wrote it.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    /// A sentence about a date pattern that is not understood (it renders to nothing); empty when
    /// all is well. For the check of a configuration.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  private:
    enum class part : std::uint8_t { literal, field, epoch_seconds, date, now };
    struct element {
        part what = part::literal;
        /// The literal, or a field's text with its %{}.
        std::string text;
        std::shared_ptr<const field_reference> field;
        std::shared_ptr<const time_pattern> pattern;
        /// Names the entry of the per-thread memory of daily dates.
        std::uint64_t id = 0;
    };

    void add_literal(std::string_view text);
    void add_reference(std::string_view inner);
    void add_date(time_dialect dialect, std::string_view pattern);
    static void append_daily(const element& date, std::int64_t timestamp_ns, std::string& out);

    std::string text_;
    std::string problem_;
    std::vector<element> elements_;
};

/// The text of a field in a template: arrays joined by commas, maps as JSON, timestamps as ISO
/// 8601.
void append_sprintf_text(const value& from, std::string& out);

} // namespace logboom
