#include "sinks/elasticsearch/host_pool.h"

#include "base/assertion.h"

namespace logboom::sinks {

host_pool::host_pool(std::size_t count, time probe_initial, time probe_max, std::uint64_t seed)
    : hosts_(count), backoff_(probe_initial, probe_max, seed), random_(seed) {
    LB_ASSERT(count > 0);
}

std::optional<std::size_t> host_pool::enter() {
    std::optional<std::size_t> best;
    std::size_t equals = 0;
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
        if (hosts_[i].failures > 0) {
            continue;
        }
        if (!best || hosts_[i].in_use < hosts_[*best].in_use) {
            best = i;
            equals = 1;
        } else if (hosts_[i].in_use == hosts_[*best].in_use && random_() % ++equals == 0) {
            best = i;
        }
    }
    if (best) {
        ++hosts_[*best].in_use;
    }
    return best;
}

void host_pool::leave(std::size_t host) {
    LB_ASSERT(host < hosts_.size() && hosts_[host].in_use > 0);
    --hosts_[host].in_use;
}

bool host_pool::mark_dead(std::size_t host, time now) {
    host_state& at = hosts_[host];
    const bool was_alive = at.failures == 0;
    // Several requests fail together when a host goes: that is one failure.
    if (was_alive || at.is_probing) {
        at.probe_at = now + backoff_.delay(++at.failures);
    }
    at.is_probing = false;
    return was_alive;
}

bool host_pool::mark_alive(std::size_t host) {
    host_state& at = hosts_[host];
    const bool was_dead = at.failures > 0;
    at.failures = 0;
    at.is_probing = false;
    return was_dead;
}

std::optional<std::size_t> host_pool::next_probe(time now) {
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
        host_state& at = hosts_[i];
        if (at.failures > 0 && !at.is_probing && at.probe_at <= now) {
            at.is_probing = true;
            return i;
        }
    }
    return std::nullopt;
}

std::optional<host_pool::time> host_pool::next_probe_at() const {
    std::optional<time> out;
    for (const host_state& each : hosts_) {
        if (each.failures > 0 && !each.is_probing) {
            out = out ? std::min(*out, each.probe_at) : each.probe_at;
        }
    }
    return out;
}

bool host_pool::has_living() const {
    for (const host_state& each : hosts_) {
        if (each.failures == 0) {
            return true;
        }
    }
    return false;
}

host_pool::time host_pool::probe_delay(std::size_t host) const {
    return backoff_.step(hosts_[host].failures);
}

} // namespace logboom::sinks
