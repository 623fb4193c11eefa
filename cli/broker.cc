// `logboom broker`: what kafka-server-start.sh is to Kafka.
#include "base/log.h"
#include "buffer/broker/config/server_properties.h"
#include "cli/broker_host.h"
#include "cli/commands.h"
#include "cli/data_directory.h"
#include "cli/stop_signals.h"
#include "web/api_server.h"

#include <cstdio>

namespace logboom::cli {
namespace {

struct broker_request {
    broker_options broker;
    std::string level = "info";
    std::string api_port;
    bool list_settings = false;
};

exit_code run_broker(const broker_request& request, output& out) {
    if (request.list_settings) {
        out.print(broker::server_settings_page());
        return exit_code::done;
    }
    log_level level = log_level::info;
    if (!parse_log_level(request.level, level)) {
        std::fprintf(stderr, "--log.level must be trace, debug, info, warn, error or off\n");
        return exit_code::bad_usage;
    }
    set_log_level(level);
    stop_signals signals;
    metrics counters;
    broker_host host(counters);
    const exit_code started = host.start(request.broker, [&signals] { signals.wake(); });
    if (started != exit_code::done) {
        return started;
    }
    std::unique_ptr<web::api_server> api;
    if (!request.api_port.empty()) {
        web::api_options options;
        options.node_name = "broker";
        if (!web::parse_port_range(request.api_port, options)) {
            std::fprintf(stderr, "--api.http.port must be a port or a range such as 9600-9700\n");
            return exit_code::bad_usage;
        }
        auto made = web::api_server::start(options, counters);
        if (made.has_error()) {
            std::fprintf(stderr, "logboom broker: %s\n", made.error().text().c_str());
            return exit_code::failed;
        }
        api = *std::move(made);
    }
    static_cast<void>(signals.wait());
    host.stop();
    return exit_code::done;
}

constexpr refused_option broker_refused[] = {
    {"-daemon,--daemon", "it stays in the foreground; let systemd run it, or end the line with &"},
    {"-name,-loggc,-nogc", "it is for Java's virtual machine"},
    {"--version", "logboom version prints it"},
};

} // namespace

void add_broker(command_line program) {
    auto request = std::make_shared<broker_request>();
    command_line command = program.add_command(
        "broker", "Serve topics to Kafka clients, as kafka-server-start.sh does"
    );
    command.add_option("server.properties", request->broker.file, "Kafka's configuration file");
    command.add_option("--override", request->broker.overrides, "key=value that wins over the file")
        .one_value_each();
    command.add_option(
        "--data-directory,--path.data",
        request->broker.data_directory,
        "directory whose broker/ holds the log when log.dirs is not set; " +
            default_data_directory() + " without it"
    );
    command.add_option("--log.level", request->level, "trace, debug, info, warn, error or off");
    command.add_option(
        "--api.http.port", request->api_port, "answer GET /metrics there (a port or a range)"
    );
    command.add_flag(
        "--list-settings", request->list_settings, "print every key with its default and stop"
    );
    command.refuse(broker_refused);
    command.when_chosen([request](output& out) { return run_broker(*request, out); });
}

} // namespace logboom::cli
