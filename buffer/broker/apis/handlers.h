// The handlers, one file per api, named after Kafka's key: 00_produce.cc, 01_fetch.cc, ... The list
// of apis is codecs/kafka/messages/all.h. What is in the table is what ApiVersions offers.
#pragma once

#include "buffer/broker/config/broker_config.h"
#include "buffer/broker/core/broker_context.h"
#include "buffer/broker/partitions/partition_service.h"

#include <string>

namespace logboom::broker {

class group_service;

/// What the handlers work with; outlives the table.
struct handler_services {
    broker_context& context;
    partition_service& partitions;
    group_service& groups;
    std::string cluster_id;
};

/// Adds the handler of every api in codecs/kafka/messages/all.h: NN_name.cc defines
/// add_name(handler_table&, handler_services&). One that is missing does not link.
void add_handlers(handler_table& to, handler_services& with);

// ---- shared by handlers

/// The code a client gets for a failure of the log or of the records themselves.
kafka::error_code error_code_of(const error& why) noexcept;

/// A partition as a request names it, or why there is none.
struct found_partition {
    const topic_state* topic = nullptr;
    partition* target = nullptr;
    kafka::error_code error = kafka::error_code::none;
};
found_partition
find_partition(const topic_catalog& topics, std::string_view topic, partition_id number);

/// The walk that requests about partitions have in common: each partition that was asked for gets
/// its line in `body`, with the error that find_partition() or else `answer_one(found, asked,
/// mine)` gives. The target of `found` is online.
template <class Request, class Response, class Answer>
void answer_partitions(
    const topic_catalog& topics, const Request& request, Response& body, Answer answer_one
) {
    body.topics.reserve(request.topics.size());
    for (const auto& topic : request.topics) {
        auto& answers = body.topics.emplace_back();
        answers.name = topic.name;
        answers.partitions.reserve(topic.partitions.size());
        for (const auto& asked : topic.partitions) {
            auto& mine = answers.partitions.emplace_back();
            mine.index = asked.index;
            const found_partition found = find_partition(topics, topic.name, asked.index);
            mine.error = wire(
                found.error == kafka::error_code::none ? answer_one(found, asked, mine)
                                                       : found.error
            );
        }
    }
}

/// FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH when the client knows another epoch; -1 is not
/// checked.
kafka::error_code check_epoch(const log::partition_log& log, leader_epoch known);

} // namespace logboom::broker
