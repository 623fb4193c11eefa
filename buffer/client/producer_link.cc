#include "buffer/client/producer_link.h"

#include "base/assertion.h"
#include "buffer/client/partitioner.h"
#include "buffer/client/record_fields.h"

#include <mutex>
#include <unordered_map>

namespace logboom::client {
namespace {

constexpr int log_level_info = 6;
constexpr int log_level_debug = 7;

void on_message(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) {
    delivery_report report;
    report.code = message->err;
    report.topic = rd_kafka_topic_name(message->rkt);
    report.topic_key = message->rkt;
    report.partition = message->partition;
    report.has_key = message->key != nullptr;
    report.key = {static_cast<const char*>(message->key), message->key_len};
    report.has_payload = message->payload != nullptr;
    report.payload = {static_cast<const char*>(message->payload), message->len};
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        report.timestamp = rd_kafka_message_timestamp(message, nullptr);
        rd_kafka_headers_t* headers = nullptr;
        rd_kafka_message_headers(message, &headers);
        report.headers = headers;
    }
    report.place = static_cast<placement*>(message->_private);
    static_cast<link_listener*>(static_cast<client_listener*>(opaque))->on_report(report);
}

int on_producer_statistics(rd_kafka_t* /*client*/, char* json, std::size_t size, void* opaque) {
    static_cast<link_listener*>(static_cast<client_listener*>(opaque))
        ->on_partitions(partition_states({json, size}));
    return 0;
}

std::int32_t choose_partition(
    const rd_kafka_topic_t* /*topic*/,
    const void* key,
    std::size_t key_size,
    std::int32_t partitions,
    void* /*topic_opaque*/,
    void* message_opaque
) {
    const auto* place = static_cast<const placement*>(message_opaque);
    if (key != nullptr && place->by_key) {
        return partition_of_key({static_cast<const std::byte*>(key), key_size}, partitions);
    }
    return partition_of_stream(place->hash, partitions);
}

class rdkafka_link final : public producer_link {
  public:
    rdkafka_link(client_handle client, bool may_listen)
        : client_(std::move(client))
        , reports_(rd_kafka_queue_get_main(client_.get()))
        , may_listen_(may_listen) {
        listen_closely(false);
    }

    rd_kafka_topic_t* topic(const std::string& name, std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        const auto found = topics_.find(name);
        if (found != topics_.end()) {
            return found->second.get();
        }
        if (topics_.size() >= limit) {
            return nullptr;
        }
        topic_handle made(rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
        LB_ASSERT(made != nullptr);
        return topics_.emplace(name, std::move(made)).first->second.get();
    }
    rd_kafka_resp_err_t send(record_fields& record) override {
        return produce(client_.get(), record);
    }
    [[nodiscard]] int queued() const override { return rd_kafka_outq_len(client_.get()); }
    void poll(std::chrono::milliseconds limit) override {
        rd_kafka_poll(client_.get(), static_cast<int>(limit.count()));
    }
    void flush(std::chrono::milliseconds limit) override {
        rd_kafka_flush(client_.get(), static_cast<int>(limit.count()));
    }
    void wake() override { rd_kafka_queue_yield(reports_.get()); }
    void purge() override {
        rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    }
    void listen_closely(bool on) override {
        if (may_listen_) {
            rd_kafka_set_log_level(client_.get(), on ? log_level_debug : log_level_info);
        }
    }
    void provoke_fatal_error() override {
        rd_kafka_test_fatal_error(
            client_.get(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "provoked"
        );
    }

  private:
    client_handle client_;
    /// Where delivery reports come from.
    queue_handle reports_;
    bool may_listen_;
    std::mutex mutex_;
    /// After the client: they go first.
    std::unordered_map<std::string, topic_handle> topics_;
};

} // namespace

result<std::unique_ptr<producer_link>> open_producer_link(
    const property_list& properties, std::chrono::milliseconds linger, link_listener& listener
) {
    LB_TRY(conf_handle conf, make_conf(properties, listener));
    rd_kafka_conf_set_dr_msg_cb(conf.get(), on_message);
    rd_kafka_conf_set_stats_cb(conf.get(), on_producer_statistics);
    const bool may_listen = find_property(properties, "debug").empty();
    if (may_listen) {
        rd_kafka_conf_set(conf.get(), "debug", "msg", nullptr, 0);
    }
    // librdkafka would choose for records without a key itself, and not ask choose_partition.
    rd_kafka_conf_set(conf.get(), "sticky.partitioning.linger.ms", "0", nullptr, 0);
    rd_kafka_conf_set(conf.get(), "linger.ms", std::to_string(linger.count()).c_str(), nullptr, 0);
    rd_kafka_topic_conf_t* topic_conf = rd_kafka_conf_get_default_topic_conf(conf.get());
    if (topic_conf == nullptr) {
        topic_conf = rd_kafka_topic_conf_new();
        rd_kafka_conf_set_default_topic_conf(conf.get(), topic_conf);
    }
    rd_kafka_topic_conf_set_partitioner_cb(topic_conf, choose_partition);
    LB_TRY(client_handle client, make_client(RD_KAFKA_PRODUCER, std::move(conf)));
    return std::unique_ptr<producer_link>(
        std::make_unique<rdkafka_link>(std::move(client), may_listen)
    );
}

} // namespace logboom::client
