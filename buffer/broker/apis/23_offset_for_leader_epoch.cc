// OffsetForLeaderEpoch: where the largest epoch up to the one asked ended.
#include "codecs/kafka/messages/23_offset_for_leader_epoch.h"

#include "buffer/broker/apis/handlers.h"

namespace logboom::broker {
namespace apis::offset_for_leader_epoch {
namespace {

using api = kafka::offset_for_leader_epoch_api;
using kafka::error_code;

error_code answer_one(
    const found_partition& found,
    const api::request::topic::partition& asked,
    api::response::topic::partition& mine
) {
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
} // namespace apis::offset_for_leader_epoch

void add_offset_for_leader_epoch(handler_table& to, handler_services& with) {
    using namespace apis::offset_for_leader_epoch;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        api::response body;
        answer_partitions(with.context.topics, call.body, body, answer_one);
        answer.send(body);
    });
}

} // namespace logboom::broker
