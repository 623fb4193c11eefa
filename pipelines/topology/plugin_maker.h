// Turns the plugin blocks of a config into plugins: finds the row, checks the settings, makes the
// codec and then the plugin. Collects every problem and warning instead of stopping at the first.
// Lives for one load.
#pragma once

#include "pipelines/conf/problem.h"
#include "pipelines/conf/source.h"
#include "pipelines/topology/pipeline_settings.h"
#include "pipelines/topology/plugin_holder.h"

#include <set>

namespace logboom::pipelines {

class plugin_maker {
  public:
    plugin_maker(
        const pipeline_settings& pipeline,
        const pipeline_environment& around,
        conf::problems& errors,
        std::vector<std::string>& warnings
    )
        : pipeline_(pipeline), around_(around), errors_(errors), warnings_(warnings) {}

    /// nullptr when something is wrong, which is then in the errors.
    std::unique_ptr<plugin_holder<input>> make_input(const plugin_config& from);
    std::unique_ptr<plugin_holder<filter>> make_filter(const plugin_config& from);
    std::unique_ptr<plugin_holder<output>> make_output(const plugin_config& from);

    /// For the outputs made from now on.
    void set_dead_letters(dead_letter_queue* into) { dead_letters_ = into; }

  private:
    template <class Plugin, class Traits>
    std::unique_ptr<plugin_holder<Plugin>> make(
        const plugin_row<Plugin, plugin_context, Traits>* row,
        plugin_kind kind,
        const plugin_config& from
    );
    std::unique_ptr<held_settings>
    read_settings(plugin_kind kind, std::span<const setting> own, const plugin_config& from);
    template <class Plugin>
    bool make_codec(
        plugin_holder<Plugin>& holder,
        bool reads_stream,
        ecs_mode ecs,
        std::shared_ptr<const codec>& made
    );
    template <class Plugin>
    void add_decorator(
        plugin_holder<Plugin>& to,
        plugin_kind kind,
        decoration what,
        std::vector<std::string> failure_tags
    );
    std::string choose_id(plugin_kind kind, const plugin_config& from, const settings& options);
    void add_make_error(
        const source_position& where,
        std::string_view name,
        plugin_kind kind,
        const plugin_options& options,
        const error& why
    );
    void add_error(const source_position& where, std::string sentence);

    const pipeline_settings& pipeline_;
    const pipeline_environment& around_;
    conf::problems& errors_;
    std::vector<std::string>& warnings_;
    dead_letter_queue* dead_letters_ = nullptr;
    std::set<std::string> ids_;
};

} // namespace logboom::pipelines
