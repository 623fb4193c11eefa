// The dead letter seam: an event that its output can never store is written here, with the reason,
// before it counts as final. Nothing is dropped without a trace.
#pragma once

#include "event/ack.h"
#include "event/event.h"

#include <string_view>

namespace logboom {

struct dead_letter {
    /// What the output tried to store, as JSON.
    std::string_view document;
    /// "elasticsearch", "kafka".
    std::string_view output;
    /// The server's word: an HTTP or protocol status, an error type and a sentence.
    int status = 0;
    std::string_view error_type;
    std::string_view reason;
    /// The index, topic or path it was meant for, and the id if it had one.
    std::string_view target;
    std::string_view id;
    event_origin origin;
};

class dead_letter_queue {
  public:
    virtual ~dead_letter_queue() = default;
    /// Copies what it needs before it returns; settles `ack` when the letter is durable. May block
    /// while too many are unsettled. Thread-safe.
    virtual void write(const dead_letter& letter, ack_token ack) = 0;
    /// The time to stop has come: who waits for room is let go, and the ack of what has none is
    /// lost. Thread-safe.
    virtual void close() {}
};

} // namespace logboom
