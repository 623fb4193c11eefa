// JoinGroup: answered when the group has gathered.
#include "codecs/kafka/messages/11_join_group.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/group/group_service.h"

namespace logboom::broker {

void add_join_group(handler_table& to, handler_services& with) {
    using api = kafka::join_group_api;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        with.groups.open([](bool) {});
        const auto pending = std::make_shared<reply<api>>(std::move(answer));
        const std::string host = "/" + call.client.host;
        const request_token token = with.groups.coordinator().members().join(
            call.body,
            {call.client_id(), host, call.header.version, {}},
            [pending](const api::response& body) { pending->send(body); }
        );
        with.groups.watch(*pending, token);
    });
}

} // namespace logboom::broker
