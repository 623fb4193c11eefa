// OffsetDelete: committed offsets of topics that nobody of the group reads.
#include "codecs/kafka/messages/47_offset_delete.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/group/group_service.h"

namespace logboom::broker {

void add_offset_delete(handler_table& to, handler_services& with) {
    using api = kafka::offset_delete_api;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        const auto pending = std::make_shared<reply<api>>(std::move(answer));
        with.groups.coordinator().offsets().remove(call.body, [pending](const api::response& body) {
            pending->send(body);
        });
    });
}

} // namespace logboom::broker
