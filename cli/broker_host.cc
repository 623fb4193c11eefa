#include "cli/broker_host.h"

#include "buffer/broker/config/server_properties.h"
#include "buffer/broker/server.h"
#include "cli/data_directory.h"

#include <optional>
#include <thread>

namespace logboom::cli {
namespace {

constexpr std::size_t properties_size_max = std::size_t{1} << 20U;

} // namespace

class broker_host::state {
  public:
    explicit state(metrics& counters)
        : files_(make_posix_env()), counters_(counters), messages_(logger::named("broker")) {}
    ~state() { stop(); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    /// Says what is wrong, or worth a word; nothing when it is wrong.
    std::optional<broker::broker_config> read(const broker_options& options) const {
        std::string text;
        if (!options.file.empty()) {
            auto read = read_file(*files_, options.file, properties_size_max);
            if (read.has_error()) {
                complain(read.error().text());
                return std::nullopt;
            }
            text = *std::move(read);
        }
        const std::string data =
            options.data_directory.empty() ? default_data_directory() : options.data_directory;
        auto outcome = broker::read_server_properties(
            options.file, text, options.overrides, join_path(data, "broker")
        );
        report(outcome);
        return outcome.errors.empty() ? std::optional(std::move(outcome.config)) : std::nullopt;
    }

    exit_code start(const broker_options& options, std::function<void()> on_end) {
        std::optional<broker::broker_config> config = read(options);
        if (!config) {
            return exit_code::bad_configuration;
        }
        say_directories(config->log_dirs);
        server_ = std::make_unique<broker::server>(
            *std::move(config), broker::server_environment{*files_, time_, counters_, messages_}
        );
        if (const auto started = server_->start(); started.has_error()) {
            complain("cannot start: " + started.error().text());
            return exit_code::failed;
        }
        thread_ = std::thread([this, on_end = std::move(on_end)] {
            server_->run();
            on_end();
        });
        return exit_code::done;
    }

    [[nodiscard]] const std::string& id() const { return server_->directory_id(); }
    void complain(const std::string& line) const { messages_.fatal("logboom broker: " + line); }

    void stop() {
        if (thread_.joinable()) {
            server_->stop();
            thread_.join();
        }
    }

  private:
    void report(const broker::properties_outcome& outcome) const {
        for (const std::string& each : outcome.notes) {
            messages_.info("{}", each);
        }
        for (const std::string& each : outcome.warnings) {
            messages_.warn("{}", each);
        }
        for (const std::string& each : outcome.errors) {
            complain(each);
        }
    }
    void say_directories(const std::vector<std::string>& log_dirs) const {
        for (const std::string& each : log_dirs) {
            messages_.info("The log is kept in {}.", each);
            if (const auto why = openness_warning(*files_, each); !why.empty()) {
                messages_.warn("{}", why);
            }
        }
    }

    std::unique_ptr<env> files_;
    real_clock time_;
    metrics& counters_;
    logger messages_;
    std::unique_ptr<broker::server> server_;
    std::thread thread_;
};

broker_host::broker_host(metrics& counters) : state_(std::make_unique<state>(counters)) {}
broker_host::~broker_host() = default;

exit_code broker_host::check(const broker_options& options) const {
    return state_->read(options) ? exit_code::done : exit_code::bad_configuration;
}

exit_code broker_host::start(const broker_options& options, std::function<void()> on_end) {
    return state_->start(options, std::move(on_end));
}

const std::string& broker_host::id() const {
    return state_->id();
}

void broker_host::stop() {
    state_->stop();
}

} // namespace logboom::cli
