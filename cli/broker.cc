// `logboom broker`: what kafka-server-start.sh is to Kafka.
#include "buffer/broker/config/server_properties.h"
#include "cli/api_host.h"
#include "cli/broker_host.h"
#include "cli/commands.h"
#include "cli/log_options.h"
#include "cli/stop_signals.h"

#include <algorithm>
#include <cstdio>

namespace logboom::cli {
namespace {

struct broker_request {
    broker_options broker;
    std::string level = "info";
    std::string format = "plain";
    std::string log_directory;
    std::vector<given_option> api;
    bool list_settings = false;
};

/// The API is served when one of its options is given. Anything but done: it has said why not.
exit_code
read_api(const std::vector<given_option>& given, std::optional<web::http_server_options>& into) {
    settings values("the broker's options", web::api_settings());
    for (const given_option& each : given) {
        values.set(each.first, {each.second, {"--" + each.first, 0, 0}});
    }
    web::api_outcome said;
    if (values.problems().empty()) {
        said = web::read_api_options(values);
    }
    said.errors.insert(said.errors.end(), values.problems().begin(), values.problems().end());
    for (const std::string& each : said.warnings) {
        logger::named("broker").warn("{}", each);
    }
    for (const settings_problem& each : said.errors) {
        logger::named("broker").fatal(each.text);
    }
    if (!given.empty()) {
        into = std::move(said.server);
    }
    if (said.errors.empty()) {
        return exit_code::done;
    }
    const bool is_typing =
        std::all_of(said.errors.begin(), said.errors.end(), [](const settings_problem& each) {
            return each.where.file.starts_with("--");
        });
    return is_typing ? exit_code::bad_usage : exit_code::bad_configuration;
}

exit_code run_broker(const broker_request& request, output& out) {
    if (request.list_settings) {
        out.print(broker::server_settings_page());
        return exit_code::done;
    }
    const logger log = logger::named("broker");
    log_options shown{.directory = request.log_directory};
    if (!parse_log_level(request.level, shown.level)) {
        log.fatal("--log.level must be trace, debug, info, warn, error, fatal or off");
        return exit_code::bad_usage;
    }
    if (!parse_log_format(request.format, shown.format)) {
        log.fatal("--log.format must be plain or json");
        return exit_code::bad_usage;
    }
    if (const auto opened = open_log(shown); opened.has_error()) {
        log.fatal("logboom broker: the log cannot be opened: " + opened.error().text());
        return exit_code::failed;
    }
    std::optional<web::http_server_options> options;
    if (const exit_code checked = read_api(request.api, options); checked != exit_code::done) {
        return checked;
    }
    stop_signals signals;
    metrics counters;
    broker_host host(counters);
    const exit_code started = host.start(request.broker, [&signals] { signals.wake(); });
    if (started != exit_code::done) {
        return started;
    }
    std::unique_ptr<web::http_server> api;
    if (options) {
        web::node_info about = describe_node({});
        about.id = host.id();
        about.level = shown.level;
        auto made = web::serve_api(*options, std::move(about), counters);
        if (made.has_error()) {
            log.fatal("logboom broker: " + made.error().text());
            return exit_code::failed;
        }
        api = *std::move(made);
    }
    while (signals.wait() == stop_signals::event::hangup) {
        reopen_log(log);
    }
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
        "directory whose broker/ holds the log when log.dirs is not set; as for run without it"
    );
    command.add_option(
        "--log.level", request->level, "trace, debug, info, warn, error, fatal or off"
    );
    command.add_option("--log.format", request->format, "plain or json");
    command.add_option(
        "--path.logs", request->log_directory, "directory of a log file, logboom.log"
    );
    add_api_options(command, request->api);
    command.add_flag(
        "--list-settings", request->list_settings, "print every key with its default and stop"
    );
    command.refuse(broker_refused);
    command.when_chosen([request](output& out) { return run_broker(*request, out); });
}

} // namespace logboom::cli
