// Merges logstash.yml, pipelines.yml and the command line into the pipelines that are to run.
#include "cli/run_options.h"

#include "cli/data_directory.h"
#include "pipelines/topology/settings_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace logboom::cli {
namespace {

using pipelines::flat_settings;

constexpr auto works = setting_state::works;
constexpr auto not_yet = setting_state::not_yet;
constexpr auto no_effect = setting_state::no_effect;

constexpr setting run_table[] = {
    {.name = "pipeline.id", .fallback = "main", .doc = "Name of the pipeline."},
    {.name = "pipeline.workers",
     .type = setting_type::integer,
     .fallback = "0",
     .doc = "Threads that filter and write; one a core if unset.",
     .min = 0,
     .max = 1024},
    {.name = "pipeline.batch.size",
     .type = setting_type::integer,
     .fallback = "1024",
     .doc = "Most events an input puts in one batch.",
     .min = 1,
     .max = 1'000'000},
    {.name = "pipeline.batch.delay",
     .type = setting_type::duration,
     .doc = "How long a batch may wait to be filled; batches do not wait here.",
     .state = no_effect,
     .unit = "ms"},
    {.name = "pipeline.ecs_compatibility",
     .type = setting_type::choice,
     .fallback = "v8",
     .doc = "Field names of the Elastic Common Schema or Logstash's old ones.",
     .choices = "disabled|v1|v8"},
    {.name = "pipeline.ordered",
     .doc = "One stream always stays in order here.",
     .state = no_effect},
    {.name = "pipeline.unsafe_shutdown",
     .type = setting_type::boolean,
     .doc = "A stop never waits longer than shutdown_timeout.",
     .state = no_effect},
    {.name = "pipeline.separate_logs", .type = setting_type::boolean, .state = not_yet},
    {.name = "pipeline.reloadable", .type = setting_type::boolean, .state = not_yet},
    {.name = "pipeline.plugin_classloaders",
     .type = setting_type::boolean,
     .doc = "There is no Java here.",
     .state = no_effect},
    {.name = "pipeline.buffer.type", .doc = "There is no Java heap here.", .state = no_effect},
    {.name = "path.config",
     .type = setting_type::array,
     .doc = "Config files, directories, globs."},
    {.name = "config.string", .doc = "A config given in place."},
    {.name = "config.test_and_exit",
     .type = setting_type::boolean,
     .fallback = "false",
     .doc = "Check the config, then exit."},
    {.name = "config.support_escapes",
     .type = setting_type::boolean,
     .fallback = "false",
     .doc = "Decode \\n, \\t and the like in strings."},
    {.name = "config.reload.automatic", .type = setting_type::boolean, .state = not_yet},
    {.name = "config.reload.interval", .state = not_yet},
    {.name = "config.debug",
     .type = setting_type::boolean,
     .doc = "A config is never printed to the log.",
     .state = no_effect},
    {.name = "config.field_reference.escape_style", .state = not_yet},
    {.name = "event_api.tags.illegal", .state = not_yet},
    {.name = "path.data", .doc = "Where plugins keep their state."},
    {.name = "path.logs", .doc = "Directory of the file logboom.log; else stderr alone."},
    {.name = "path.plugins", .type = setting_type::array, .state = not_yet},
    {.name = "path.queue", .state = not_yet},
    {.name = "path.dead_letter_queue", .state = not_yet},
    {.name = "log.level",
     .type = setting_type::choice,
     .fallback = "info",
     .doc = "What is logged.",
     .choices = "trace|debug|info|warn|error|fatal|off"},
    {.name = "log.format",
     .type = setting_type::choice,
     .fallback = "plain",
     .doc = "How the log is written.",
     .choices = "plain|json"},
    {.name = "queue.type", .doc = "memory, or persisted (which Kafka does better)."},
    {.name = "queue.drain", .type = setting_type::boolean, .state = not_yet},
    {.name = "queue.max_bytes", .state = not_yet},
    {.name = "queue.max_events", .state = not_yet},
    {.name = "queue.page_capacity", .state = not_yet},
    {.name = "queue.checkpoint.acks", .state = not_yet},
    {.name = "queue.checkpoint.writes", .state = not_yet},
    {.name = "queue.checkpoint.interval", .state = not_yet},
    {.name = "queue.checkpoint.retry", .state = not_yet},
    {.name = "queue.compression", .state = not_yet},
    {.name = "dead_letter_queue.enable",
     .type = setting_type::boolean,
     .doc = "Dead letters are always kept here.",
     .state = no_effect},
    {.name = "dead_letter_queue.max_bytes", .state = not_yet},
    {.name = "dead_letter_queue.flush_interval",
     .doc = "A dead letter is on disk before it counts as delivered.",
     .state = no_effect},
    {.name = "dead_letter_queue.flush_check_interval",
     .doc = "A dead letter is on disk before it counts as delivered.",
     .state = no_effect},
    {.name = "dead_letter_queue.storage_policy", .state = not_yet},
    {.name = "dead_letter_queue.retain.age", .state = not_yet},
    {.name = "allow_superuser",
     .type = setting_type::boolean,
     .fallback = "true",
     .doc = "Root may run pipelines."},
    {.name = "node.name", .doc = "Name of this instance; the host's name if unset."},
    {.name = "http.host", .state = setting_state::renamed, .use_instead = "api.http.host"},
    {.name = "http.port", .state = setting_state::renamed, .use_instead = "api.http.port"},
    {.name = "http.enabled", .state = setting_state::renamed, .use_instead = "api.enabled"},
    {.name = "shutdown_timeout",
     .type = setting_type::duration,
     .fallback = "5",
     .doc = "How long a stop waits for what is under way.",
     .state = works},
};

/// The rows above and those of the API.
const std::vector<setting>& all_rows() {
    static const std::vector<setting> rows = [] {
        std::vector<setting> out(std::begin(run_table), std::end(run_table));
        const auto api = web::api_settings();
        out.insert(out.end(), api.begin(), api.end());
        return out;
    }();
    return rows;
}

ecs_mode ecs_of(const std::string& text) {
    if (text == "disabled") {
        return ecs_mode::disabled;
    }
    return text == "v1" ? ecs_mode::v1 : ecs_mode::v8;
}

/// Families of Logstash's settings that are about its own parts.
bool is_foreign(std::string_view name) {
    constexpr std::string_view families[] = {
        "xpack.",
        "slowlog.",
        "modules",
        "cloud.",
        "metric.",
        "keystore.",
        "monitoring.",
        "otel.",
        "log.format.json.",
        "ssl.reload."};
    constexpr std::string_view single[] = {
        "interactive",
        "node.uuid",
        "pipeline.java_execution",
        "pipeline.system",
        "pipeline.recoverable",
        "pipeline.batch.output_chunking.growth_threshold_factor",
        "pipeline.batch.metrics.sampling_mode",
    };
    return std::any_of(
               std::begin(families),
               std::end(families),
               [&](std::string_view each) { return name.starts_with(each); }
           ) ||
           std::find(std::begin(single), std::end(single), name) != std::end(single);
}

class reader {
  public:
    reader(const run_request& from, env& files) : from_(from), files_(files) {}

    run_options read() {
        if (!from_.settings_directory.empty() && is_missing(from_.settings_directory)) {
            add_warning(fmt::format("--path.settings {}: no directory.", from_.settings_directory));
        }
        flat_settings common = read_file("logstash.yml");
        const bool names_config = !from_.config_paths.empty() || has_option("config.string") ||
                                  has_option("path.config") || has_config(common);
        std::vector<flat_settings> several;
        if (!from_.settings_directory.empty()) {
            several = read_pipelines(names_config);
        }
        if (from_.is_pipeline_each && from_.config_paths.size() > 1) {
            several = pipelines_of_paths();
        }
        if (several.empty()) {
            several.emplace_back();
        }
        for (const flat_settings& own : several) {
            add_pipeline(common, own, several.size() == 1);
        }
        into_.is_bad_usage |=
            !into_.errors.empty() &&
            std::all_of(into_.errors.begin(), into_.errors.end(), [](const conf::problem& each) {
                return each.text().starts_with("--");
            });
        return std::move(into_);
    }

  private:
    // logstash.yml is read once for each pipeline; what it says wrong is said once.
    void add_error(const std::string& text, const source_position& where = {}) {
        for (const conf::problem& each : into_.errors) {
            if (each.sentence == text) {
                return;
            }
        }
        into_.errors.push_back({where, text, {}});
    }
    void add_warning(const std::string& text) {
        if (std::find(into_.warnings.begin(), into_.warnings.end(), text) == into_.warnings.end()) {
            into_.warnings.push_back(text);
        }
    }

    [[nodiscard]] bool has_option(std::string_view name) const {
        for (const given_option& each : from_.options) {
            if (each.first == name) {
                return true;
            }
        }
        return false;
    }

    /// What is there and may not be read is for the reading to complain of.
    [[nodiscard]] bool is_missing(const std::string& path) const {
        const auto found = files_.permissions(path);
        return found.has_error() && (found.error().code == std::errc::no_such_file_or_directory ||
                                     found.error().code == std::errc::not_a_directory);
    }

    flat_settings read_file(const std::string& name) {
        const std::string path = join_path(from_.settings_directory, name);
        if (from_.settings_directory.empty() || is_missing(path)) {
            return {};
        }
        auto settings = pipelines::read_settings_file(files_, path);
        if (settings.has_error()) {
            into_.errors.push_back({{}, settings.error().text() + ".", {}});
            return {};
        }
        return *std::move(settings);
    }

    static bool has_config(const flat_settings& in) {
        return std::any_of(in.begin(), in.end(), [](const config_attribute& each) {
            return each.name == "path.config" || each.name == "config.string";
        });
    }

    std::vector<flat_settings> read_pipelines(bool names_config) {
        const std::string path = join_path(from_.settings_directory, "pipelines.yml");
        if (is_missing(path)) {
            return {};
        }
        if (names_config) {
            add_warning(path + " is not read, as a config is named elsewhere.");
            return {};
        }
        auto settings = pipelines::read_pipelines_file(files_, path);
        if (settings.has_error()) {
            into_.errors.push_back({{}, settings.error().text() + ".", {}});
            return {};
        }
        return *std::move(settings);
    }

    /// After its file or directory: a directory of dead letters has this name, too.
    static std::string id_of(const std::string& path) {
        const std::filesystem::path named = std::filesystem::path(path).lexically_normal();
        const std::filesystem::path last = named.has_filename() ? named : named.parent_path();
        const std::string id = last.stem().string();
        return id.empty() || id == "." || id == ".." ? "main" : id;
    }

    [[nodiscard]] std::vector<flat_settings> pipelines_of_paths() const {
        std::vector<flat_settings> out;
        std::set<std::string> used;
        for (const std::string& path : from_.config_paths) {
            const std::string stem = id_of(path);
            std::string id = stem;
            for (int count = 2; !used.insert(id).second; ++count) {
                id = fmt::format("{}-{}", stem, count);
            }
            out.push_back(
                {{"pipeline.id", config_value{id, {}}, {}},
                 {"path.config", config_value{path, {}}, {}}}
            );
        }
        return out;
    }

    void add_pipeline(const flat_settings& common, const flat_settings& own, bool is_only) {
        settings values("logstash.yml", all_rows());
        for (const flat_settings* each : {&common, &own}) {
            for (const config_attribute& one : *each) {
                if (is_foreign(one.name)) {
                    add_warning(fmt::format(
                        "{}: setting '{}' of logstash.yml has no effect here.",
                        one.where.text(),
                        one.name
                    ));
                    continue;
                }
                config_value value = one.value;
                value.where = one.where;
                values.set(one.name, value);
            }
        }
        for (const given_option& each : from_.options) {
            values.set(each.first, {each.second, {"--" + each.first, 0, 0}});
        }
        for (const settings_problem& each : values.problems()) {
            add_error(each.text);
        }
        for (const std::string& each : values.warnings()) {
            add_warning(each);
        }
        if (values.problems().empty()) {
            take_process_settings(values);
            take_pipeline_settings(values, is_only);
        }
    }

    void take_process_settings(const settings& values) {
        into_.is_check_only = values.flag("config.test_and_exit");
        parse_log_level(values.text("log.level"), into_.log.level);
        parse_log_format(values.text("log.format"), into_.log.format);
        into_.log.directory = values.text("path.logs");
        if (values.text("queue.type") == "persisted") {
            add_warning("queue.type persisted is not there: acks reach back to the source, so "
                        "nothing is lost without it; queue in Kafka what must be queued on disk.");
        }
        if (from_.is_superuser && !values.flag("allow_superuser")) {
            add_error(
                "root may run no pipelines: allow_superuser is false.",
                values.where("allow_superuser")
            );
        }
        into_.node_name = values.text("node.name");
        auto api = web::read_api_options(values);
        for (const settings_problem& each : api.errors) {
            add_error(each.text, each.where);
        }
        for (const std::string& each : api.warnings) {
            add_warning(each);
        }
        into_.api = std::move(api.server);
    }

    void take_pipeline_settings(const settings& values, bool is_only) {
        pipeline_request made;
        made.settings.id = values.text("pipeline.id");
        made.settings.workers = static_cast<std::size_t>(values.integer("pipeline.workers"));
        made.settings.batch_size = static_cast<std::size_t>(values.integer("pipeline.batch.size"));
        made.settings.ecs = ecs_of(values.text("pipeline.ecs_compatibility"));
        made.settings.support_escapes = values.flag("config.support_escapes");
        made.settings.drain_limit = values.duration("shutdown_timeout");
        made.settings.is_check_only = values.flag("config.test_and_exit");
        made.settings.data_directory =
            values.is_given("path.data") ? values.text("path.data") : default_data_directory();
        made.paths = is_only ? from_.config_paths : std::vector<std::string>{};
        if (made.paths.empty()) {
            made.paths = values.list("path.config");
        }
        if (values.is_given("config.string")) {
            made.text = values.text("config.string");
            made.settings.has_default_sections = true;
        }
        check_config_is_named(made, is_only);
        for (const pipeline_request& each : into_.pipelines) {
            if (each.settings.id == made.settings.id) {
                into_.errors.push_back(
                    {{}, fmt::format("two pipelines have the id '{}'.", each.settings.id), {}}
                );
            }
        }
        into_.pipelines.push_back(std::move(made));
    }

    void check_config_is_named(const pipeline_request& made, bool is_only) {
        if (made.text.has_value() == !made.paths.empty()) {
            // A file of settings that cannot be read is enough to say.
            if (!into_.errors.empty()) {
                return;
            }
            into_.is_bad_usage = is_only;
        }
        if (made.text && !made.paths.empty()) {
            add_error("a config is given in place (-e) and by path (-f): leave one of them out.");
        } else if (!made.text && made.paths.empty()) {
            add_error(
                is_only ? "no config is given: name a file with -f, or write it in place with -e."
                        : fmt::format(
                              "pipeline '{}' has neither path.config nor config.string.",
                              made.settings.id
                          )
            );
        }
    }

    const run_request& from_;
    env& files_;
    run_options into_;
};

} // namespace

run_options read_run_options(const run_request& from, env& files) {
    return reader(from, files).read();
}

} // namespace logboom::cli
