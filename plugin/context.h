// What a plugin is made from. Settings and codecs are checked and made before a plugin is.
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "plugin/options.h"

#include <memory>
#include <span>
#include <string>

namespace logboom {

class codec;
class dead_letter_queue;

enum class plugin_kind { input, filter, output, codec };
/// "input", ...
const char* kind_name(plugin_kind kind);

enum class ecs_mode { disabled, v1, v8 };

/// What inputs, filters and outputs get. References outlive the plugin.
struct plugin_context {
    const plugin_options& options;
    /// From the codec setting; null when the plugin has none.
    std::shared_ptr<const logboom::codec> codec;
    clock& time;
    metrics& counters;
    logger log;
    ecs_mode ecs = ecs_mode::v8;
    std::string pipeline_id;
    /// The id setting, or one made from position and content, the same on every start.
    std::string plugin_id;
    /// Where state lives (path.data); exists.
    std::string data_directory;
    std::string host_name;
    /// For outputs: where events go that can never be stored. Never null for an output.
    dead_letter_queue* dead_letters = nullptr;
    /// Most events an input should put in one batch (pipeline.batch.size).
    std::size_t batch_size_max = 1024;
    /// The row's name, for messages and labels.
    std::string_view plugin_name = {};

    /// What the series of a plugin are labelled with: `pipeline`, `plugin`, `id`.
    [[nodiscard]] label_values labels() const {
        return {pipeline_id, std::string(plugin_name), plugin_id};
    }
};

struct codec_context {
    const plugin_options& options;
    ecs_mode ecs = ecs_mode::v8;
    logger log;
    std::string host_name;
};

/// A plugin by its name, its options, how to make it, and what sets it apart from others of its
/// kind. Where the pipeline must treat a plugin in a way of its own, it asks a trait and never a
/// name. make() fails only for what the table cannot say (options that
/// exclude one another, a file that is missing), and touches nothing outside: `logboom run -t`
/// calls it too. Options that every plugin of a kind has are no rows of a plugin's table
/// (plugin/common_options.h).
template <class Plugin, class Context, class Traits>
struct plugin_row {
    std::string_view name;
    std::span<const setting> table;
    result<std::unique_ptr<Plugin>> (*make)(const Context& context) = nullptr;
    Traits traits = {};
};

} // namespace logboom
