#include "buffer/broker/apis/handlers.h"

#include "buffer/broker/core/errc.h"
#include "codecs/kafka/messages/all.h"
#include "codecs/kafka/record_errc.h"

namespace logboom::broker {

using kafka::error_code;

#define LB_DECLARE(name) void add_##name(handler_table& to, handler_services& with);
LB_KAFKA_APIS(LB_DECLARE)
#undef LB_DECLARE

void add_handlers(handler_table& to, handler_services& with) {
#define LB_ADD(name) add_##name(to, with);
    LB_KAFKA_APIS(LB_ADD)
#undef LB_ADD
}

error_code error_code_of(const error& why) noexcept {
    const std::error_category& category = why.code.category();
    if (category == make_error_code(kafka::record_errc::corrupt_message).category()) {
        return static_cast<error_code>(why.code.value());
    }
    constexpr int internal_codes = 1000;
    if (category == make_error_code(log::errc::corrupt).category() &&
        why.code.value() < internal_codes) {
        return static_cast<error_code>(why.code.value());
    }
    if (why.code == make_error_code(errc::unknown_partition)) {
        return error_code::unknown_topic_or_partition;
    }
    if (why.code == make_error_code(errc::stopped)) {
        return error_code::not_leader_or_follower;
    }
    return error_code::kafka_storage_error;
}

found_partition
find_partition(const topic_catalog& topics, std::string_view topic, partition_id number) {
    found_partition found;
    found.topic = topics.find(topic);
    found.target = found.topic == nullptr ? nullptr : found.topic->find(number);
    if (found.target == nullptr) {
        found.error = error_code::unknown_topic_or_partition;
    } else if (!found.target->is_online()) {
        found.error = error_code::kafka_storage_error;
    }
    return found;
}

error_code check_epoch(const log::partition_log& log, leader_epoch known) {
    const leader_epoch current = log.current_epoch();
    if (known.value() < 0 || known == current) {
        return error_code::none;
    }
    return known < current ? error_code::fenced_leader_epoch : error_code::unknown_leader_epoch;
}

} // namespace logboom::broker
