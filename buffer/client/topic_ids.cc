#include "buffer/client/topic_ids.h"

#include "buffer/client/admin_call.h"
#include "buffer/client/errc.h"

#include <cstdlib>
#include <thread>

namespace logboom::client {
namespace {

using namespace std::chrono_literals;

constexpr auto ask_limit = 2000ms;
constexpr auto ask_ahead_limit = 300ms;
constexpr auto pause = 50ms;

struct free_text {
    void operator()(char* text) const noexcept { rd_kafka_mem_free(nullptr, text); }
};

result<std::string> cluster_name(rd_kafka_t* client, const std::string& topic) {
    const std::unique_ptr<char, free_text> cluster(
        rd_kafka_clusterid(client, static_cast<int>(ask_limit.count()))
    );
    if (!cluster) {
        return error(errc::no_broker);
    }
    return std::string(cluster.get()) + ":" + topic;
}

/// Any broker that can answer: a topic's configuration needs no controller. All topics are asked
/// for: of those alone that it knows, newer librdkafkas let the broker make the ones that are
/// subscribed to and not there, whatever allow.auto.create.topics says.
result<std::int32_t> some_broker(rd_kafka_t* client, std::chrono::milliseconds limit) {
    const metadata_handle metadata = fetch_metadata(client, true, nullptr, limit);
    if (metadata == nullptr || metadata->broker_cnt == 0) {
        return error(errc::no_broker);
    }
    return metadata->brokers[0].id;
}

/// Errors that asking again will not cure: another system's broker, or no right to ask.
bool is_answer(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE ||
           code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
           code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

} // namespace

result<std::string>
ask_topic_id(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds limit) {
    LB_TRY(const std::int32_t broker, some_broker(client, limit));
    rd_kafka_ConfigResource_t* resource =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
    const auto event = call_admin(
        client,
        RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
        limit,
        [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
            rd_kafka_AdminOptions_set_broker(options, broker, nullptr, 0);
            rd_kafka_DescribeConfigs(client, &resource, 1, options, queue);
        }
    );
    rd_kafka_ConfigResource_destroy(resource);
    if (event.has_error()) {
        const bool unsupported =
            is_kafka_error(event.error(), RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE);
        return unsupported ? cluster_name(client, topic) : event.error();
    }
    std::size_t count = 0;
    const rd_kafka_ConfigResource_t** answers = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event->get()), &count
    );
    if (count != 1) {
        return error(errc::no_broker);
    }
    const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(answers[0]);
    if (!is_answer(code)) {
        return kafka_error(code, "topic " + topic);
    }
    std::size_t entries = 0;
    const rd_kafka_ConfigEntry_t** configs = rd_kafka_ConfigResource_configs(answers[0], &entries);
    for (std::size_t i = 0; i < entries; ++i) {
        const char* value = rd_kafka_ConfigEntry_value(configs[i]);
        if (std::string_view(rd_kafka_ConfigEntry_name(configs[i])) == topic_id_config &&
            value != nullptr) {
            return std::string(value);
        }
    }
    return cluster_name(client, topic);
}

void topic_ids::find_ahead(rd_kafka_t* client, const std::vector<std::string>& topics) {
    for (const std::string& each : topics) {
        if (auto id = ask_topic_id(client, each, ask_ahead_limit); id.has_value()) {
            known_.emplace(each, *std::move(id));
        }
    }
}

std::string
topic_ids::find(rd_kafka_t* client, const std::string& topic, const std::stop_token& stop) {
    if (const auto known = known_.find(topic); known != known_.end()) {
        return known->second;
    }
    bool said = false;
    while (!stop.stop_requested()) {
        auto id = ask_topic_id(client, topic, ask_limit);
        if (id.has_error() && is_kafka_error(id.error(), RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)) {
            // Deleted since its records were read.
            id = cluster_name(client, topic);
        }
        if (id.has_value()) {
            return known_.emplace(topic, *std::move(id)).first->second;
        }
        if (!std::exchange(said, true)) {
            log_.warn(
                "Waiting for the broker to name the topic's id. topic={} error={}",
                topic,
                id.error().text()
            );
        }
        std::this_thread::sleep_for(pause);
    }
    return {};
}

} // namespace logboom::client
