// One operation of the mutate filter with its settings: rename one field, gsub one field, ... The
// filter runs its steps in Logstash's fixed order; the first that fails ends the work on that
// event. Steps are made at load, immutable and used by all workers.
#pragma once

#include "plugin/options.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace logboom {

class mutate_step {
  public:
    virtual ~mutate_step() = default;
    /// False when the operation fails, as an exception in Logstash: what it did so far stays.
    [[nodiscard]] virtual bool apply(event& to) const = 0;
};
struct named_step {
    /// What it is about, for a message: "[user][name]", "a to b".
    std::string subject;
    std::unique_ptr<const mutate_step> work;
};
using mutate_steps = std::vector<named_step>;

// Each appends one step for each entry of its option, whose name it bears. mutate_fields.cc: whole
// fields.
result<void> add_coerce(const plugin_options& from, mutate_steps& into);
result<void> add_rename(const plugin_options& from, mutate_steps& into);
result<void> add_update(const plugin_options& from, mutate_steps& into);
result<void> add_replace(const plugin_options& from, mutate_steps& into);
result<void> add_merge(const plugin_options& from, mutate_steps& into);
result<void> add_copy(const plugin_options& from, mutate_steps& into);
// mutate_convert.cc: types.
result<void> add_convert(const plugin_options& from, mutate_steps& into);
// mutate_text.cc: the text in fields.
result<void> add_gsub(const plugin_options& from, mutate_steps& into);
result<void> add_uppercase(const plugin_options& from, mutate_steps& into);
result<void> add_capitalize(const plugin_options& from, mutate_steps& into);
result<void> add_lowercase(const plugin_options& from, mutate_steps& into);
result<void> add_strip(const plugin_options& from, mutate_steps& into);
result<void> add_split(const plugin_options& from, mutate_steps& into);
result<void> add_join(const plugin_options& from, mutate_steps& into);

/// `form` for this event, living in its arena.
value rendered_value(const sprintf_template& form, event& in);

} // namespace logboom
