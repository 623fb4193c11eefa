// ListGroups: all of them, or those in some states.
#include "codecs/kafka/messages/16_list_groups.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/group/group_service.h"

namespace logboom::broker {

void add_list_groups(handler_table& to, handler_services& with) {
    using api = kafka::list_groups_api;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        answer.send(with.groups.coordinator().members().list(call.body.states_filter));
    });
}

} // namespace logboom::broker
