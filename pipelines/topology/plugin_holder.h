// A plugin of a pipeline with what must live as long as it: its table, its settings, its codec's
// settings. Made by plugin_maker, owned by the program.
#pragma once

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

template <class Plugin>
struct plugin_holder {
    std::string name;
    std::string id;
    source_position where;
    std::unique_ptr<held_settings> options;
    std::unique_ptr<held_settings> codec_options;
    /// Inputs and filters have one.
    std::unique_ptr<const decorator> common;
    /// Events that went in and came out (the same but for filters).
    counter* events_in = nullptr;
    counter* events_out = nullptr;
    std::unique_ptr<Plugin> plugin;
    /// filter_traits::flushes.
    bool flushes = false;
};

} // namespace logboom::pipelines
