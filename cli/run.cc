// `logboom run`: one or several pipelines, with Logstash's options.
#include "cli/commands.h"
#include "cli/run_process.h"

namespace logboom::cli {
namespace {

/// An option whose value is one key of logstash.yml.
void add_key(CLI::App& to, run_request& into, const std::string& names, const std::string& doc) {
    const std::string key = names.substr(names.rfind("--") + 2);
    to.add_option_function<std::string>(
        names,
        [&into, key](const std::string& value) { into.options.emplace_back(key, value); },
        doc
    );
}

void add_switch(CLI::App& to, run_request& into, const std::string& names, const std::string& doc) {
    const std::string key = names.substr(names.rfind("--") + 2);
    to.add_flag_callback(
        names, [&into, key] { into.options.emplace_back(key, "true"); }, doc
    );
}

} // namespace

void add_run_options(CLI::App& run, const std::shared_ptr<run_request>& request) {
    run.add_option(
        "-f,--path.config", request->config_paths, "Config files, directories or globs."
    );
    add_key(run, *request, "-e,--config.string", "A config given in place.");
    add_switch(run, *request, "-t,--config.test_and_exit", "Check the config, then exit.");
    add_switch(run, *request, "-r,--config.reload.automatic", "Accepted; not there yet.");
    add_key(run, *request, "--config.reload.interval", "Accepted; not there yet.");
    add_switch(run, *request, "--config.support_escapes", "Decode \\n and the like in strings.");
    add_key(run, *request, "-w,--pipeline.workers", "Threads that filter and write.");
    add_key(run, *request, "-b,--pipeline.batch.size", "Most events an input puts in one batch.");
    add_key(run, *request, "-u,--pipeline.batch.delay", "Accepted; batches do not wait here.");
    add_key(run, *request, "--pipeline.id", "Name of the pipeline.");
    add_key(run, *request, "--pipeline.ecs_compatibility", "disabled, v1 or v8.");
    add_key(run, *request, "--pipeline.ordered", "Accepted; one stream always stays in order.");
    add_switch(run, *request, "--pipeline.unsafe_shutdown", "Accepted.");
    add_key(run, *request, "--path.data", "Where plugins keep their state.");
    add_key(run, *request, "--path.logs", "Accepted; the log goes to stderr.");
    add_key(run, *request, "-n,--node.name", "Name of this instance.");
    add_key(run, *request, "--log.level", "trace, debug, info, warn, error, fatal or off.");
    add_key(run, *request, "--api.enabled", "Answer HTTP requests about metrics (true).");
    add_key(run, *request, "--api.http.host", "Address of the HTTP API.");
    add_key(run, *request, "--api.http.port", "Port of the HTTP API, or a range.");
    add_key(run, *request, "--shutdown_timeout", "Seconds a stop waits for what is under way.");
    run.add_option(
        "--path.settings",
        request->settings_directory,
        "Directory of logstash.yml and pipelines.yml."
    );
}

void add_run(CLI::App& app, action& chosen) {
    auto request = std::make_shared<run_request>();
    CLI::App& run = *app.add_subcommand("run", "Runs pipelines, as logstash does.");
    add_run_options(run, request);
    run.callback([request, &chosen] {
        chosen = [request] {
            stop_signals signals;
            metrics counters;
            const auto files = make_posix_env();
            run_process process(read_run_options(*request, *files), signals, counters);
            return process.run();
        };
    });
}

} // namespace logboom::cli
