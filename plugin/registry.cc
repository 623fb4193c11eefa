#include "plugin/registry.h"

#include "plugin/logstash_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace logboom {
namespace {

template <class Type>
const Type* find_in(const std::vector<const Type*>& rows, std::string_view name) {
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const Type* each) {
        return each->name == name;
    });
    return found == rows.end() ? nullptr : *found;
}

template <class Type>
std::vector<std::string_view> names_of(const std::vector<const Type*>& rows) {
    std::vector<std::string_view> names;
    for (const Type* each : rows) {
        names.push_back(each->name);
    }
    return names;
}

bool contains(std::span<const std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

const input_row* plugin_registry::find_input(std::string_view name) const {
    return find_in(inputs, name);
}
const filter_row* plugin_registry::find_filter(std::string_view name) const {
    return find_in(filters, name);
}
const output_row* plugin_registry::find_output(std::string_view name) const {
    return find_in(outputs, name);
}
const codec_row* plugin_registry::find_codec(std::string_view name) const {
    return find_in(codecs, name);
}

std::vector<std::string_view> plugin_registry::names(plugin_kind kind) const {
    switch (kind) {
    case plugin_kind::input:
        return names_of(inputs);
    case plugin_kind::filter:
        return names_of(filters);
    case plugin_kind::output:
        return names_of(outputs);
    case plugin_kind::codec:
        return names_of(codecs);
    }
    return {};
}

std::string plugin_registry::explain_missing(plugin_kind kind, std::string_view name) const {
    const char* const what = kind_name(kind);
    if (contains(logstash_names(kind), name)) {
        return fmt::format(
            "Logstash has the {0} '{1}', logboom does not have it yet; there are: {2}.",
            what,
            name,
            fmt::join(names(kind), ", ")
        );
    }
    const auto known = names(kind);
    const std::string nearest = nearest_name(name, known);
    if (!nearest.empty()) {
        return fmt::format("there is no {} '{}'; did you mean '{}'?", what, name, nearest);
    }
    for (const auto other :
         {plugin_kind::input, plugin_kind::filter, plugin_kind::output, plugin_kind::codec}) {
        if (contains(names(other), name)) {
            const bool has_vowel = other == plugin_kind::input || other == plugin_kind::output;
            return fmt::format(
                "there is no {0} '{1}'; '{1}' is {2} {3}.",
                what,
                name,
                has_vowel ? "an" : "a",
                kind_name(other)
            );
        }
    }
    return fmt::format("there is no {} '{}'; there are: {}.", what, name, fmt::join(known, ", "));
}

} // namespace logboom
