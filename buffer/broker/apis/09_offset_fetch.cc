// OffsetFetch: from 8 on for many groups, before that for one.
#include "codecs/kafka/messages/09_offset_fetch.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/group/group_service.h"

namespace logboom::broker {
namespace apis::offset_fetch {
namespace {

/// What ZooKeeper does not know was an error in version 0, and clients of that age expect it.
void refuse_unknown_offsets(kafka::offset_fetch_api::response& body) {
    for (auto& topic : body.topics) {
        for (auto& each : topic.partitions) {
            if (each.error == 0 && each.committed_offset == no_offset) {
                each.error = wire(error_code::unknown_topic_or_partition);
            }
        }
    }
}

} // namespace
} // namespace apis::offset_fetch

void add_offset_fetch(handler_table& to, handler_services& with) {
    using namespace apis::offset_fetch;
    using api = kafka::offset_fetch_api;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        constexpr api_version version_with_error{2};
        constexpr api_version version_with_groups{8};
        with.groups.open([](bool) {});
        const offset_store& offsets = with.groups.coordinator().offsets();
        api::response body;
        if (call.header.version >= version_with_groups) {
            for (const auto& each : call.body.groups) {
                auto& group = body.groups.emplace_back(offsets.fetch(each.group_id, each.topics));
                if (group.error != 0) {
                    group.topics.clear();
                }
            }
            return answer.send(body);
        }
        auto group = offsets.fetch(call.body.group_id, call.body.topics);
        body.error = group.error;
        if (group.error == 0 || call.header.version < version_with_error) {
            body.topics = std::move(group.topics);
        }
        if (call.header.version == api_version(0)) {
            refuse_unknown_offsets(body);
        }
        answer.send(body);
    });
}

} // namespace logboom::broker
