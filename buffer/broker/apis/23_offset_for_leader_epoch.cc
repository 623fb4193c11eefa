// OffsetForLeaderEpoch: where the largest epoch up to the one asked ended.
#include "codecs/kafka/messages/23_offset_for_leader_epoch.h"

#include "buffer/broker/apis/handlers.h"

namespace logboom::broker {
namespace {

using api = kafka::offset_for_leader_epoch_api;
using kafka::error_code;

error_code answer_one(
    const topic_catalog& topics,
    std::string_view topic,
    const api::request::topic::partition& asked,
    api::response::topic::partition& mine
) {
    const found_partition found = find_partition(topics, topic, asked.index);
    if (found.error != error_code::none) {
        return found.error;
    }
    if (const auto wrong = check_epoch(*found.target->log(), asked.current_leader_epoch);
        wrong != error_code::none) {
        return wrong;
    }
    const log::epoch_end end = found.target->log()->end_of_epoch(asked.epoch);
    mine.epoch = end.epoch;
    mine.end_offset = end.end_offset;
    return error_code::none;
}

} // namespace

void add_offset_for_leader_epoch(handler_table& to, handler_services& with) {
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        api::response body;
        for (const auto& topic : call.body.topics) {
            auto& answers = body.topics.emplace_back();
            answers.name = topic.name;
            for (const auto& each : topic.partitions) {
                auto& mine = answers.partitions.emplace_back();
                mine.index = each.index;
                mine.error = wire(answer_one(with.context.topics, topic.name, each, mine));
            }
        }
        answer.send(body);
    });
}

} // namespace logboom::broker
