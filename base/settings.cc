// Turns given values into typed ones by their table, and says in sentences what does not fit.
#include "base/settings.h"

#include "base/assertion.h"
#include "base/edit_distance.h"
#include "base/secrets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace logboom {
namespace {

std::string bounds_text(const setting& spec) {
    if (std::isfinite(spec.min) && std::isfinite(spec.max)) {
        return fmt::format("between {} and {}", spec.min, spec.max);
    }
    return std::isfinite(spec.min) ? fmt::format("at least {}", spec.min)
                                   : fmt::format("at most {}", spec.max);
}

std::string check_bounds(const setting& spec, double value, const std::string& text) {
    if (value >= spec.min && value <= spec.max) {
        return {};
    }
    const char* unit = spec.type == setting_type::duration ? " s" : "";
    return fmt::format("must be {}{}, not \"{}\"", bounds_text(spec), unit, text);
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto at = text.find_first_of(separators);
        const auto part = text.substr(0, at);
        if (!part.empty()) {
            parts.emplace_back(part);
        }
        if (at == std::string_view::npos) {
            break;
        }
        text.remove_prefix(at + 1);
    }
    return parts;
}

bool is_scalar(const config_value& value) {
    return value.data.index() < 4;
}

void join_into(
    config_value::hash& into,
    const std::string& key,
    const source_position& key_where,
    const config_value& value
) {
    const auto found =
        std::find_if(into.begin(), into.end(), [&](const auto& entry) { return entry.key == key; });
    if (found == into.end()) {
        into.push_back({key, value, key_where});
        return;
    }
    config_value::array both;
    if (auto* existing = std::get_if<config_value::array>(&found->value.data)) {
        both = *existing;
    } else {
        both.push_back(found->value);
    }
    if (const auto* more = std::get_if<config_value::array>(&value.data)) {
        both.insert(both.end(), more->begin(), more->end());
    } else {
        both.push_back(value);
    }
    found->value.data = std::move(both);
}

std::string to_hash(const config_value& value, config_value::hash& into) {
    if (const auto* hash = std::get_if<config_value::hash>(&value.data)) {
        for (const config_entry& each : *hash) {
            join_into(into, each.key, each.where, each.value);
        }
        return {};
    }
    const auto* array = std::get_if<config_value::array>(&value.data);
    if (array == nullptr || array->size() % 2 != 0) {
        return "must be a hash, { \"key\" => \"value\" }";
    }
    for (std::size_t i = 0; i < array->size(); i += 2) {
        if (!is_scalar((*array)[i])) {
            return "must be a hash, { \"key\" => \"value\" }";
        }
        join_into(into, (*array)[i].scalar_text(), (*array)[i].where, (*array)[i + 1]);
    }
    return {};
}

std::string
to_list(const setting& spec, const config_value& value, std::vector<std::string>& into) {
    if (is_scalar(value)) {
        const std::string text = value.scalar_text();
        if (spec.type == setting_type::list) {
            into = split(text, ", \t");
        } else {
            into.push_back(text);
        }
        return {};
    }
    const auto* array = std::get_if<config_value::array>(&value.data);
    if (array == nullptr) {
        return "must be an array, [\"a\", \"b\"]";
    }
    for (const config_value& each : *array) {
        if (!is_scalar(each)) {
            return "must be an array of plain values";
        }
        into.push_back(each.scalar_text());
    }
    return {};
}

std::string at_place(const source_position& where, const std::string& sentence) {
    const std::string at = where.text();
    return at.empty() ? sentence : at + ": " + sentence;
}

/// Scalars of the types whose text says more than itself. Held is settings::held, which is private.
template <class Held>
std::string convert_text(const setting& spec, const std::string& text, Held& into) {
    switch (spec.type) {
    case setting_type::integer:
    case setting_type::byte_count: {
        const auto number =
            spec.type == setting_type::integer ? parse_integer(text) : parse_byte_count(text);
        if (!number) {
            return spec.type == setting_type::integer
                       ? fmt::format("must be a whole number, not \"{}\"", text)
                       : fmt::format(
                             "must be a size such as 1048576 or \"10 MiB\", not \"{}\"", text
                         );
        }
        into.integer = *number;
        return check_bounds(spec, static_cast<double>(*number), text);
    }
    case setting_type::real: {
        const auto number = parse_real(text);
        if (!number) {
            return fmt::format("must be a number, not \"{}\"", text);
        }
        into.real = *number;
        return check_bounds(spec, *number, text);
    }
    case setting_type::boolean: {
        const auto flag = parse_boolean(text);
        into.flag = flag.value_or(false);
        return flag ? "" : fmt::format("must be true or false, not \"{}\"", text);
    }
    case setting_type::duration: {
        const auto span = parse_duration(text, spec.unit);
        if (!span) {
            return fmt::format("must be a duration such as 5 or \"250 ms\", not \"{}\"", text);
        }
        into.duration = *span;
        return check_bounds(spec, std::chrono::duration<double>(*span).count(), text);
    }
    case setting_type::choice: {
        const auto choices = split(spec.choices, "|");
        return std::find(choices.begin(), choices.end(), text) != choices.end()
                   ? ""
                   : fmt::format("must be one of {}, not \"{}\"", fmt::join(choices, ", "), text);
    }
    default:
        return {};
    }
}

} // namespace

std::string nearest_name(std::string_view name, std::span<const std::string_view> known) {
    std::string_view best;
    // Never all of its letters: what shares nothing is not near.
    const std::size_t few = std::min<std::size_t>(2, name.empty() ? 0 : name.size() - 1);
    std::size_t best_distance = std::max(few, name.size() / 3) + 1;
    for (const std::string_view each : known) {
        const std::size_t distance = edit_distance(name, each);
        if (distance < best_distance) {
            best = each;
            best_distance = distance;
        }
    }
    return std::string(best);
}

settings::settings(std::string owner, std::span<const setting> table)
    : owner_(std::move(owner)), table_(table) {
    for (const setting& spec : table_) {
        if (spec.fallback.empty()) {
            continue;
        }
        held value;
        const std::string wrong = convert(spec, {std::string(spec.fallback), {}}, value);
        LB_ASSERT(wrong.empty());
        values_.emplace(spec.name, std::move(value));
    }
}

const setting* settings::find(std::string_view name) const {
    const auto found = std::find_if(table_.begin(), table_.end(), [&](const setting& each) {
        return each.name == name;
    });
    return found == table_.end() ? nullptr : &*found;
}

void settings::add_problem(const source_position& where, const std::string& sentence) {
    problems_.push_back({without_secrets(at_place(where, sentence)), where});
}

void settings::add_warning(const source_position& where, const std::string& sentence) {
    warnings_.push_back(without_secrets(at_place(where, sentence)));
}

std::string settings::convert(const setting& spec, const config_value& value, held& into) {
    const std::string text = value.scalar_text();
    switch (spec.type) {
    case setting_type::array:
    case setting_type::list:
        return to_list(spec, value, into.list);
    case setting_type::hash:
        if (text.empty() || !is_scalar(value)) {
            return to_hash(value, into.hash);
        }
        return text == "{}" ? "" : "must be a hash, { \"key\" => \"value\" }";
    case setting_type::codec:
        if (const auto* plugin = std::get_if<config_value::plugin>(&value.data)) {
            into.codec = **plugin;
            return {};
        }
        into.codec = plugin_config{text, {}, value.where};
        return text.empty() ? "must be the name of a codec" : "";
    default:
        break;
    }
    if (!is_scalar(value)) {
        const auto* array = std::get_if<config_value::array>(&value.data);
        if (array != nullptr && array->size() == 1 && is_scalar(array->front())) {
            return convert(spec, array->front(), into);
        }
        return fmt::format(
            "must be a single value, not {} {}", array != nullptr ? "an" : "a", value.type_name()
        );
    }
    into.text = text;
    return convert_text(spec, text, into);
}

void settings::set(std::string_view name, const config_value& value) {
    const setting* spec = find(name);
    if (spec == nullptr) {
        std::vector<std::string_view> known;
        for (const setting& each : table_) {
            if (each.state != setting_state::obsolete) {
                known.push_back(each.name);
            }
        }
        const std::string nearest = nearest_name(name, known);
        add_problem(
            value.where,
            fmt::format(
                "Unknown setting '{}' for {}{}",
                name,
                owner_,
                nearest.empty() ? "." : "; did you mean '" + nearest + "'?"
            )
        );
        return;
    }
    switch (spec->state) {
    case setting_state::obsolete:
        add_problem(
            value.where,
            fmt::format("setting '{}' of {} is obsolete: {}", name, owner_, spec->use_instead)
        );
        return;
    case setting_state::renamed:
        add_warning(
            value.where,
            fmt::format(
                "setting '{}' of {} is an old name for '{}'.", name, owner_, spec->use_instead
            )
        );
        set(spec->use_instead, value);
        return;
    case setting_state::not_yet:
        add_warning(
            value.where,
            fmt::format("setting '{}' of {} is accepted but has no effect yet.", name, owner_)
        );
        break;
    case setting_state::no_effect:
        add_warning(
            value.where,
            fmt::format(
                "setting '{}' of {} has no meaning here and is ignored.{}{}",
                name,
                owner_,
                spec->doc.empty() ? "" : " ",
                spec->doc
            )
        );
        break;
    case setting_state::works:
        break;
    }
    held converted;
    const std::string wrong = convert(*spec, value, converted);
    if (!wrong.empty()) {
        if (spec->state == setting_state::no_effect) {
            return;
        }
        add_problem(value.where, fmt::format("setting '{}' of {} {}.", name, owner_, wrong));
        return;
    }
    converted.given = std::make_shared<const config_value>(value);
    converted.where = value.where;
    values_.insert_or_assign(std::string(spec->name), std::move(converted));
}

void settings::finish(const source_position& where) {
    for (const setting& spec : table_) {
        if (spec.required && !has(spec.name)) {
            add_problem(where, fmt::format("{} needs the setting '{}'.", owner_, spec.name));
        }
    }
}

const settings::held& settings::value_of(std::string_view name) const {
    static const held nothing;
    LB_ASSERT(find(name) != nullptr);
    const auto found = values_.find(name);
    return found == values_.end() ? nothing : found->second;
}

bool settings::has(std::string_view name) const {
    LB_ASSERT(find(name) != nullptr);
    return values_.find(name) != values_.end();
}
bool settings::is_given(std::string_view name) const {
    return value_of(name).given != nullptr;
}
const config_value* settings::given(std::string_view name) const {
    return value_of(name).given.get();
}
const std::string& settings::text(std::string_view name) const {
    return value_of(name).text;
}
std::int64_t settings::integer(std::string_view name) const {
    return value_of(name).integer;
}
double settings::real(std::string_view name) const {
    return value_of(name).real;
}
bool settings::flag(std::string_view name) const {
    return value_of(name).flag;
}
std::chrono::nanoseconds settings::duration(std::string_view name) const {
    return value_of(name).duration;
}
const std::vector<std::string>& settings::list(std::string_view name) const {
    return value_of(name).list;
}
const config_value::hash& settings::hash(std::string_view name) const {
    return value_of(name).hash;
}
std::optional<plugin_config> settings::codec(std::string_view name) const {
    return value_of(name).codec;
}
source_position settings::where(std::string_view name) const {
    return value_of(name).where;
}

} // namespace logboom
