// The one table of what can stand in a pipeline: inputs, filters, outputs and codecs. A plugin's
// row is declared in its own header (`extern const input_type file_input;`) and named once in
// registry.cc. Tests make registries of their own. Immutable after start-up.
#pragma once

#include "plugin/plugin.h"

#include <string_view>
#include <vector>

namespace logboom::pipelines {

enum class plugin_kind { input, filter, output, codec };
const char* kind_name(plugin_kind kind);

struct plugin_registry {
    std::vector<const input_type*> inputs;
    std::vector<const filter_type*> filters;
    std::vector<const output_type*> outputs;
    std::vector<const codec_type*> codecs;

    /// nullptr when there is none of that name.
    [[nodiscard]] const input_type* find_input(std::string_view name) const;
    [[nodiscard]] const filter_type* find_filter(std::string_view name) const;
    [[nodiscard]] const output_type* find_output(std::string_view name) const;
    [[nodiscard]] const codec_type* find_codec(std::string_view name) const;

    [[nodiscard]] std::vector<std::string_view> names(plugin_kind kind) const;
    /// What to tell the user who asked for a plugin that is not here: Logstash's own that we do not
    /// have yet, the nearest name, or the kind under which it does exist.
    [[nodiscard]] std::string explain_missing(plugin_kind kind, std::string_view name) const;
};

/// Every plugin of this program.
const plugin_registry& standard_plugins();

} // namespace logboom::pipelines
