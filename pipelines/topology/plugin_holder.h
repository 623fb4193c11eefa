// A plugin of a pipeline with what must live as long as it: its table, its settings, its codec's
// settings. Made by plugin_maker, owned by the program.
#pragma once

#include "base/metric_list.h"
#include "plugin/decorator.h"
#include "plugin/registry.h"

#include <memory>

namespace logboom::pipelines {

/// A table and the values for it; stays where it is, as plugins keep references.
struct held_settings {
    held_settings(std::string owner, std::vector<setting> rows)
        : table(std::move(rows)), values(std::move(owner), table) {}
    held_settings(const held_settings&) = delete;
    held_settings& operator=(const held_settings&) = delete;

    const std::vector<setting> table;
    plugin_options values;
};

/// What is counted of every plugin. Shared with the tokens of what an output has not settled yet.
struct plugin_series {
    plugin_series(metrics& registry, const label_values& labels)
        : events_in(registry, declared("logboom_pipeline_plugin_events_in_total"), labels)
        , events_out(registry, declared("logboom_pipeline_plugin_events_out_total"), labels)
        , events_failed(registry, declared("logboom_pipeline_plugin_events_failed_total"), labels)
        , busy(registry, declared("logboom_pipeline_plugin_busy_seconds_total"), labels) {}

    counter events_in;
    counter events_out;
    counter events_failed;
    counter busy;
};

template <class Plugin>
struct plugin_holder {
    std::string name;
    std::string id;
    source_position where;
    std::unique_ptr<held_settings> options;
    std::unique_ptr<held_settings> codec_options;
    /// Inputs and filters have one.
    std::unique_ptr<const decorator> common;
    std::shared_ptr<const plugin_series> series;
    /// One, or one for each worker (filter_traits::is_per_worker).
    std::vector<std::unique_ptr<Plugin>> instances;
    /// filter_traits::flushes.
    bool flushes = false;

    [[nodiscard]] Plugin& plugin(std::size_t worker = 0) const {
        return *instances[instances.size() == 1 ? 0 : worker];
    }
};

} // namespace logboom::pipelines
