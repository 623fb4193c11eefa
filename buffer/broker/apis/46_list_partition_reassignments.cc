// ListPartitionReassignments: nothing ever moves on a single node, so the list is empty.
// kafka-topics --describe asks for it.
#include "codecs/kafka/messages/46_list_partition_reassignments.h"

#include "buffer/broker/apis/handlers.h"

namespace logboom::broker {

void add_list_partition_reassignments(handler_table& to, handler_services& /*with*/) {
    using api = kafka::list_partition_reassignments_api;
    to.add<api>([](const request<api>& /*call*/, reply<api> answer) { answer.send({}); });
}

} // namespace logboom::broker
