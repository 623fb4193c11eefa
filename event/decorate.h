// What every input and every filter can do to the events it is done with: add_field, remove_field,
// add_tag, remove_tag, and for inputs type and tags. Compiled once from the settings; the pipeline
// applies it (for filters only to the events that matched). Names and values are sprintf templates.
// Rules: logstash-core Decorators and filters/base.rb. Immutable, thread-safe.
#pragma once

#include "base/settings.h"
#include "event/field_name.h"

#include <string>
#include <vector>

namespace logboom {

class decoration {
  public:
    /// Does nothing.
    decoration() = default;
    /// From add_field, remove_field, add_tag and remove_tag, which must be in the settings' table.
    static decoration for_filter(const settings& from);
    /// From type, tags and add_field, which must be in the settings' table.
    static decoration for_input(const settings& from);

    [[nodiscard]] bool is_empty() const noexcept;
    /// In Logstash's order: type, add_field, remove_field, add_tag, remove_tag. Empty when all of
    /// it was done; else what could not be, in words: what comes before it has been done, what
    /// comes after it has not.
    [[nodiscard]] std::string apply(event& to) const;
    /// Sentences about templates that are not understood; for the check of a configuration.
    [[nodiscard]] std::vector<std::string> problems() const;

  private:
    struct field_addition {
        field_name at;
        std::vector<sprintf_template> values;
        /// A value is neither text nor a number, nor a list of such.
        bool is_wrong = false;
    };

    void read_additions(const config_value::hash& from);
    static bool add_value(event& to, const field_reference& at, const value& item);

    std::string type_;
    std::vector<field_addition> add_field_;
    std::vector<field_name> remove_field_;
    std::vector<sprintf_template> add_tag_;
    std::vector<sprintf_template> remove_tag_;
};

} // namespace logboom
