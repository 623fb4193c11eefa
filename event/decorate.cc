// Compiles and applies the common options of inputs and filters, in Logstash's order.
#include "event/decorate.h"

#include <algorithm>

namespace logboom {
namespace {

value string_of(event& in, const sprintf_template& form) {
    return value::of(in.memory().copy(form.is_constant() ? form.text() : form.rendered(in)));
}

void append_tags(event& to, const std::vector<sprintf_template>& tags) {
    for (const sprintf_template& each : tags) {
        const value tag = string_of(to, each);
        value* held = to.get(field::tags);
        if (held == nullptr || !held->is(value_kind::array)) {
            value list = value::new_array(to.memory());
            if (held != nullptr && !held->is_nil()) {
                list.as_array().push_back(to.memory(), *held);
            }
            to.set(field::tags, list);
            held = to.get(field::tags);
        }
        held->as_array().push_back(to.memory(), tag);
    }
}

void remove_tags(event& from, const std::vector<sprintf_template>& tags) {
    for (const sprintf_template& each : tags) {
        const value tag = string_of(from, each);
        value* held = from.get(field::tags);
        if (held == nullptr) {
            return;
        }
        if (held->is(value_kind::array)) {
            value_array& list = held->as_array();
            value* const end = std::remove(list.begin(), list.end(), tag);
            list.size = static_cast<std::uint32_t>(end - list.begin());
        } else if (*held == tag) {
            from.set(field::tags, value::new_array(from.memory()));
        }
    }
}

bool is_scalar(const config_value& of) {
    return !std::holds_alternative<config_value::array>(of.data) &&
           !std::holds_alternative<config_value::hash>(of.data) &&
           !std::holds_alternative<config_value::plugin>(of.data);
}

std::vector<sprintf_template> templates_of(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

void collect_problem(const std::string& problem, std::vector<std::string>& into) {
    if (!problem.empty()) {
        into.push_back(problem);
    }
}

} // namespace

void decoration::read_additions(const config_value::hash& from) {
    for (const config_entry& entry : from) {
        field_addition addition{field_name(entry.key), {}};
        if (const auto* list = std::get_if<config_value::array>(&entry.value.data)) {
            for (const config_value& each : *list) {
                addition.values.emplace_back(each.scalar_text());
                addition.is_wrong |= !is_scalar(each);
            }
        } else {
            addition.is_wrong = !is_scalar(entry.value);
            addition.values.emplace_back(entry.value.scalar_text());
        }
        add_field_.push_back(std::move(addition));
    }
}

decoration decoration::for_filter(const settings& from) {
    decoration made;
    made.read_additions(from.hash("add_field"));
    for (const std::string& each : from.list("remove_field")) {
        made.remove_field_.emplace_back(each);
    }
    made.add_tag_ = templates_of(from.list("add_tag"));
    made.remove_tag_ = templates_of(from.list("remove_tag"));
    return made;
}

decoration decoration::for_input(const settings& from) {
    decoration made;
    made.type_ = from.text("type");
    made.add_tag_ = templates_of(from.list("tags"));
    made.read_additions(from.hash("add_field"));
    return made;
}

bool decoration::is_empty() const noexcept {
    return type_.empty() && add_field_.empty() && remove_field_.empty() && add_tag_.empty() &&
           remove_tag_.empty();
}

bool decoration::add_value(event& to, const field_reference& at, const value& item) {
    value* held = to.get(at);
    if (held == nullptr) {
        return to.set(at, item);
    }
    // Into a list of its own: the old one may be shared with another field.
    value list = value::new_array(to.memory());
    if (held->is(value_kind::array)) {
        for (const value& each : held->as_array()) {
            list.as_array().push_back(to.memory(), each);
        }
    } else if (!held->is_nil()) {
        list.as_array().push_back(to.memory(), *held);
    }
    list.as_array().push_back(to.memory(), item);
    return to.set(at, list);
}

std::string decoration::apply(event& to) const {
    if (!type_.empty() && to.get("type") == nullptr) {
        to.set("type", value::of(to.memory().copy(type_)));
    }
    std::optional<field_reference> scratch;
    for (const field_addition& each : add_field_) {
        const field_reference* at = each.at.resolve(to, scratch);
        if (at == nullptr) {
            return "add_field has no legal field reference in \"" + each.at.text(to) + "\"";
        }
        for (const sprintf_template& form : each.values) {
            if (!add_value(to, *at, string_of(to, form))) {
                return "add_field cannot set " + at->text();
            }
        }
    }
    for (const field_name& each : remove_field_) {
        const field_reference* at = each.resolve(to, scratch);
        if (at == nullptr) {
            return "remove_field has no legal field reference in \"" + each.text(to) + "\"";
        }
        to.remove(*at);
    }
    append_tags(to, add_tag_);
    remove_tags(to, remove_tag_);
    return {};
}

std::vector<std::string> decoration::problems() const {
    std::vector<std::string> found;
    for (const field_addition& each : add_field_) {
        collect_problem(each.at.problem(), found);
        if (each.is_wrong) {
            found.push_back("add_field takes strings, numbers and arrays of them");
        }
        for (const sprintf_template& form : each.values) {
            collect_problem(form.problem(), found);
        }
    }
    for (const field_name& each : remove_field_) {
        collect_problem(each.problem(), found);
    }
    for (const auto* list : {&add_tag_, &remove_tag_}) {
        for (const sprintf_template& form : *list) {
            collect_problem(form.problem(), found);
        }
    }
    return found;
}

} // namespace logboom
