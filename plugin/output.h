// The output seam: where events go.
//
// Life of a pipeline: make all -> filters start() -> outputs start() -> inputs run() on a thread
// each -> stop is requested -> every run() returns -> queues drain through the filters -> filters
// flush() for the last time -> outputs finish() -> filters close() -> inputs close(). Whatever is
// still unsettled then is lost() by destruction and read again next time.
#pragma once

#include "event/batch.h"
#include "plugin/codec.h"
#include "plugin/context.h"
#include "plugin/dead_letter.h"

#include <chrono>
#include <span>

namespace logboom {

class output {
  public:
    virtual ~output() = default;
    virtual result<void> start() { return {}; }
    /// Takes over the `chosen` events: encodes them before it returns (the batch is not kept) and
    /// settles `ack` when all of them are in a final state, without waiting for another write() or
    /// for finish() to happen. Blocks while the output has too much unsettled. Called from several
    /// workers at once; batches of one order_key come in order.
    virtual void
    write(const event_batch& batch, std::span<const std::uint32_t> chosen, ack_token ack) = 0;
    /// No more writes come. Settles what can be settled within `limit`, then gives up: write()
    /// calls that still block return, remaining tokens are lost. May be called while a write()
    /// blocks.
    virtual void finish(std::chrono::nanoseconds limit) = 0;
};

struct output_traits {
    /// What to warn of when a config names no codec for it; empty: nothing.
    std::string_view without_codec = {};
};

using output_row = plugin_row<output, plugin_context, output_traits>;

} // namespace logboom
