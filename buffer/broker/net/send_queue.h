// What a connection has to send and its client has not taken yet: bytes in memory and regions of
// files, in order. Small answers are joined, so that one call sends many of them. Owned by its
// connection, which owns the socket; on the loop.
#pragma once

#include "buffer/broker/core/reply.h"

#include <deque>
#include <string>
#include <string_view>

namespace logboom::broker {

class send_queue {
  public:
    /// What one attempt to send gave.
    struct outcome {
        std::size_t sent = 0;
        /// The socket took all that was offered: there may be room for more.
        bool may_go_on = false;
        /// Not empty: the connection cannot go on.
        std::string failure;
    };

    void add(encoded_response&& answer);
    void clear() {
        items_.clear();
        held_ = 0;
    }
    [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
    /// Bytes in memory.
    [[nodiscard]] std::size_t held() const noexcept { return held_; }

    /// One call on `socket`, which does not block: what lies in memory up to the next region, or a
    /// piece of a region (sendfile). Needs something to send.
    outcome send_some(int socket);

  private:
    struct item {
        std::string bytes;
        log::log_slice region;
        std::size_t sent = 0;
        [[nodiscard]] bool is_file() const noexcept { return region.source != nullptr; }
    };

    void add_bytes(std::string_view bytes);
    outcome send_bytes(int socket);
    outcome send_region(int socket);
    /// For a file without a descriptor: a piece of it becomes bytes.
    outcome load_region();
    void drop_sent(std::size_t size);

    std::deque<item> items_;
    std::size_t held_ = 0;
};

} // namespace logboom::broker
