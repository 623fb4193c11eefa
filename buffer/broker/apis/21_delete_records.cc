// DeleteRecords: moves the start of partitions forward; -1 is the high watermark.
#include "codecs/kafka/messages/21_delete_records.h"

#include "buffer/broker/apis/handlers.h"

namespace logboom::broker {
namespace apis::delete_records {
namespace {

using api = kafka::delete_records_api;
using kafka::error_code;

error_code delete_before(
    const found_partition& found,
    const api::request::topic::partition& asked,
    api::response::topic::partition& mine
) {
    if (found.topic->internal) {
        return error_code::invalid_topic;
    }
    auto moved = found.target->log()->delete_records_before(asked.before);
    if (moved.has_error()) {
        return error_code_of(moved.error());
    }
    mine.low_watermark = *moved;
    return error_code::none;
}

} // namespace
} // namespace apis::delete_records

void add_delete_records(handler_table& to, handler_services& with) {
    using namespace apis::delete_records;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        api::response body;
        answer_partitions(with.context.topics, call.body, body, delete_before);
        answer.send(body);
    });
}

} // namespace logboom::broker
