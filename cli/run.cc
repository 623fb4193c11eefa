// `logboom run`: one or several pipelines, with Logstash's options.
#include "cli/api_host.h"
#include "cli/commands.h"
#include "cli/run_process.h"

#include <unistd.h>

namespace logboom::cli {
namespace {

/// An option whose value is one key of logstash.yml.
void add_key(command_line to, run_request& into, const std::string& names, const std::string& doc) {
    const std::string key = names.substr(names.rfind("--") + 2);
    // Of two the last one counts, as for logstash.
    to.add_option(
          names,
          [&into, key](const std::string& value) { into.options.emplace_back(key, value); },
          doc
    )
        .take_last();
}

void add_switch(
    command_line to, run_request& into, const std::string& names, const std::string& doc
) {
    const std::string key = names.substr(names.rfind("--") + 2);
    to.add_flag(
        names, [&into, key] { into.options.emplace_back(key, "true"); }, doc
    );
}

/// What logstash has besides.
constexpr refused_option run_refused[] = {
    {"--modules,-M,--setup", "modules went with Logstash 8; write the pipeline"},
    {"--cloud.id,--cloud.auth", "they are for modules; give the elasticsearch output its hosts"},
    {"-i,--interactive", "it is a Ruby shell"},
    {"--verbose,--debug,--quiet", "use --log.level info, debug or error"},
    {"--config.debug", "use --log.level debug; -t names every mistake with its place"},
    {"--field-reference-parser,--field-reference-escape-style",
     "field references are always strict here"},
    {"--enable-local-plugin-development", "Ruby's plugins cannot be loaded"},
    {"--plugin-classloaders", "Ruby's plugins cannot be loaded"},
    {"--http.enabled,--http.host,--http.port",
     "use --api.enabled, --api.http.host, --api.http.port"},
    {"--version", "logboom version prints it"},
};

} // namespace

void add_run_options(command_line run, const std::shared_ptr<run_request>& request) {
    request->is_superuser = ::geteuid() == 0;
    run.refuse(run_refused);
    run.add_option("-f,--path.config", request->config_paths, "config files, directories or globs");
    add_key(run, *request, "-e,--config.string", "a config given in place");
    add_switch(run, *request, "-t,--config.test_and_exit", "check the config, then exit");
    add_switch(
        run, *request, "-r,--config.reload.automatic", "accepted; a restart takes a new config"
    );
    add_key(run, *request, "--config.reload.interval", "accepted; a restart takes a new config");
    add_switch(run, *request, "--config.support_escapes", "decode \\n and the like in strings");
    add_key(run, *request, "-w,--pipeline.workers", "threads that filter and write");
    add_key(run, *request, "-b,--pipeline.batch.size", "most events an input puts in one batch");
    add_key(run, *request, "-u,--pipeline.batch.delay", "accepted; batches do not wait here");
    add_key(run, *request, "--pipeline.id", "name of the pipeline");
    add_key(run, *request, "--pipeline.ecs_compatibility", "disabled, v1 or v8");
    add_key(run, *request, "--pipeline.ordered", "accepted; one stream always stays in order");
    add_switch(
        run,
        *request,
        "--pipeline.unsafe_shutdown",
        "accepted; a stop never waits longer than --shutdown_timeout"
    );
    add_key(run, *request, "--path.data", "where plugins keep their state");
    add_key(run, *request, "-l,--path.logs", "directory of a log file, logboom.log");
    add_key(run, *request, "-p,--path.plugins", "accepted; Ruby's plugins cannot be loaded");
    add_key(run, *request, "-n,--node.name", "name of this instance");
    add_key(run, *request, "--log.level", "trace, debug, info, warn, error, fatal or off");
    add_key(run, *request, "--log.format", "plain or json");
    add_api_options(run, request->options);
    add_key(run, *request, "--shutdown_timeout", "seconds a stop waits for what is under way");
    run.add_option(
           "--path.settings",
           request->settings_directory,
           "directory of logstash.yml and pipelines.yml"
    )
        .take_last();
}

void add_run(command_line program) {
    auto request = std::make_shared<run_request>();
    command_line run = program.add_command("run", "Run pipelines, as logstash does");
    add_run_options(run, request);
    run.when_chosen([request] {
        stop_signals signals;
        metrics counters;
        const auto files = make_posix_env();
        run_process process(read_run_options(*request, *files), signals, counters);
        return process.run();
    });
}

} // namespace logboom::cli
