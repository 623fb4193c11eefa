// ListOffsets: the end (-1), the start (-2), the record with the largest timestamp (-3) or the
// first record at or after a time.
#include "codecs/kafka/messages/02_list_offsets.h"

#include "buffer/broker/apis/handlers.h"

namespace logboom::broker {
namespace apis::list_offsets {
namespace {

using api = kafka::list_offsets_api;
using kafka::error_code;

constexpr timestamp_ms latest{-1};
constexpr timestamp_ms earliest{-2};
constexpr timestamp_ms largest_timestamp{-3};

using wanted = api::request::topic::partition;
using answer_partition = api::response::topic::partition;

error_code find_by_time(log::partition_log& log, timestamp_ms at, answer_partition& mine) {
    auto found = at == largest_timestamp ? log.offset_of_max_timestamp() : log.offset_for_time(at);
    if (found.has_error()) {
        return error_code_of(found.error());
    }
    if (*found) {
        mine.timestamp = (*found)->timestamp;
        mine.at = (*found)->offset;
        mine.epoch = (*found)->epoch;
    }
    return error_code::none;
}

error_code answer_one(const found_partition& found, const wanted& asked, answer_partition& mine) {
    log::partition_log& log = *found.target->log();
    if (const auto wrong = check_epoch(log, asked.current_leader_epoch);
        wrong != error_code::none) {
        return wrong;
    }
    if (asked.timestamp == latest) {
        mine.at = log.bounds().high_watermark();
        mine.epoch = log.current_epoch();
    } else if (asked.timestamp == earliest) {
        mine.at = log.bounds().start();
        mine.epoch = log.epoch_at(mine.at);
    } else if (asked.timestamp < largest_timestamp) {
        return error_code::invalid_request;
    } else if (const auto wrong = find_by_time(log, asked.timestamp, mine);
               wrong != error_code::none) {
        return wrong;
    }
    if (mine.at >= offset(0) && asked.max_num_offsets > 0) {
        mine.old_style_offsets.push_back(mine.at);
        if (asked.timestamp == latest && asked.max_num_offsets > 1 &&
            log.bounds().start() < mine.at) {
            mine.old_style_offsets.push_back(log.bounds().start());
        }
    }
    return error_code::none;
}

} // namespace
} // namespace apis::list_offsets

void add_list_offsets(handler_table& to, handler_services& with) {
    using namespace apis::list_offsets;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        api::response body;
        answer_partitions(with.context.topics, call.body, body, answer_one);
        answer.send(body);
    });
}

} // namespace logboom::broker
