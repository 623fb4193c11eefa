// What a group wants done after an event: requests to answer, state to write down. The group itself
// does no I/O; the coordinator carries these out in order.
#pragma once

#include "buffer/broker/group/member.h"
#include "buffer/broker/group/records.h"
#include "codecs/kafka/messages/11_join_group.h"
#include "codecs/kafka/messages/14_sync_group.h"

#include <vector>

namespace logboom::broker {

using join_request = kafka::join_group_api::request;
using join_response = kafka::join_group_api::response;
using sync_request = kafka::sync_group_api::request;
using sync_response = kafka::sync_group_api::response;

struct group_actions {
    template <class Response>
    struct answer {
        request_token to;
        Response body;
    };
    struct store {
        /// 0: nobody waits. Otherwise group::stored(ticket, ...) when it is durable or failed.
        std::uint64_t ticket = 0;
        group_metadata what;
    };

    std::vector<answer<join_response>> joins;
    std::vector<answer<sync_response>> syncs;
    std::vector<store> stores;
};

} // namespace logboom::broker
