// An answer that is put together from several parts which finish in any order: topics being
// created, deleted or changed. Sends when the last part is done. Shared by the parts' callbacks.
#pragma once

#include "buffer/broker/core/reply.h"

namespace logboom::broker {

template <class Api>
struct batch_call {
    reply<Api> answer;
    typename Api::response body;
    /// One for the call itself: begin() of all parts, then part_done() for it.
    std::size_t missing = 1;

    explicit batch_call(reply<Api> to) : answer(std::move(to)) {}

    void part_begun() { ++missing; }
    void part_done() {
        if (--missing == 0) {
            answer.send(body);
        }
    }
};

} // namespace logboom::broker
