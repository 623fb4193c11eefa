// DeleteGroups: groups without members, with their offsets.
#include "codecs/kafka/messages/42_delete_groups.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/group/group_service.h"

namespace logboom::broker {

void add_delete_groups(handler_table& to, handler_services& with) {
    using api = kafka::delete_groups_api;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        const auto pending = std::make_shared<reply<api>>(std::move(answer));
        with.groups.coordinator().remove(call.body, [pending](const api::response& body) {
            pending->send(body);
        });
    });
}

} // namespace logboom::broker
