// DescribeCluster: this broker, which is its own controller.
#include "codecs/kafka/messages/60_describe_cluster.h"

#include "buffer/broker/apis/handlers.h"

namespace logboom::broker {
namespace apis::describe_cluster {
namespace {

using api = kafka::describe_cluster_api;

constexpr std::int8_t brokers = 1;
/// Every AclOperation that a cluster knows.
constexpr std::int32_t cluster_operations = 8096;

} // namespace
} // namespace apis::describe_cluster

void add_describe_cluster(handler_table& to, handler_services& with) {
    using namespace apis::describe_cluster;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        const broker_id own = with.context.config.node;
        api::response body;
        if (call.body.endpoint_type != brokers) {
            // MISMATCHED_ENDPOINT_TYPE: controllers are not among what can be asked here.
            constexpr std::int16_t mismatched_endpoint_type = 114;
            body.error = mismatched_endpoint_type;
            body.error_message = "Only brokers (1) can be asked for here.";
            answer.send(body);
            return;
        }
        body.cluster_id = with.cluster_id;
        body.controller_id = own;
        const endpoint& advertised = call.client.advertised;
        body.brokers.push_back({own, advertised.host, advertised.port, std::nullopt});
        if (call.body.include_cluster_authorized_operations) {
            body.cluster_authorized_operations = cluster_operations;
        }
        answer.send(body);
    });
}

} // namespace logboom::broker
