// LeaveGroup: members go at once.
#include "codecs/kafka/messages/13_leave_group.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/group/group_service.h"

namespace logboom::broker {

void add_leave_group(handler_table& to, handler_services& with) {
    using api = kafka::leave_group_api;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        answer.send(with.groups.coordinator().members().leave(call.body, call.header.version));
    });
}

} // namespace logboom::broker
