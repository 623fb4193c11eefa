#include "cli/run_process.h"

#include "cli/api_host.h"
#include "pipelines/topology/pipeline.h"
#include "pipelines/topology/standard_plugins.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdio>
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
        print_all(options_.errors, options_.warnings);
        if (!options_.errors.empty()) {
            return options_.is_bad_usage ? exit_code::bad_usage : exit_code::bad_configuration;
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
        const std::string& data = options_.pipelines.front().settings.data_directory;
        web::node_info about = describe_node(*files_, data, options_.node_name);
        about.level = options_.level;
        for (const pipeline_request& each : options_.pipelines) {
            about.pipelines.push_back(
                {each.settings.id, each.settings.worker_count(), each.settings.batch_size}
            );
        }
        about.plugins = plugin_names();
        auto started = web::serve_api(*options_.api, std::move(about), counters_);
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
        // timeout(1) signals its child and then the whole group: that is one wish, not two.
        constexpr std::chrono::milliseconds echo{100};
        std::chrono::steady_clock::time_point stopping_since;
        bool is_stopping = false;
        while (running_ > 0) {
            if (signals_.wait() == stop_signals::event::woken) {
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
    std::unique_ptr<web::http_server> api_;
};

run_process::run_process(run_options options, stop_signals& signals, metrics& counters)
    : state_(std::make_unique<state>(std::move(options), signals, counters)) {}
run_process::~run_process() = default;

exit_code run_process::run() {
    return state_->run();
}

} // namespace logboom::cli
