// DeleteTopics: by name or id; the answer comes when the topic is gone from Metadata.
#include "codecs/kafka/messages/20_delete_topics.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/core/batch_call.h"

namespace logboom::broker {
namespace apis::delete_topics {
namespace {

using api = kafka::delete_topics_api;
using call_state = batch_call<api>;
using kafka::error_code;

void refuse(api::response::topic& mine, error_code code, std::string sentence) {
    mine.error = wire(code);
    mine.error_message = std::move(sentence);
}

void delete_one(
    handler_services& with, const std::shared_ptr<call_state>& state, const topic_state* topic
) {
    const std::size_t index = state->body.topics.size() - 1;
    auto& mine = state->body.topics[index];
    if (!with.context.config.delete_topic) {
        refuse(mine, error_code::topic_deletion_disabled, "Topic deletion is disabled.");
        return;
    }
    if (topic == nullptr) {
        const bool by_id = !mine.name;
        refuse(
            mine,
            by_id ? error_code::unknown_topic_id : error_code::unknown_topic_or_partition,
            "This server does not host this topic."
        );
        return;
    }
    mine.name = topic->name;
    mine.id = topic->id;
    if (topic->internal) {
        refuse(mine, error_code::invalid_topic, "The topic is internal to the broker.");
        return;
    }
    state->part_begun();
    with.context.topics.remove(topic->name, [state, index](topic_refusal outcome) {
        if (outcome.code != error_code::none) {
            refuse(state->body.topics[index], outcome.code, std::move(outcome.message));
        }
        state->part_done();
    });
}

} // namespace
} // namespace apis::delete_topics

void add_delete_topics(handler_table& to, handler_services& with) {
    using namespace apis::delete_topics;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        const auto state = std::make_shared<call_state>(std::move(answer));
        const topic_catalog& topics = with.context.topics;
        state->body.topics.reserve(call.body.topics.size() + call.body.topic_names.size());
        for (const std::string_view name : call.body.topic_names) {
            state->body.topics.emplace_back().name = name;
            delete_one(with, state, topics.find(name));
        }
        for (const auto& each : call.body.topics) {
            auto& mine = state->body.topics.emplace_back();
            mine.id = each.id;
            if (each.name) {
                mine.name = *each.name;
            }
            delete_one(with, state, each.name ? topics.find(*each.name) : topics.find(each.id));
        }
        state->part_done();
    });
}

} // namespace logboom::broker
