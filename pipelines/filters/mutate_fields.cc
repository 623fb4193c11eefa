// Steps of mutate on whole fields: coerce, rename, update, replace, merge, copy.
#include "pipelines/filters/mutate_step.h"

namespace logboom {
namespace {

class rename_step final : public mutate_step {
  public:
    rename_step(field_name from, field_name to) : from_(std::move(from)), to_(std::move(to)) {}

    bool apply(event& in) const override {
        std::optional<field_reference> from_scratch;
        std::optional<field_reference> to_scratch;
        const field_reference* from = from_.resolve(in, from_scratch);
        const field_reference* to = to_.resolve(in, to_scratch);
        if (from == nullptr || to == nullptr) {
            return false;
        }
        return in.move(*from, *to);
    }

  private:
    field_name from_;
    field_name to_;
};

enum class when { field_is_nil, field_exists, always };

/// coerce, update and replace.
class assign_step final : public mutate_step {
  public:
    assign_step(when condition, field_reference at, sprintf_template form)
        : condition_(condition), at_(std::move(at)), form_(std::move(form)) {}

    bool apply(event& in) const override {
        if (condition_ != when::always) {
            const value* held = in.get(at_);
            if (held == nullptr || (condition_ == when::field_is_nil && !held->is_nil())) {
                return true;
            }
        }
        return in.set(at_, rendered_value(form_, in));
    }

  private:
    when condition_;
    field_reference at_;
    sprintf_template form_;
};

result<void>
add_assign(when condition, const plugin_options& from, std::string_view name, mutate_steps& into) {
    for (const option_entry& each : from.entries(name)) {
        LB_TRY(const option_text* form, from.only_value(name, each));
        into.push_back(
            {each.key.text(),
             std::make_unique<assign_step>(condition, each.key.reference(), form->form())}
        );
    }
    return {};
}

/// Ruby's Array(x): nil is nothing, an array is its elements, all else one element.
void append_elements(const value* from, value_array& into, arena& memory) {
    if (from == nullptr || from->is_nil()) {
        return;
    }
    if (!from->is(value_kind::array)) {
        into.push_back(memory, *from);
        return;
    }
    // The count first: the source may be the destination's old array, but never the new one.
    for (const value& item : from->as_array()) {
        into.push_back(memory, item.clone_containers(memory));
    }
}

class merge_step final : public mutate_step {
  public:
    merge_step(field_reference into, field_reference from)
        : into_(std::move(into)), from_(std::move(from)) {}

    bool apply(event& in) const override {
        const value* into = in.get(into_);
        const value* from = in.get(from_);
        const bool into_map = into != nullptr && into->is(value_kind::map);
        const bool from_map = from != nullptr && from->is(value_kind::map);
        if (into_map != from_map) {
            // Logstash logs that a map and an array cannot be merged, and goes on.
            return true;
        }
        if (into_map) {
            const value merged = into->clone_containers(in.memory());
            for (const map_entry& entry : from->as_map()) {
                merged.as_map().put(
                    in.memory(), entry.key, entry.item.clone_containers(in.memory())
                );
            }
            return in.set(into_, merged);
        }
        const value merged = value::new_array(in.memory());
        append_elements(into, merged.as_array(), in.memory());
        append_elements(from, merged.as_array(), in.memory());
        return in.set(into_, merged);
    }

  private:
    field_reference into_;
    field_reference from_;
};

class copy_step final : public mutate_step {
  public:
    copy_step(field_reference from, field_reference to)
        : from_(std::move(from)), to_(std::move(to)) {}

    bool apply(event& in) const override {
        const value* held = in.get(from_);
        return held == nullptr || held->is_nil() ||
               in.set(to_, held->clone_containers(in.memory()));
    }

  private:
    field_reference from_;
    field_reference to_;
};

} // namespace

value rendered_value(const sprintf_template& form, event& in) {
    return value::of(in.memory().copy(form.is_constant() ? form.text() : form.rendered(in)));
}

result<void> add_coerce(const plugin_options& from, mutate_steps& into) {
    return add_assign(when::field_is_nil, from, "coerce", into);
}
result<void> add_update(const plugin_options& from, mutate_steps& into) {
    return add_assign(when::field_exists, from, "update", into);
}
result<void> add_replace(const plugin_options& from, mutate_steps& into) {
    return add_assign(when::always, from, "replace", into);
}

result<void> add_rename(const plugin_options& from, mutate_steps& into) {
    for (const option_entry& each : from.entries("rename")) {
        LB_TRY(const option_text* to, from.only_value("rename", each));
        into.push_back(
            {each.key.text() + " to " + to->text(),
             std::make_unique<rename_step>(each.key.name(), to->name())}
        );
    }
    return {};
}

result<void> add_merge(const plugin_options& from, mutate_steps& into) {
    for (const option_entry& each : from.entries("merge")) {
        for (const option_text& source : each.values) {
            into.push_back(
                {source.text() + " into " + each.key.text(),
                 std::make_unique<merge_step>(each.key.reference(), source.reference())}
            );
        }
    }
    return {};
}

result<void> add_copy(const plugin_options& from, mutate_steps& into) {
    for (const option_entry& each : from.entries("copy")) {
        LB_TRY(const option_text* to, from.only_value("copy", each));
        into.push_back(
            {each.key.text() + " to " + to->text(),
             std::make_unique<copy_step>(each.key.reference(), to->reference())}
        );
    }
    return {};
}

} // namespace logboom
