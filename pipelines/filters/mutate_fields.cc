#include "pipelines/filters/errc.h"
#include "pipelines/filters/mutate_step.h"

namespace logboom {
namespace {

/// A name that may be a template; most are not and are parsed at load.
class field_name {
  public:
    explicit field_name(std::string_view text) : form_(text) {
        if (form_.is_constant()) {
            fixed_ = field_reference::parse(text);
        }
    }
    /// nullptr when it is no legal reference for this event; `scratch` holds what is made for it.
    [[nodiscard]] const field_reference*
    resolve(const event& with, std::optional<field_reference>& scratch) const {
        if (fixed_) {
            return &*fixed_;
        }
        scratch = field_reference::parse(form_.rendered(with));
        return scratch ? &*scratch : nullptr;
    }
    [[nodiscard]] bool is_wrong() const { return form_.is_constant() && !fixed_; }

  private:
    sprintf_template form_;
    std::optional<field_reference> fixed_;
};

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

result<void> add_assign(when condition, const config_value::hash& given, mutate_steps& into) {
    for (const config_entry& entry : given) {
        LB_TRY(field_reference at, read_reference(entry.key));
        LB_TRY(const std::string text, read_scalar(entry));
        into.push_back(
            std::make_unique<assign_step>(condition, std::move(at), sprintf_template(text))
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

result<field_reference> read_reference(std::string_view text) {
    auto parsed = field_reference::parse(text);
    if (!parsed) {
        return error(filter_errc::bad_field_reference, "\"" + std::string(text) + "\"");
    }
    return *std::move(parsed);
}

result<std::string> read_scalar(const config_entry& entry) {
    const bool is_scalar = !std::holds_alternative<config_value::array>(entry.value.data) &&
                           !std::holds_alternative<config_value::hash>(entry.value.data) &&
                           !std::holds_alternative<config_value::plugin>(entry.value.data);
    if (!is_scalar) {
        return error(filter_errc::bad_value, "\"" + entry.key + "\"");
    }
    return entry.value.scalar_text();
}

value rendered_value(const sprintf_template& form, event& in) {
    return value::of(in.memory().copy(form.is_constant() ? form.text() : form.rendered(in)));
}

result<void> add_coerce(const config_value::hash& given, mutate_steps& into) {
    return add_assign(when::field_is_nil, given, into);
}
result<void> add_update(const config_value::hash& given, mutate_steps& into) {
    return add_assign(when::field_exists, given, into);
}
result<void> add_replace(const config_value::hash& given, mutate_steps& into) {
    return add_assign(when::always, given, into);
}

result<void> add_rename(const config_value::hash& given, mutate_steps& into) {
    for (const config_entry& entry : given) {
        LB_TRY(const std::string text, read_scalar(entry));
        field_name from(entry.key);
        field_name to(text);
        for (const auto& [name, shown] : {std::pair{&from, &entry.key}, std::pair{&to, &text}}) {
            if (name->is_wrong()) {
                return error(filter_errc::bad_field_reference, "\"" + *shown + "\"");
            }
        }
        into.push_back(std::make_unique<rename_step>(std::move(from), std::move(to)));
    }
    return {};
}

result<void> add_merge(const config_value::hash& given, mutate_steps& into) {
    for (const config_entry& entry : given) {
        LB_TRY(const field_reference target, read_reference(entry.key));
        if (const auto* list = std::get_if<config_value::array>(&entry.value.data)) {
            for (const config_value& each : *list) {
                LB_TRY(field_reference from, read_reference(each.scalar_text()));
                into.push_back(std::make_unique<merge_step>(target, std::move(from)));
            }
            continue;
        }
        LB_TRY(const std::string text, read_scalar(entry));
        LB_TRY(field_reference from, read_reference(text));
        into.push_back(std::make_unique<merge_step>(target, std::move(from)));
    }
    return {};
}

result<void> add_copy(const config_value::hash& given, mutate_steps& into) {
    for (const config_entry& entry : given) {
        LB_TRY(field_reference from, read_reference(entry.key));
        LB_TRY(const std::string text, read_scalar(entry));
        LB_TRY(field_reference to, read_reference(text));
        into.push_back(std::make_unique<copy_step>(std::move(from), std::move(to)));
    }
    return {};
}

} // namespace logboom
