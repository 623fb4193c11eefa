// One plugin block after the other: its row, its settings, its codec, then the plugin; every
// mistake is collected.
#include "pipelines/topology/plugin_maker.h"

#include "base/fnv1a.h"
#include "plugin/common_options.h"
#include "plugin/event_filter.h"

#include <fmt/format.h>

#include <algorithm>

namespace logboom::pipelines {
namespace {

/// A hash of what a block says, whatever its layout.
std::uint64_t content_hash(const plugin_config& from, std::uint64_t hash);

std::uint64_t content_hash(const config_value& from, std::uint64_t hash) {
    hash = fnv1a(from.type_name(), hash);
    if (const auto* items = std::get_if<config_value::array>(&from.data)) {
        for (const config_value& each : *items) {
            hash = content_hash(each, hash);
        }
    } else if (const auto* entries = std::get_if<config_value::hash>(&from.data)) {
        for (const config_entry& each : *entries) {
            hash = content_hash(each.value, fnv1a(each.key, hash));
        }
    } else if (const auto* nested = std::get_if<config_value::plugin>(&from.data)) {
        hash = content_hash(**nested, hash);
    }
    return fnv1a(from.scalar_text(), hash);
}

std::uint64_t content_hash(const plugin_config& from, std::uint64_t hash) {
    hash = fnv1a(from.name, hash);
    for (const config_attribute& each : from.attributes) {
        hash = content_hash(each.value, fnv1a(each.name, hash));
    }
    return hash;
}

ecs_mode ecs_of(const settings& options, ecs_mode otherwise) {
    const std::string& text = options.text("ecs_compatibility");
    if (text == "disabled") {
        return ecs_mode::disabled;
    }
    if (text == "v1") {
        return ecs_mode::v1;
    }
    return text == "v8" ? ecs_mode::v8 : otherwise;
}

/// For plugins that have no tag of their own for failures.
constexpr const char* decoration_failure_tag = "_decorationfailure";

/// The line of an error when its plugin said no position itself.
std::string sentence_of(const settings_problem& problem) {
    const std::string at = problem.where.text() + ": ";
    return problem.text.starts_with(at) ? problem.text.substr(at.size()) : problem.text;
}

} // namespace

void plugin_maker::add_error(const source_position& where, std::string sentence) {
    errors_.push_back({where, std::move(sentence), {}});
}

std::unique_ptr<held_settings> plugin_maker::read_settings(
    plugin_kind kind, std::span<const setting> own, const plugin_config& from
) {
    auto made = std::make_unique<held_settings>(
        fmt::format("{} {}", from.name, kind_name(kind)), with_common_options(own, kind)
    );
    for (const config_attribute& each : from.attributes) {
        config_value value = each.value;
        // Messages point at the name of the setting: a value may come from elsewhere.
        value.where = each.where;
        made->values.set(each.name, value);
    }
    made->values.finish(from.where);
    made->values.parse();
    for (const settings_problem& each : made->values.problems()) {
        add_error(each.where, sentence_of(each));
    }
    warnings_.insert(
        warnings_.end(), made->values.warnings().begin(), made->values.warnings().end()
    );
    return made->values.problems().empty() ? std::move(made) : nullptr;
}

/// Why make() made nothing: what it refused at its own place, else the error at the plugin's.
void plugin_maker::add_make_error(
    const source_position& where,
    std::string_view name,
    plugin_kind kind,
    const plugin_options& options,
    const error& why
) {
    for (const settings_problem& each : options.refusals()) {
        add_error(each.where, each.text);
    }
    if (options.refusals().empty()) {
        add_error(where, fmt::format("{} {}: {}.", name, kind_name(kind), why.text()));
    }
}

template <class Plugin>
bool plugin_maker::make_codec(
    plugin_holder<Plugin>& holder,
    bool reads_stream,
    ecs_mode ecs,
    std::shared_ptr<const codec>& made
) {
    auto wanted = holder.options->values.codec("codec");
    if (!wanted) {
        return true;
    }
    const codec_row* row = around_.plugins.find_codec(wanted->name);
    if (row != nullptr && reads_stream && !row->traits.on_streams.empty()) {
        wanted->name = row->traits.on_streams;
        row = around_.plugins.find_codec(wanted->name);
    }
    if (row == nullptr) {
        if (!holder.options->values.is_given("codec")) {
            // A registry without codecs (a test's) makes plugins that need none.
            return true;
        }
        add_error(wanted->where, around_.plugins.explain_missing(plugin_kind::codec, wanted->name));
        return false;
    }
    holder.codec_options = read_settings(plugin_kind::codec, row->table, *wanted);
    if (!holder.codec_options) {
        return false;
    }
    const plugin_options& options = holder.codec_options->values;
    auto codec = row->make({options, ecs_of(options, ecs), around_.log, around_.host_name});
    if (codec.has_error()) {
        add_make_error(wanted->where, wanted->name, plugin_kind::codec, options, codec.error());
        return false;
    }
    made = *std::move(codec);
    return true;
}

std::string
plugin_maker::choose_id(plugin_kind kind, const plugin_config& from, const settings& options) {
    if (options.is_given("id")) {
        const std::string& id = options.text("id");
        if (!ids_.insert(id).second) {
            add_error(options.where("id"), fmt::format("two plugins have the id '{}'.", id));
        }
        return id;
    }
    const std::uint64_t hash = content_hash(from, fnv1a(kind_name(kind)));
    std::string id = fmt::format("{}_{:016x}", from.name, hash);
    for (int twin = 2; !ids_.insert(id).second; ++twin) {
        id = fmt::format("{}_{:016x}_{}", from.name, hash, twin);
    }
    return id;
}

template <class Plugin, class Traits>
std::unique_ptr<plugin_holder<Plugin>> plugin_maker::make(
    const plugin_row<Plugin, plugin_context, Traits>* row,
    plugin_kind kind,
    const plugin_config& from
) {
    if (row == nullptr) {
        add_error(from.where, around_.plugins.explain_missing(kind, from.name));
        return nullptr;
    }
    auto made = std::make_unique<plugin_holder<Plugin>>();
    made->name = from.name;
    made->where = from.where;
    made->options = read_settings(kind, row->table, from);
    if (!made->options) {
        return nullptr;
    }
    const plugin_options& options = made->options->values;
    const ecs_mode ecs = ecs_of(options, pipeline_.ecs);
    std::shared_ptr<const codec> codec;
    bool reads_stream = false;
    if constexpr (std::is_same_v<Traits, input_traits>) {
        reads_stream = row->traits.is_byte_stream;
    }
    if (kind != plugin_kind::filter && !make_codec(*made, reads_stream, ecs, codec)) {
        return nullptr;
    }
    made->id = choose_id(kind, from, options);
    made->series = std::make_shared<plugin_series>(
        around_.counters,
        label_values{pipeline_.id, std::string(kind_name(kind)), from.name, made->id}
    );
    std::size_t count = 1;
    if constexpr (std::is_same_v<Traits, filter_traits>) {
        made->flushes = row->traits.flushes;
        count = row->traits.is_per_worker ? pipeline_.worker_count() : 1;
    }
    const plugin_context context{
        options,
        std::move(codec),
        around_.time,
        around_.counters,
        logger::named(from.name),
        ecs,
        pipeline_.id,
        made->id,
        pipeline_.data_directory,
        around_.host_name,
        kind == plugin_kind::output ? dead_letters_ : nullptr,
        pipeline_.batch_size,
        row->name};
    while (made->instances.size() < count) {
        auto plugin = row->make(context);
        if (plugin.has_error()) {
            add_make_error(from.where, from.name, kind, options, plugin.error());
            return nullptr;
        }
        made->instances.push_back(*std::move(plugin));
    }
    return made;
}

template <class Plugin>
void plugin_maker::add_decorator(
    plugin_holder<Plugin>& to,
    plugin_kind kind,
    decoration what,
    std::vector<std::string> failure_tags
) {
    for (const std::string& each : what.problems()) {
        add_error(to.where, each + ".");
    }
    counter failures(
        around_.counters,
        declared("logboom_pipeline_decoration_failures_total"),
        {pipeline_.id, std::string(kind_name(kind)), to.name, to.id}
    );
    to.common = std::make_unique<decorator>(
        std::move(what),
        std::move(failure_tags),
        std::make_unique<failure_log>(std::move(failures), around_.time, logger::named(to.name))
    );
}

std::unique_ptr<plugin_holder<input>> plugin_maker::make_input(const plugin_config& from) {
    auto made = make(around_.plugins.find_input(from.name), plugin_kind::input, from);
    if (made) {
        add_decorator(
            *made,
            plugin_kind::input,
            decoration::for_input(made->options->values),
            {decoration_failure_tag}
        );
    }
    return made;
}

std::unique_ptr<plugin_holder<filter>> plugin_maker::make_filter(const plugin_config& from) {
    auto made = make(around_.plugins.find_filter(from.name), plugin_kind::filter, from);
    if (made) {
        const settings& options = made->options->values;
        add_decorator(
            *made,
            plugin_kind::filter,
            decoration::for_filter(options),
            failure_tags(options, {decoration_failure_tag})
        );
    }
    return made;
}

std::unique_ptr<plugin_holder<output>> plugin_maker::make_output(const plugin_config& from) {
    const output_row* row = around_.plugins.find_output(from.name);
    auto made = make(row, plugin_kind::output, from);
    if (made && !row->traits.without_codec.empty() && !made->options->values.is_given("codec")) {
        warnings_.push_back(fmt::format("{}: {}", from.where.text(), row->traits.without_codec));
    }
    return made;
}

} // namespace logboom::pipelines
