// FindCoordinator: this broker, once __consumer_offsets is there.
#include "codecs/kafka/messages/10_find_coordinator.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/group/group_service.h"

namespace logboom::broker {
namespace apis::find_coordinator {
namespace {

enum class coordinator_kind : std::int8_t { group = 0, transaction = 1 };

/// What is said about one key: itself, in both shapes of the answer.
struct found_coordinator {
    error_code why = error_code::none;
    std::string message;
    broker_id node{-1};
    endpoint address{"", -1};
};

found_coordinator refuse_kind(std::int8_t kind) {
    found_coordinator made;
    made.why = error_code::invalid_request;
    made.message = kind == static_cast<std::int8_t>(coordinator_kind::transaction)
                       ? "This broker has no transactions."
                       : "There is no such kind of coordinator.";
    return made;
}

kafka::find_coordinator_api::response
answer_with(const found_coordinator& found, const std::vector<std::string>& keys) {
    kafka::find_coordinator_api::response answer;
    answer.error = wire(found.why);
    answer.node_id = found.node;
    answer.host = found.address.host;
    answer.port = found.address.port;
    if (found.why != error_code::none) {
        answer.error_message = found.message;
    }
    for (const std::string& key : keys) {
        answer.coordinators.push_back(
            {key,
             found.node,
             found.address.host,
             found.address.port,
             answer.error,
             answer.error_message}
        );
    }
    return answer;
}

} // namespace
} // namespace apis::find_coordinator

void add_find_coordinator(handler_table& to, handler_services& with) {
    using namespace apis::find_coordinator;
    using api = kafka::find_coordinator_api;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        std::vector<std::string> keys(
            call.body.coordinator_keys.begin(), call.body.coordinator_keys.end()
        );
        if (call.body.key_type != static_cast<std::int8_t>(coordinator_kind::group)) {
            return answer.send(answer_with(refuse_kind(call.body.key_type), keys));
        }
        const auto pending = std::make_shared<reply<api>>(std::move(answer));
        with.groups.open(
            [&with, pending, keys = std::move(keys), own = call.client.advertised](bool open) {
                found_coordinator found;
                if (open) {
                    found.node = with.context.config.node;
                    found.address = own;
                } else {
                    found.why = error_code::coordinator_not_available;
                    found.message = "The topic __consumer_offsets could not be created.";
                }
                pending->send(answer_with(found, keys));
            }
        );
    });
}

} // namespace logboom::broker
