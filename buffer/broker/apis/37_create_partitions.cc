// CreatePartitions: a topic may only grow.
#include "codecs/kafka/messages/37_create_partitions.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/core/batch_call.h"

namespace logboom::broker {
namespace apis::create_partitions {
namespace {

using api = kafka::create_partitions_api;
using call_state = batch_call<api>;
using kafka::error_code;

void refuse(api::response::result& mine, error_code code, std::string sentence) {
    mine.error = wire(code);
    mine.error_message = std::move(sentence);
}

void grow_one(
    handler_services& with,
    const std::shared_ptr<call_state>& state,
    std::size_t index,
    const api::request::topic& asked,
    bool validate_only
) {
    auto& mine = state->body.results[index];
    const topic_state* topic = with.context.topics.find(asked.name);
    if (topic == nullptr) {
        refuse(mine, error_code::unknown_topic_or_partition, "This server does not host it.");
        return;
    }
    if (topic->internal) {
        refuse(
            mine,
            error_code::invalid_partitions,
            "The number of partitions of an internal topic cannot change: it says where a group is."
        );
        return;
    }
    const auto current = static_cast<std::int32_t>(topic->partitions.size());
    if (asked.count <= current) {
        refuse(
            mine,
            error_code::invalid_partitions,
            "The topic " + topic->name + " currently has " + std::to_string(current) +
                " partition(s); " + std::to_string(asked.count) + " would not be an increase."
        );
        return;
    }
    const broker_id own = with.context.config.node;
    for (const auto& each : asked.assignments.value_or(decltype(asked.assignments)::value_type{})) {
        if (each.broker_ids.size() != 1 || each.broker_ids.front() != own) {
            refuse(
                mine,
                error_code::invalid_replica_assignment,
                "Partitions can only lie on this broker."
            );
            return;
        }
    }
    if (validate_only) {
        return;
    }
    state->part_begun();
    with.context.topics
        .add_partitions(topic->name, asked.count, [state, index](topic_refusal outcome) {
            if (outcome.code != error_code::none) {
                refuse(state->body.results[index], outcome.code, std::move(outcome.message));
            }
            state->part_done();
        });
}

} // namespace
} // namespace apis::create_partitions

void add_create_partitions(handler_table& to, handler_services& with) {
    using namespace apis::create_partitions;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        const auto state = std::make_shared<call_state>(std::move(answer));
        state->body.results.resize(call.body.topics.size());
        for (std::size_t i = 0; i < call.body.topics.size(); ++i) {
            state->body.results[i].name = call.body.topics[i].name;
            grow_one(with, state, i, call.body.topics[i], call.body.validate_only);
        }
        state->part_done();
    });
}

} // namespace logboom::broker
