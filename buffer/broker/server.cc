// The parts of a broker, in the order in which they need each other: start, run, stop.
#include "buffer/broker/server.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/broker_gauges.h"
#include "buffer/broker/core/errc.h"
#include "buffer/broker/group/group_service.h"
#include "buffer/broker/net/listeners.h"
#include "buffer/broker/partitions/log_cleaner.h"
#include "buffer/broker/topics/file_metadata_store.h"
#include "buffer/broker/topics/local_topic_catalog.h"
#include "net/asio_loop.h"

#include <csignal>

namespace logboom::broker {
namespace {

/// How long answers that are owed may keep stop() waiting.
constexpr auto stop_patience = std::chrono::seconds(1);
/// Beside the partitions in the first log directory, where Kafka looks at directories only.
constexpr std::string_view metadata_file = "logboom.metadata";

} // namespace

class server::state {
  public:
    state(broker_config config, server_environment around)
        : config_(std::move(config))
        , around_(std::move(around))
        , loop_(static_cast<std::size_t>(std::max(config_.num_io_threads, 1))) {}

    result<void> start() {
        const auto began = around_.time.steady();
        LB_CHECK(open_directories());
        LB_CHECK(open_topics());
        LB_CHECK(open_handlers());
        listeners_.emplace(listeners::services{
            loop_, config_, handlers_, around_.time, around_.counters, around_.messages});
        LB_CHECK(listeners_->open());
        const auto took = around_.time.steady() - began;
        around_.messages.info(
            "The broker is ready. node={} cluster={} topics={} log_dirs={} took_ms={}",
            config_.node.value(),
            cluster_id(),
            catalog_->all().size(),
            config_.log_dirs.size(),
            std::chrono::duration_cast<std::chrono::milliseconds>(took).count()
        );
        return {};
    }

    void run() {
        loop_.run();
        close();
    }

    void stop() {
        loop_.post([this] {
            if (std::exchange(stopping_, true)) {
                return;
            }
            around_.messages.info("The broker is stopping.");
            listeners_->finish(stop_patience, [this] {
                gauges_->stop();
                groups_->stop();
                cleaner_->stop([this] { partitions_->stop([this] { loop_.stop(); }); });
            });
        });
    }

    [[nodiscard]] const std::vector<std::int32_t>& ports() const { return listeners_->ports(); }
    [[nodiscard]] const std::string& cluster_id() const { return directories_[0]->cluster_id(); }
    [[nodiscard]] const std::string& directory_id() const {
        return directories_[0]->directory_id();
    }

  private:
    result<void> open_directories() {
        const log::log_context context{
            around_.files, around_.time, around_.counters, around_.messages};
        for (const std::string& path : config_.log_dirs) {
            log::log_directory_options options;
            options.path = path;
            options.node = config_.node;
            options.cluster_id = directories_.empty() ? "" : cluster_id();
            options.locked = [this] { return open_store(); };
            options.config_of = [this](std::string_view topic) { return config_of(topic); };
            LB_TRY(auto opened, log::log_directory::open(context, std::move(options)));
            for (const log::offline_partition& each : opened->offline()) {
                around_.messages.error(
                    "A partition is offline because its log cannot be read. topic={} partition={} "
                    "error={}",
                    each.partition.topic,
                    each.partition.partition.value(),
                    each.why.text()
                );
            }
            directories_.push_back(std::move(opened));
        }
        return {};
    }

    /// In the first log directory, once that is ours.
    result<void> open_store() {
        if (store_ == nullptr) {
            const std::string path = join_path(config_.log_dirs.front(), metadata_file);
            LB_TRY(store_, file_metadata_store::open(around_.files, loop_, path, around_.messages));
        }
        return {};
    }

    /// Before there is a catalog: recovery treats compacted logs in its own way.
    [[nodiscard]] log::log_config config_of(std::string_view topic) const {
        topic_config overrides;
        if (const auto node = store_->read(topic_config_path(topic))) {
            if (auto decoded = decode_topic_config(node->value); decoded.has_value()) {
                overrides = *std::move(decoded);
            }
        }
        return make_log_config(config_.topic_defaults, overrides);
    }

    [[nodiscard]] std::vector<log::log_directory*> directories() const {
        std::vector<log::log_directory*> all;
        for (const auto& each : directories_) {
            all.push_back(each.get());
        }
        return all;
    }

    result<void> open_topics() {
        catalog_.emplace(config_, *store_, directories(), around_.messages);
        result<void> outcome;
        bool done = false;
        catalog_->load([&](result<void> loaded) {
            outcome = std::move(loaded);
            done = true;
        });
        while (!done) {
            loop_.run_one();
        }
        return outcome;
    }

    result<void> open_handlers() {
        partitions_.emplace(partition_service::services{
            loop_, *catalog_, around_.counters, around_.messages});
        partitions_->start(
            directories(), config_.checkpoint_interval, config_.retention_check_interval
        );
        cleaner_.emplace(log_cleaner::services{
            loop_, *catalog_, around_.time, around_.counters, around_.messages});
        if (config_.cleaner) {
            cleaner_->start(config_.cleaner_backoff);
        }
        context_.emplace(broker_context{
            loop_,
            around_.time,
            around_.counters,
            around_.messages,
            config_,
            *catalog_,
            *partitions_,
            *store_});
        groups_.emplace(*context_);
        services_.emplace(handler_services{*context_, *partitions_, *groups_, cluster_id()});
        add_handlers(handlers_, *services_);
        groups_->start();
        gauges_.emplace(broker_gauges::services{loop_, *catalog_, *groups_, around_.counters});
        gauges_->start();
        return {};
    }

    void close() {
        for (const auto& each : directories_) {
            if (auto closed = each->close(); closed.has_error()) {
                around_.messages.error(
                    "A log directory cannot be closed cleanly; the next start recovers it. path={} "
                    "error={}",
                    each->path(),
                    closed.error().text()
                );
            }
        }
        around_.messages.info("The broker has stopped.");
    }

    broker_config config_;
    server_environment around_;
    // In the order in which they need each other; destroyed the other way round.
    net::asio_loop loop_;
    std::vector<std::unique_ptr<log::log_directory>> directories_;
    std::unique_ptr<file_metadata_store> store_;
    std::optional<local_topic_catalog> catalog_;
    std::optional<partition_service> partitions_;
    std::optional<log_cleaner> cleaner_;
    std::optional<broker_context> context_;
    std::optional<group_service> groups_;
    std::optional<broker_gauges> gauges_;
    std::optional<handler_services> services_;
    handler_table handlers_;
    std::optional<listeners> listeners_;
    bool stopping_ = false;
};

server::server(broker_config config, server_environment around)
    : state_(std::make_unique<state>(std::move(config), std::move(around))) {}

server::~server() = default;

result<void> server::start() {
    // A client may go while sendfile() writes to it, and sendfile() has no MSG_NOSIGNAL.
    std::signal(SIGPIPE, SIG_IGN);
    return state_->start();
}
const std::vector<std::int32_t>& server::ports() const noexcept {
    return state_->ports();
}
const std::string& server::cluster_id() const noexcept {
    return state_->cluster_id();
}

const std::string& server::directory_id() const noexcept {
    return state_->directory_id();
}
void server::run() {
    state_->run();
}
void server::stop() {
    state_->stop();
}

} // namespace logboom::broker
