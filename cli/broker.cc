// `logboom broker`: what kafka-server-start.sh is to Kafka.
#include "buffer/broker/server.h"
#include "buffer/broker/server_properties.h"
#include "cli/commands.h"
#include "cli/stop_signals.h"

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace logboom::cli {
namespace {

struct broker_options {
    std::string file;
    std::vector<std::string> overrides;
    std::string data_directory;
    std::string log_level = "info";
    bool list_settings = false;
};

std::string default_data_directory() {
    if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0') {
        return join_path(data, "logboom");
    }
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
        return join_path(home, ".local/share/logboom");
    }
    return "logboom-data";
}

void complain(const std::string& line) {
    std::fprintf(stderr, "logboom broker: %s\n", line.c_str());
}

exit_code serve(broker::broker_config config) {
    const stop_signals signals;
    const auto files = make_posix_env();
    const real_clock time;
    metrics counters;
    broker::server server(std::move(config), {*files, time, counters, logger::named("broker")});
    if (auto started = server.start(); started.has_error()) {
        complain("cannot start: " + started.error().text());
        return exit_code::failed;
    }
    std::thread stopper([&] {
        if (signals.wait() == stop_signals::event::signal) {
            server.stop();
        }
    });
    server.run();
    signals.wake();
    stopper.join();
    return exit_code::done;
}

exit_code run_broker(const broker_options& options) {
    if (options.list_settings) {
        std::fputs(broker::server_settings_page().c_str(), stdout);
        return exit_code::done;
    }
    if (log_level level = log_level::info; parse_log_level(options.log_level, level)) {
        set_log_level(level);
    } else {
        complain("--log.level must be trace, debug, info, warn, error or off");
        return exit_code::bad_usage;
    }
    std::string text;
    if (!options.file.empty()) {
        constexpr std::size_t file_size_max = 1 << 20;
        auto read = read_file(*make_posix_env(), options.file, file_size_max);
        if (read.has_error()) {
            complain(read.error().text());
            return exit_code::bad_configuration;
        }
        text = *std::move(read);
    }
    const std::string data =
        options.data_directory.empty() ? default_data_directory() : options.data_directory;
    broker::properties_outcome outcome = broker::read_server_properties(
        options.file, text, options.overrides, join_path(data, "broker")
    );
    const logger messages = logger::named("broker");
    for (const std::string& each : outcome.notes) {
        messages.info("{}", each);
    }
    for (const std::string& each : outcome.warnings) {
        messages.warn("{}", each);
    }
    for (const std::string& each : outcome.errors) {
        complain(each);
    }
    if (!outcome.errors.empty()) {
        return exit_code::bad_configuration;
    }
    for (const std::string& each : outcome.config.log_dirs) {
        messages.info("The log is kept in {}.", each);
    }
    messages.debug("One event loop serves the network; num.network.threads is accepted.");
    return serve(std::move(outcome.config));
}

} // namespace

void add_broker(CLI::App& app, action& chosen) {
    auto options = std::make_shared<broker_options>();
    CLI::App* command = app.add_subcommand(
        "broker", "Serves topics to Kafka clients, as kafka-server-start.sh does."
    );
    command->add_option("server.properties", options->file, "Kafka's configuration file.");
    command->add_option("--override", options->overrides, "key=value that wins over the file.")
        ->allow_extra_args(false);
    command->add_option(
        "--data-directory,--path.data",
        options->data_directory,
        "Where the log goes when log.dirs is not set; default " + default_data_directory() + "."
    );
    command->add_option("--log.level", options->log_level, "trace, debug, info, warn or error.");
    command->add_flag(
        "--list-settings", options->list_settings, "Print every key with its default and stop."
    );
    command->callback([options, &chosen] { chosen = [options] { return run_broker(*options); }; });
}

} // namespace logboom::cli
