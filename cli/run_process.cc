// Loads pipelines, starts them and waits for signals: what `run` and half of `up` do.
#include "cli/run_process.h"

#include "agent/agent_id.h"
#include "base/directory_check.h"
#include "base/host_name.h"
#include "cli/agent_routes.h"
#include "cli/api_host.h"
#include "cli/output.h"
#include "pipelines/topology/pipeline.h"
#include "pipelines/topology/standard_plugins.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <set>
#include <unistd.h>

namespace logboom::cli {
namespace {

using pipelines::pipeline;

/// As Logstash's packages are called.
std::vector<std::string> plugin_names() {
    std::vector<std::string> out;
    for (const plugin_kind kind :
         {plugin_kind::codec, plugin_kind::filter, plugin_kind::input, plugin_kind::output}) {
        for (const std::string_view name : pipelines::standard_plugins().names(kind)) {
            out.push_back(fmt::format("logstash-{}-{}", kind_name(kind), name));
        }
    }
    return out;
}

} // namespace

class run_process::state {
  public:
    state(run_options options, stop_signals& signals, metrics& counters)
        : options_(std::move(options))
        , signals_(signals)
        , files_(make_posix_env())
        , counters_(counters)
        , log_(logger::named("run")) {}

    exit_code run() {
        if (!open_process_log()) {
            return exit_code::failed;
        }
        say_all(options_.errors, options_.warnings);
        if (!options_.errors.empty()) {
            return options_.is_bad_usage ? exit_code::bad_usage : exit_code::bad_configuration;
        }
        if (!options_.is_check_only) {
            log_.info("logboom starts. pid={}", ::getpid());
        }
        if (options_.is_check_only && !can_write()) {
            return exit_code::bad_configuration;
        }
        for (const pipeline_request& each : options_.pipelines) {
            if (!load(each)) {
                return exit_code::bad_configuration;
            }
        }
        if (options_.is_check_only) {
            output out(STDOUT_FILENO);
            out.print("Configuration OK\n");
            return finish(out, exit_code::done);
        }
        check_directories();
        const bool is_good = start_api() && start() && watch();
        log_.info("logboom has stopped.");
        return is_good ? exit_code::done : exit_code::failed;
    }

  private:
    /// A check leaves no trace, not even a log.
    bool open_process_log() {
        log_options shown = options_.log;
        if (options_.is_check_only || !options_.errors.empty()) {
            shown.directory.clear();
        }
        const auto opened = open_log(shown);
        if (opened.has_error()) {
            log_.fatal("the log cannot be opened: " + opened.error().text());
        }
        return opened.has_value();
    }

    void say_all(const conf::problems& errors, const std::vector<std::string>& warnings) const {
        for (const std::string& each : warnings) {
            log_.warn("{}", each);
        }
        for (const conf::problem& each : errors) {
            log_.fatal(each.text());
        }
    }

    /// What a start would fail on, without making anything.
    bool can_write() const {
        std::vector<std::pair<const char*, std::string>> places;
        for (const pipeline_request& each : options_.pipelines) {
            places.emplace_back("path.data", each.settings.data_directory);
        }
        if (!options_.log.directory.empty()) {
            places.emplace_back("path.logs", options_.log.directory);
        }
        for (const auto& [name, directory] : places) {
            if (const auto done = check_writable(directory); done.has_error()) {
                log_.fatal(
                    fmt::format("{} {} cannot be written: {}", name, directory, done.error().text())
                );
                return false;
            }
        }
        return true;
    }

    void check_directories() {
        std::set<std::string> said;
        for (const pipeline_request& each : options_.pipelines) {
            const std::string& directory = each.settings.data_directory;
            if (!said.insert(directory).second) {
                continue;
            }
            log_.info("State is kept in {}.", directory);
            if (const auto why = openness_warning(*files_, directory); !why.empty()) {
                log_.warn("{}", why);
            }
        }
    }

    bool load(const pipeline_request& from) {
        conf::source text;
        conf::problems unreadable;
        const bool is_read = from.text ? text.add("config string", *from.text, unreadable)
                                       : text.read(*files_, from.paths, unreadable);
        if (!is_read) {
            say_all(unreadable, {});
            return false;
        }
        if (!options_.is_check_only) {
            log_.info(
                "Pipeline is read. pipeline={} config={}",
                from.settings.id,
                fmt::join(text.names(), ",")
            );
        }
        auto loaded = pipeline::load(
            text,
            from.settings,
            {pipelines::standard_plugins(), time_, counters_, *files_, log_, host_name()}
        );
        say_all(loaded.errors, loaded.warnings);
        if (loaded.made == nullptr) {
            return false;
        }
        pipelines_.push_back(std::move(loaded.made));
        config_hashes_.push_back(web::config_hash(text.text()));
        return true;
    }

    /// Who asked for the API relies on it, so that a port which is taken ends the start, as
    /// logstash's does.
    bool start_api() {
        if (!options_.api) {
            return true;
        }
        web::node_info about = describe_node(options_.node_name);
        const std::string& data = options_.pipelines.front().settings.data_directory;
        if (auto kept = agent::load_agent_id(*files_, data, log_); kept.has_value()) {
            about.id = *std::move(kept);
        }
        about.level = options_.log.level;
        for (std::size_t i = 0; i < pipelines_.size(); ++i) {
            const pipelines::pipeline_settings& each = options_.pipelines[i].settings;
            about.pipelines.push_back(
                {each.id, each.worker_count(), each.batch_size, config_hashes_[i]}
            );
        }
        about.plugins = plugin_names();
        std::vector<const pipeline*> followers;
        for (const auto& each : pipelines_) {
            followers.push_back(each.get());
        }
        auto started = web::serve_api(
            *options_.api, std::move(about), counters_, agent_routes(std::move(followers))
        );
        if (started.has_error()) {
            log_.fatal(fmt::format(
                "logboom: the HTTP API cannot listen on {}; give another --api.http.port, or "
                "--api.enabled false.",
                started.error().text()
            ));
            return false;
        }
        api_ = *std::move(started);
        log_.info(
            "The HTTP API answers. address={}://{}",
            options_.api->tls ? "https" : "http",
            api_->address()
        );
        return true;
    }

    bool start() {
        running_ = pipelines_.size();
        for (const auto& each : pipelines_) {
            const auto started = each->start([this] {
                --running_;
                signals_.wake();
            });
            if (started.has_error()) {
                log_.fatal("logboom: " + started.error().text());
                // Those that run end in their destructors.
                return false;
            }
        }
        log_.info("logboom is ready. pipelines={}", pipelines_.size());
        return true;
    }

    bool watch() {
        // timeout(1) signals its child and then the whole group: that is one wish, not two.
        constexpr std::chrono::milliseconds echo{100};
        std::chrono::steady_clock::time_point stopping_since;
        bool is_stopping = false;
        while (running_ > 0) {
            const auto what = signals_.wait();
            if (what == stop_signals::event::hangup) {
                reopen_log(log_);
            }
            if (what != stop_signals::event::stop) {
                continue;
            }
            const auto now = std::chrono::steady_clock::now();
            if (is_stopping && now - stopping_since < echo) {
                continue;
            }
            stopping_since = now;
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
    stop_signals& signals_;
    std::unique_ptr<env> files_;
    real_clock time_;
    metrics& counters_;
    logger log_;
    std::atomic<std::size_t> running_ = 0;
    std::vector<std::unique_ptr<pipeline>> pipelines_;
    /// Of pipelines_, in their order.
    std::vector<std::string> config_hashes_;
    std::unique_ptr<web::http_server> api_;
};

run_process::run_process(run_options options, stop_signals& signals, metrics& counters)
    : state_(std::make_unique<state>(std::move(options), signals, counters)) {}
run_process::~run_process() = default;

exit_code run_process::run() {
    return state_->run();
}

} // namespace logboom::cli
