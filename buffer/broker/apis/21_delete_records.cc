// DeleteRecords: moves the start of partitions forward; -1 is the high watermark.
#include "codecs/kafka/messages/21_delete_records.h"

#include "buffer/broker/apis/handlers.h"

namespace logboom::broker {
namespace {

using api = kafka::delete_records_api;
using kafka::error_code;

error_code delete_before(
    handler_services& with,
    std::string_view topic,
    partition_id partition,
    offset before,
    offset& low_watermark
) {
    const found_partition found = find_partition(with.context.topics, topic, partition);
    if (found.error != error_code::none) {
        return found.error;
    }
    if (found.topic->internal) {
        return error_code::invalid_topic;
    }
    auto moved = found.target->log()->delete_records_before(before);
    if (moved.has_error()) {
        return error_code_of(moved.error());
    }
    low_watermark = *moved;
    return error_code::none;
}

} // namespace

void add_delete_records(handler_table& to, handler_services& with) {
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        api::response body;
        for (const auto& topic : call.body.topics) {
            auto& answers = body.topics.emplace_back();
            answers.name = topic.name;
            for (const auto& each : topic.partitions) {
                auto& mine = answers.partitions.emplace_back();
                mine.index = each.index;
                mine.error = wire(
                    delete_before(with, topic.name, each.index, each.before, mine.low_watermark)
                );
            }
        }
        answer.send(body);
    });
}

} // namespace logboom::broker
