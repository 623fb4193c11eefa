// OffsetCommit: answered when the offsets are on disk.
#include "codecs/kafka/messages/08_offset_commit.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/group/group_service.h"
#include "buffer/broker/topics/topic_catalog.h"

namespace logboom::broker {

void add_offset_commit(handler_table& to, handler_services& with) {
    using api = kafka::offset_commit_api;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        with.groups.open([](bool) {});
        const auto pending = std::make_shared<reply<api>>(std::move(answer));
        with.groups.coordinator().offsets().commit(
            call.body,
            [&with](std::string_view topic, partition_id index) {
                const topic_state* const known = with.context.topics.find(topic);
                const bool exists = known != nullptr && known->find(index) != nullptr;
                return exists ? error_code::none : error_code::unknown_topic_or_partition;
            },
            [pending](const api::response& body) { pending->send(body); }
        );
    });
}

} // namespace logboom::broker
