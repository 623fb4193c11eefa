// One operation of the mutate filter with its settings: rename one field, gsub one field, ... The
// filter runs its steps in Logstash's fixed order; the first that fails ends the work on that
// event. Steps are made at load, immutable and used by all workers.
#pragma once

#include "base/settings.h"
#include "event/sprintf.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace logboom {

class mutate_step {
  public:
    virtual ~mutate_step() = default;
    /// False when the operation fails, as an exception in Logstash: what it did so far stays.
    [[nodiscard]] virtual bool apply(event& to) const = 0;
};
using mutate_steps = std::vector<std::unique_ptr<const mutate_step>>;

// Each appends one step for each entry of its option. mutate_fields.cc: whole fields.
result<void> add_coerce(const config_value::hash& given, mutate_steps& into);
result<void> add_rename(const config_value::hash& given, mutate_steps& into);
result<void> add_update(const config_value::hash& given, mutate_steps& into);
result<void> add_replace(const config_value::hash& given, mutate_steps& into);
result<void> add_merge(const config_value::hash& given, mutate_steps& into);
result<void> add_copy(const config_value::hash& given, mutate_steps& into);
// mutate_convert.cc: types.
result<void> add_convert(const config_value::hash& given, mutate_steps& into);
// mutate_text.cc: the text in fields.
result<void> add_gsub(const std::vector<std::string>& given, mutate_steps& into);
result<void> add_uppercase(const std::vector<std::string>& given, mutate_steps& into);
result<void> add_capitalize(const std::vector<std::string>& given, mutate_steps& into);
result<void> add_lowercase(const std::vector<std::string>& given, mutate_steps& into);
result<void> add_strip(const std::vector<std::string>& given, mutate_steps& into);
result<void> add_split(const config_value::hash& given, mutate_steps& into);
result<void> add_join(const config_value::hash& given, mutate_steps& into);

/// The reference that `text` is, or the error that names it.
result<field_reference> read_reference(std::string_view text);
/// The scalar of a hash entry as text, or the error that names its key.
result<std::string> read_scalar(const config_entry& entry);
/// `form` for this event, living in its arena.
value rendered_value(const sprintf_template& form, event& in);

} // namespace logboom
