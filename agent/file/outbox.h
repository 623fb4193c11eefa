// The way of batches out of the file input: gives each a token that reports to the inbox, offers it
// to the pipeline, and keeps those that find no room, in their order. Never blocks. Input's thread.
#pragma once

#include "agent/file/ack_inbox.h"
#include "agent/file/line_batcher.h"
#include "plugin/input.h"

#include <deque>

namespace logboom::agent {

class outbox {
  public:
    explicit outbox(std::shared_ptr<ack_inbox> inbox) : inbox_(std::move(inbox)) {}

    /// Where batches go, until the next call.
    void attach(batch_sink& into) noexcept { sink_ = &into; }
    /// Takes a batch with events. False when the pipeline is stopping.
    bool put(line_batch batch);
    /// Offers what waits for room. False when the pipeline is stopping.
    bool hand_over();
    /// Batches wait for room: nothing more may be read until hand_over() has got rid of them, which
    /// is tried when the inbox is told of room.
    [[nodiscard]] bool is_full() const noexcept { return !waiting_.empty(); }
    /// The run is over: what waits is lost, and will be read again.
    void drop() { waiting_.clear(); }

  private:
    std::shared_ptr<ack_inbox> inbox_;
    batch_sink* sink_ = nullptr;
    /// At most what one read gave, and the last lines of files that have ended since.
    std::deque<batch_ptr> waiting_;
};

} // namespace logboom::agent
