// DescribeGroups: state, members and their assignment.
#include "codecs/kafka/messages/15_describe_groups.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/group/group_service.h"

namespace logboom::broker {

void add_describe_groups(handler_table& to, handler_services& with) {
    using api = kafka::describe_groups_api;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        /// Read, delete and describe, as bits of Kafka's AclOperation: there are no ACLs to narrow
        /// it.
        constexpr std::int32_t operations = (1 << 3) | (1 << 6) | (1 << 8);
        api::response body;
        for (const std::string_view id : call.body.groups) {
            auto& group =
                body.groups.emplace_back(with.groups.coordinator().members().describe(id));
            if (call.body.include_authorized_operations) {
                group.authorized_operations = operations;
            }
        }
        answer.send(body);
    });
}

} // namespace logboom::broker
