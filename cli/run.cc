// `logboom run`: one or several pipelines, with Logstash's options.
#include "cli/commands.h"
#include "cli/run_options.h"
#include "cli/stop_signals.h"
#include "pipelines/topology/pipeline.h"

#include <atomic>
#include <cstdio>
#include <memory>
#include <unistd.h>

namespace logboom::cli {
namespace {

using pipelines::pipeline;

void print_all(const conf::problems& errors, const std::vector<std::string>& warnings) {
    for (const std::string& each : warnings) {
        std::fprintf(stderr, "warning: %s\n", each.c_str());
    }
    for (const conf::problem& each : errors) {
        std::fprintf(stderr, "%s\n", each.text().c_str());
    }
}

std::string host_name() {
    char name[256] = {};
    gethostname(name, sizeof(name) - 1);
    return name;
}

class run_command {
  public:
    explicit run_command(run_options options)
        : options_(std::move(options)), files_(make_posix_env()), log_(logger::named("run")) {}

    exit_code run() {
        print_all(options_.errors, options_.warnings);
        if (!options_.errors.empty()) {
            return exit_code::bad_configuration;
        }
        set_log_level(options_.level);
        for (const pipeline_request& each : options_.pipelines) {
            if (!load(each)) {
                return exit_code::bad_configuration;
            }
        }
        if (options_.is_check_only) {
            std::puts("Configuration OK");
            return exit_code::done;
        }
        start_api();
        return start() && watch() ? exit_code::done : exit_code::failed;
    }

  private:
    bool load(const pipeline_request& from) {
        conf::source text;
        conf::problems unreadable;
        const bool is_read = from.text ? text.add("config string", *from.text, unreadable)
                                       : text.read(*files_, from.paths, unreadable);
        if (!is_read) {
            print_all(unreadable, {});
            return false;
        }
        auto loaded = pipeline::load(
            text,
            from.settings,
            {pipelines::standard_plugins(), time_, counters_, *files_, log_, host_name()}
        );
        print_all(loaded.errors, loaded.warnings);
        if (loaded.made == nullptr) {
            return false;
        }
        pipelines_.push_back(std::move(loaded.made));
        return true;
    }

    void start_api() {
        if (!options_.api) {
            return;
        }
        const auto& settings = options_.pipelines.front().settings;
        if (options_.api->node_name.empty()) {
            options_.api->node_name = host_name();
        }
        options_.api->workers = static_cast<int>(settings.worker_count());
        options_.api->batch_size = static_cast<int>(settings.batch_size);
        auto started = api_server::start(*options_.api, counters_);
        if (started.has_error()) {
            log_.warn("The HTTP API does not run. error={}", started.error().text());
            return;
        }
        api_ = *std::move(started);
    }

    bool start() {
        running_ = pipelines_.size();
        for (const auto& each : pipelines_) {
            const auto started = each->start([this] {
                --running_;
                signals_.wake();
            });
            if (started.has_error()) {
                std::fprintf(stderr, "logboom: %s\n", started.error().text().c_str());
                // Those that run end in their destructors.
                return false;
            }
        }
        return true;
    }

    bool watch() {
        bool is_stopping = false;
        while (running_ > 0) {
            if (signals_.wait() == stop_signals::event::woken) {
                continue;
            }
            log_.info(
                "{}", is_stopping ? "Stopping at once." : "Stopping; a second signal stops at once."
            );
            for (std::size_t i = 0; i < pipelines_.size(); ++i) {
                const auto limit = options_.pipelines[i].settings.drain_limit;
                pipelines_[i]->stop(is_stopping ? std::chrono::nanoseconds(0) : limit);
            }
            is_stopping = true;
        }
        bool is_good = true;
        for (const auto& each : pipelines_) {
            is_good = each->wait() && is_good;
        }
        return is_good;
    }

    run_options options_;
    /// First of what acts: threads started later inherit its signal mask.
    stop_signals signals_;
    std::unique_ptr<env> files_;
    real_clock time_;
    metrics counters_;
    logger log_;
    std::atomic<std::size_t> running_ = 0;
    std::vector<std::unique_ptr<pipeline>> pipelines_;
    std::unique_ptr<api_server> api_;
};

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

void add_run(CLI::App& app, action& chosen) {
    auto request = std::make_shared<run_request>();
    CLI::App& run = *app.add_subcommand("run", "Run pipelines, as logstash does.");
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
    run.callback([request, &chosen] {
        chosen = [request] {
            const auto files = make_posix_env();
            return run_command(read_run_options(*request, *files)).run();
        };
    });
}

} // namespace logboom::cli
