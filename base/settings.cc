#include "base/settings.h"

#include "base/assertion.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace logboom {
namespace {

struct unit_entry {
    std::string_view name;
    double size;
};

constexpr double second_ns = 1e9;
constexpr unit_entry duration_units[] = {
    {"us", 1e3},         {"usec", 1e3},         {"usecs", 1e3},         {"ms", 1e6},
    {"msec", 1e6},       {"msecs", 1e6},        {"s", second_ns},       {"sec", second_ns},
    {"secs", second_ns}, {"second", second_ns}, {"seconds", second_ns}, {"m", 60e9},
    {"min", 60e9},       {"mins", 60e9},        {"minute", 60e9},       {"minutes", 60e9},
    {"h", 3600e9},       {"hour", 3600e9},      {"hours", 3600e9},      {"d", 86400e9},
    {"day", 86400e9},    {"days", 86400e9},     {"w", 604800e9},        {"week", 604800e9},
    {"weeks", 604800e9},
};
constexpr unit_entry byte_units[] = {
    {"", 1},
    {"b", 1},
    {"k", 1024},
    {"kb", 1024},
    {"kib", 1024},
    {"m", 1048576},
    {"mb", 1048576},
    {"mib", 1048576},
    {"g", 1073741824},
    {"gb", 1073741824},
    {"gib", 1073741824},
    {"t", 1099511627776.0},
    {"tb", 1099511627776.0},
    {"tib", 1099511627776.0},
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return out;
}

/// Number and the unit after it; nullopt when there is no number at the front.
std::optional<std::pair<double, std::string>> split_number(std::string_view given) {
    const std::string_view text = trimmed(given);
    double number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || !std::isfinite(number)) {
        return std::nullopt;
    }
    const auto used = static_cast<std::size_t>(end - text.data());
    return std::pair{number, lower(trimmed(text.substr(used)))};
}

std::optional<std::int64_t> parse_integer(std::string_view given) {
    const std::string_view text = trimmed(given);
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code == std::errc{} && end == text.data() + text.size()) {
        return number;
    }
    double real = 0;
    const auto [real_end, real_code] =
        std::from_chars(text.data(), text.data() + text.size(), real);
    constexpr double integer_limit = 9e18;
    if (real_code == std::errc{} && real_end == text.data() + text.size() &&
        real == std::trunc(real) && std::abs(real) < integer_limit) {
        return static_cast<std::int64_t>(real);
    }
    return std::nullopt;
}

std::optional<double> parse_real(std::string_view given) {
    const auto parts = split_number(given);
    if (!parts || !parts->second.empty()) {
        return std::nullopt;
    }
    return parts->first;
}

std::string bounds_text(const setting& spec) {
    if (std::isfinite(spec.min) && std::isfinite(spec.max)) {
        return fmt::format("between {} and {}", spec.min, spec.max);
    }
    return std::isfinite(spec.min) ? fmt::format("at least {}", spec.min)
                                   : fmt::format("at most {}", spec.max);
}

std::string check_bounds(const setting& spec, double value) {
    return value < spec.min || value > spec.max ? "must be " + bounds_text(spec) : std::string{};
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto at = text.find_first_of(separators);
        const auto part = trimmed(text.substr(0, at));
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

void join_into(config_value::hash& into, const std::string& key, const config_value& value) {
    const auto found =
        std::find_if(into.begin(), into.end(), [&](const auto& entry) { return entry.key == key; });
    if (found == into.end()) {
        into.push_back({key, value});
        return;
    }
    config_value::array both;
    if (auto* existing = std::get_if<config_value::array>(&found->value.data)) {
        both = *existing;
    } else {
        both.push_back(found->value);
    }
    both.push_back(value);
    found->value.data = std::move(both);
}

std::string to_hash(const config_value& value, config_value::hash& into) {
    if (const auto* hash = std::get_if<config_value::hash>(&value.data)) {
        for (const auto& [key, each] : *hash) {
            join_into(into, key, each);
        }
        return {};
    }
    const auto* array = std::get_if<config_value::array>(&value.data);
    if (array == nullptr || array->size() % 2 != 0) {
        return "must be a hash, { \"key\" => \"value\" }";
    }
    for (std::size_t i = 0; i < array->size(); i += 2) {
        join_into(into, (*array)[i].scalar_text(), (*array)[i + 1]);
    }
    return {};
}

std::string
to_list(const setting& spec, const config_value& value, std::vector<std::string>& into) {
    if (is_scalar(value)) {
        const std::string text = value.scalar_text();
        if (spec.type == setting_type::list) {
            into = split(text, ", ");
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

std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
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
        return check_bounds(spec, static_cast<double>(*number));
    }
    case setting_type::real: {
        const auto number = parse_real(text);
        if (!number) {
            return fmt::format("must be a number, not \"{}\"", text);
        }
        into.real = *number;
        return check_bounds(spec, *number);
    }
    case setting_type::boolean:
        into.flag = text == "true";
        return text == "true" || text == "false"
                   ? ""
                   : fmt::format("must be true or false, not \"{}\"", text);
    case setting_type::duration: {
        const auto span = parse_duration(text, spec.unit);
        if (!span) {
            return fmt::format("must be a duration such as 5 or \"250 ms\", not \"{}\"", text);
        }
        into.duration = *span;
        return check_bounds(spec, std::chrono::duration<double>(*span).count());
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

std::optional<std::chrono::nanoseconds>
parse_duration(std::string_view text, std::string_view unit) {
    auto parts = split_number(text);
    if (!parts || parts->first < 0) {
        return std::nullopt;
    }
    const std::string_view name = parts->second.empty() ? unit : std::string_view(parts->second);
    for (const unit_entry& each : duration_units) {
        if (each.name == name) {
            const double count = parts->first * each.size;
            constexpr double duration_limit = 9.2e18;
            return std::chrono::nanoseconds(
                static_cast<std::int64_t>(std::min(count, duration_limit))
            );
        }
    }
    return std::nullopt;
}

std::optional<std::int64_t> parse_byte_count(std::string_view text) {
    const auto parts = split_number(text);
    if (!parts || parts->first < 0) {
        return std::nullopt;
    }
    constexpr double byte_limit = 9.2e18;
    for (const unit_entry& each : byte_units) {
        if (each.name == parts->second && parts->first * each.size < byte_limit) {
            return static_cast<std::int64_t>(parts->first * each.size);
        }
    }
    return std::nullopt;
}

std::string nearest_name(std::string_view name, std::span<const std::string_view> known) {
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
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

void settings::add_problem(const source_position& where, std::string sentence) {
    const std::string at = where.text();
    problems_.push_back({at.empty() ? sentence : at + ": " + sentence, where});
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
        return fmt::format("must be a single value, not a {}", value.type_name());
    }
    into.text = text;
    return convert_text(spec, text, into);
}

void settings::set(std::string_view name, const config_value& value) {
    const setting* spec = find(name);
    if (spec == nullptr) {
        std::vector<std::string_view> known;
        for (const setting& each : table_) {
            known.push_back(each.name);
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
        warnings_.push_back(fmt::format(
            "{}: setting '{}' of {} is an old name for '{}'.",
            value.where.text(),
            name,
            owner_,
            spec->use_instead
        ));
        set(spec->use_instead, value);
        return;
    case setting_state::not_yet:
        warnings_.push_back(fmt::format(
            "{}: setting '{}' of {} is accepted but has no effect yet.",
            value.where.text(),
            name,
            owner_
        ));
        break;
    case setting_state::no_effect:
        warnings_.push_back(fmt::format(
            "{}: setting '{}' of {} has no meaning here and is ignored.{}{}",
            value.where.text(),
            name,
            owner_,
            spec->doc.empty() ? "" : " ",
            spec->doc
        ));
        break;
    case setting_state::works:
        break;
    }
    held converted;
    const std::string wrong = convert(*spec, value, converted);
    if (!wrong.empty()) {
        add_problem(value.where, fmt::format("setting '{}' of {} {}.", name, owner_, wrong));
        return;
    }
    converted.given = true;
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
    return value_of(name).given;
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
