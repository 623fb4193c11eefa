#include "plugin/common_options.h"

#include <algorithm>

namespace logboom {
namespace {

constexpr setting for_all[] = {
    {.name = "id",
     .doc = "Name of this plugin in metrics and messages; made from its place if unset."},
    {.name = "enable_metric",
     .type = setting_type::boolean,
     .fallback = "true",
     .doc = "What plugins do is always counted.",
     .state = setting_state::no_effect},
    {.name = "ecs_compatibility",
     .type = setting_type::choice,
     .doc = "Field names of the Elastic Common Schema, or Logstash's old ones; default is "
            "pipeline.ecs_compatibility.",
     .choices = "disabled|v1|v8"},
};
constexpr setting for_inputs[] = {
    {.name = "type", .doc = "Put into the field type of each event that has none."},
    {.name = "tags", .type = setting_type::array, .doc = "Added to the tags of each event."},
    {.name = "add_field",
     .type = setting_type::hash,
     .fallback = "{}",
     .doc = "Fields to add to each event; %{field} is filled in."},
    {.name = "codec",
     .type = setting_type::codec,
     .fallback = "plain",
     .doc = "How bytes become events."},
};
constexpr setting for_filters[] = {
    {.name = "add_field",
     .type = setting_type::hash,
     .fallback = "{}",
     .doc = "Fields to add on success; %{field} is filled in."},
    {.name = "remove_field", .type = setting_type::array, .doc = "Fields to remove on success."},
    {.name = "add_tag", .type = setting_type::array, .doc = "Tags to add on success."},
    {.name = "remove_tag", .type = setting_type::array, .doc = "Tags to remove on success."},
    {.name = "periodic_flush",
     .type = setting_type::boolean,
     .fallback = "false",
     .doc = "Filters that hold events back flush them by themselves.",
     .state = setting_state::no_effect},
};
constexpr setting for_outputs[] = {
    {.name = "codec",
     .type = setting_type::codec,
     .fallback = "plain",
     .doc = "How events become bytes."},
    {.name = "workers",
     .type = setting_type::integer,
     .fallback = "1",
     .doc = "Outputs are shared by all workers of the pipeline.",
     .state = setting_state::no_effect},
};

std::span<const setting> rows_of(plugin_kind kind) {
    switch (kind) {
    case plugin_kind::input:
        return for_inputs;
    case plugin_kind::filter:
        return for_filters;
    case plugin_kind::output:
        return for_outputs;
    case plugin_kind::codec:
        return {};
    }
    return {};
}

} // namespace

std::vector<setting> with_common_options(std::span<const setting> own, plugin_kind kind) {
    std::vector<setting> all(own.begin(), own.end());
    for (const auto rows : {rows_of(kind), std::span<const setting>(for_all)}) {
        std::copy_if(rows.begin(), rows.end(), std::back_inserter(all), [&](const setting& row) {
            return std::none_of(own.begin(), own.end(), [&](const setting& each) {
                return each.name == row.name;
            });
        });
    }
    return all;
}

} // namespace logboom
