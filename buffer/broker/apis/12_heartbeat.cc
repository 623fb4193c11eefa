// Heartbeat: a member is alive.
#include "codecs/kafka/messages/12_heartbeat.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/group/group_service.h"

namespace logboom::broker {

void add_heartbeat(handler_table& to, handler_services& with) {
    using api = kafka::heartbeat_api;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        api::response body;
        body.error = wire(with.groups.coordinator().members().heartbeat(call.body));
        answer.send(body);
    });
}

} // namespace logboom::broker
