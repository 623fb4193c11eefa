// `logboom up`: the broker and the pipelines in one process, for one machine.
#include "cli/broker_host.h"
#include "cli/commands.h"
#include "cli/run_process.h"

namespace logboom::cli {
namespace {

struct up_request {
    std::shared_ptr<run_request> pipelines = std::make_shared<run_request>();
    broker_options broker;
};

exit_code up(const up_request& request) {
    stop_signals signals;
    metrics counters;
    const auto files = make_posix_env();
    run_options options = read_run_options(*request.pipelines, *files);
    broker_host host(counters);
    if (options.is_check_only) {
        if (const exit_code checked = host.check(request.broker); checked != exit_code::done) {
            return checked;
        }
    }
    if (options.is_check_only || !options.errors.empty()) {
        return run_process(std::move(options), signals, counters).run();
    }
    if (const auto opened = open_log(options.log); opened.has_error()) {
        logger::named("up").fatal("the log cannot be opened: " + opened.error().text());
        return exit_code::failed;
    }
    broker_options broker = request.broker;
    if (broker.data_directory.empty()) {
        broker.data_directory = options.pipelines.front().settings.data_directory;
    }
    // The broker starts first and stops last, so that what drains can still be acknowledged.
    if (const exit_code started = host.start(broker, [] {}); started != exit_code::done) {
        return started;
    }
    return run_process(std::move(options), signals, counters).run();
}

} // namespace

void add_up(command_line program) {
    auto request = std::make_shared<up_request>();
    command_line command =
        program.add_command("up", "Run the broker and pipelines in one process, on one machine");
    add_run_options(command, request->pipelines);
    request->pipelines->is_pipeline_each = true;
    command.find_option("-f").describe("configs; each PATH is a pipeline of its own");
    command.add_option("--server.properties", request->broker.file, "the broker's configuration");
    command.add_option("--override", request->broker.overrides, "key=value of server.properties")
        .one_value_each();
    command.when_chosen([request] { return up(*request); });
}

} // namespace logboom::cli
