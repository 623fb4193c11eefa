// What can stand in a pipeline: the rows of inputs, filters, outputs and codecs. The program's own
// list is pipelines/topology/standard_plugins.cc; tests make registries of their own. Immutable
// after start-up.
#pragma once

#include "plugin/filter.h"
#include "plugin/input.h"
#include "plugin/output.h"

#include <string_view>
#include <vector>

namespace logboom {

struct plugin_registry {
    std::vector<const input_row*> inputs;
    std::vector<const filter_row*> filters;
    std::vector<const output_row*> outputs;
    std::vector<const codec_row*> codecs;

    /// nullptr when there is none of that name.
    [[nodiscard]] const input_row* find_input(std::string_view name) const;
    [[nodiscard]] const filter_row* find_filter(std::string_view name) const;
    [[nodiscard]] const output_row* find_output(std::string_view name) const;
    [[nodiscard]] const codec_row* find_codec(std::string_view name) const;

    [[nodiscard]] std::vector<std::string_view> names(plugin_kind kind) const;
    /// What to tell the user who asked for a plugin that is not here: Logstash's own that we do not
    /// have yet, the nearest name, or the kind under which it does exist.
    [[nodiscard]] std::string explain_missing(plugin_kind kind, std::string_view name) const;
};

} // namespace logboom
