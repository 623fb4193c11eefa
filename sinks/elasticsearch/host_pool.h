// Which of the hosts gets the next request: a living one with the fewest requests on it, at random
// among equals. A host that failed is dead until a probe (a cheap GET) is answered with anything;
// probes back off. Owned by the sender's thread.
#pragma once

#include "sinks/elasticsearch/bulk_backoff.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace logboom::sinks {

class host_pool {
  public:
    using time = std::chrono::nanoseconds;

    host_pool(std::size_t count, time probe_initial, time probe_max, std::uint64_t seed);

    /// nullopt while all are dead. The host counts one request more until leave().
    std::optional<std::size_t> enter();
    void leave(std::size_t host);
    /// True when it was alive until now.
    bool mark_dead(std::size_t host, time now);
    /// True when it was dead until now.
    bool mark_alive(std::size_t host);
    /// A dead host to ask now; it is not offered again before mark_dead or mark_alive.
    std::optional<std::size_t> next_probe(time now);
    [[nodiscard]] std::optional<time> next_probe_at() const;
    [[nodiscard]] bool has_living() const;
    [[nodiscard]] time probe_delay(std::size_t host) const;

  private:
    struct host_state {
        std::size_t in_use = 0;
        unsigned failures = 0;
        time probe_at{};
        bool is_probing = false;
    };

    std::vector<host_state> hosts_;
    bulk_backoff backoff_;
    std::minstd_rand random_;
};

} // namespace logboom::sinks
