// A batch: the events that travel together, the arena that holds their text, and the ack token that
// tells their source what became of them. Made by an input, changed by filters, read by outputs;
// owned by one thread at a time (batch_ptr moves along the queue).
#pragma once

#include "event/ack.h"
#include "event/event.h"

#include <memory>
#include <vector>

namespace logboom {

class event_batch {
  public:
    event_batch() = default;
    event_batch(const event_batch&) = delete;
    event_batch& operator=(const event_batch&) = delete;

    arena memory;
    std::vector<event> events;
    ack_token ack;
    /// Batches of equal order_key are worked on in the order they were pushed: one file, one
    /// partition. Batches of different keys may overtake one another.
    std::uint64_t order_key = 0;
    /// The pipeline has met it before: an offer that found no room.
    bool was_offered = false;

    /// A new event with @timestamp `timestamp_ns` and @version "1". The reference is good until the
    /// next add.
    event& add(std::int64_t timestamp_ns);
};

using batch_ptr = std::unique_ptr<event_batch>;
/// Indexes into event_batch::events, ascending.
using selection = std::vector<std::uint32_t>;

} // namespace logboom
