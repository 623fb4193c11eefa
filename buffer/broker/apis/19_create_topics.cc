// CreateTopics: checks as Kafka does, then writes the topics down and opens their logs.
#include "codecs/kafka/messages/19_create_topics.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/core/batch_call.h"

#include <set>

namespace logboom::broker {
namespace apis::create_topics {
namespace {

using api = kafka::create_topics_api;
using call_state = batch_call<api>;
using kafka::error_code;

void refuse(api::response::topic& mine, error_code code, std::string sentence) {
    mine.error = wire(code);
    mine.error_message = std::move(sentence);
}

/// The topic's own number of partitions when replicas were assigned by hand; 0 when that is wrong.
std::int32_t assigned_partitions(const api::request::topic& asked, broker_id own) {
    std::set<std::int32_t> seen;
    for (const auto& each : asked.assignments) {
        if (each.broker_ids.size() != 1 || each.broker_ids.front() != own) {
            return 0;
        }
        seen.insert(each.index.value());
    }
    const auto count = static_cast<std::int32_t>(asked.assignments.size());
    const bool dense = static_cast<std::int32_t>(seen.size()) == count && *seen.begin() == 0 &&
                       *seen.rbegin() == count - 1;
    return dense ? count : 0;
}

void describe_defaults(
    const broker_config& config, const topic_config& overrides, api::response::topic& mine
) {
    mine.configs.emplace();
    for_each_topic_key([&](const config_key& key) {
        const effective_value value = effective_topic_value(key, config.topic_defaults, overrides);
        mine.configs->push_back(
            {std::string(key.topic_name),
             value.value,
             false,
             static_cast<std::int8_t>(value.source),
             false}
        );
    });
}

/// Fills `into`; false when the answer is a refusal already.
bool read_topic(
    const api::request::topic& asked,
    const broker_config& config,
    new_topic& into,
    api::response::topic& mine
) {
    into.name = asked.name;
    into.partitions = asked.num_partitions;
    into.replication_factor = asked.replication_factor;
    if (!asked.assignments.empty()) {
        if (asked.num_partitions != -1 || asked.replication_factor != -1) {
            refuse(
                mine,
                error_code::invalid_request,
                "Both numPartitions or replicationFactor and replicasAssignments were set."
            );
            return false;
        }
        into.partitions = assigned_partitions(asked, config.node);
        if (into.partitions == 0) {
            refuse(
                mine,
                error_code::invalid_replica_assignment,
                "Partitions must be numbered from 0 and each lie on this broker alone."
            );
            return false;
        }
        into.replication_factor = 1;
    }
    for (const auto& each : asked.configs) {
        if (!each.value) {
            refuse(
                mine,
                error_code::invalid_config,
                "Null value not supported for topic configs: " + std::string(each.name)
            );
            return false;
        }
        into.overrides.insert_or_assign(std::string(each.name), std::string(*each.value));
    }
    return true;
}

void create_one(
    handler_services& with,
    const std::shared_ptr<call_state>& state,
    std::size_t index,
    new_topic topic,
    bool validate_only
) {
    const broker_config& config = with.context.config;
    auto& mine = state->body.topics[index];
    topic_refusal refused = with.context.topics.check(topic);
    if (refused.code != error_code::none) {
        refuse(mine, refused.code, std::move(refused.message));
        return;
    }
    mine.num_partitions = topic.partitions == -1 ? config.num_partitions : topic.partitions;
    mine.replication_factor = 1;
    describe_defaults(config, topic.overrides, mine);
    if (validate_only) {
        return;
    }
    state->part_begun();
    with.context.topics.create(
        std::move(topic),
        [state, index](topic_refusal outcome, const topic_state* made) {
            auto& answer = state->body.topics[index];
            if (outcome.code != error_code::none) {
                refuse(answer, outcome.code, std::move(outcome.message));
            } else {
                answer.id = made->id;
            }
            state->part_done();
        }
    );
}

} // namespace
} // namespace apis::create_topics

void add_create_topics(handler_table& to, handler_services& with) {
    using namespace apis::create_topics;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        const auto state = std::make_shared<call_state>(std::move(answer));
        std::map<std::string_view, int> named;
        for (const auto& each : call.body.topics) {
            ++named[each.name];
            state->body.topics.emplace_back().name = each.name;
        }
        for (std::size_t i = 0; i < call.body.topics.size(); ++i) {
            const auto& asked = call.body.topics[i];
            auto& mine = state->body.topics[i];
            new_topic topic;
            if (named[asked.name] > 1) {
                refuse(mine, error_code::invalid_request, "Duplicate topic name.");
            } else if (read_topic(asked, with.context.config, topic, mine)) {
                create_one(with, state, i, std::move(topic), call.body.validate_only);
            }
        }
        state->part_done();
    });
}

} // namespace logboom::broker
