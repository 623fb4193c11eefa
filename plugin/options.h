// The options of one plugin: its settings, and what their texts stand for (references, templates,
// patterns, paths), parsed once at load as the table says. What cannot be parsed is a problem at
// its own line and column, an element of an array or a hash at the element's.
#pragma once

#include "base/regex.h"
#include "base/settings.h"
#include "event/field_name.h"

#include <map>
#include <memory>
#include <variant>

namespace logboom {

/// One text of an option: a single value, an element of an array, a key or a value of a hash.
class option_text {
  public:
    option_text(std::string text, source_position where)
        : text_(std::move(text)), where_(std::move(where)) {}

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] const source_position& where() const noexcept { return where_; }

    // Asked only of what the table calls so (asserted).
    [[nodiscard]] const field_reference& reference() const;
    [[nodiscard]] const field_name& name() const;
    [[nodiscard]] const sprintf_template& form() const;
    /// Null when it is a template: form() then renders to the pattern.
    [[nodiscard]] std::shared_ptr<const regex> pattern() const;

  private:
    friend class plugin_options;
    /// What is wrong with it as this; empty when nothing is.
    std::string parse(setting_content as);

    std::string text_;
    source_position where_;
    std::variant<
        std::monostate,
        field_reference,
        field_name,
        sprintf_template,
        std::shared_ptr<const regex>>
        parsed_;
};

/// One entry of a hash. A value that is no array is an array of one.
struct option_entry {
    option_text key;
    std::vector<option_text> values;
};

class plugin_options : public settings {
  public:
    using settings::settings;

    /// Once, after finish(): parses; what is wrong joins problems().
    void parse();

    /// nullptr when the option has no value.
    [[nodiscard]] const option_text* single(std::string_view name) const;
    /// The elements of an array.
    [[nodiscard]] const std::vector<option_text>& each(std::string_view name) const;
    /// The entries of a hash.
    [[nodiscard]] const std::vector<option_entry>& entries(std::string_view name) const;
    /// For an option that may be left out.
    [[nodiscard]] std::optional<field_reference> reference(std::string_view name) const;
    /// The one value of a hash's entry, or the error.
    [[nodiscard]] result<const option_text*>
    only_value(std::string_view name, const option_entry& of) const;

    /// For make(): what only the plugin can find wrong, as an error; told at its own position.
    [[nodiscard]] error
    refuse(std::string_view name, const source_position& where, const std::string& what) const;
    [[nodiscard]] const std::vector<settings_problem>& refusals() const { return refusals_; }

  private:
    void check(const setting& row, option_text& item, setting_content as);
    void parse_array(const setting& row);
    void parse_hash(const setting& row);

    std::map<std::string_view, std::vector<option_text>> texts_;
    std::map<std::string_view, std::vector<option_entry>> entries_;
    mutable std::vector<settings_problem> refusals_;
};

} // namespace logboom
