// What an elasticsearch output counts: logboom_elasticsearch_*. Thread-safe.
#pragma once

#include "base/metrics.h"

#include <span>
#include <string>
#include <vector>

namespace logboom::sinks {

struct probe {
    /// `hosts`: what each is called, without credentials.
    probe(metrics& registry, const label_values& labels, std::span<const std::string> hosts);

    // Requests, by how they ended.
    counter requests_ok;
    counter requests_with_errors;
    counter requests_failed;
    // Events, by what became of them.
    counter stored;
    counter duplicates;
    counter superseded;
    counter failure_store;
    counter dead_letters;
    counter dropped;
    counter lost;
    // Items and requests sent again, by reason.
    counter retries_item;
    counter retries_request;
    counter retries_connection;
    counter splits;
    counter body_bytes;
    counter sent_bytes;
    // Levels.
    counter probe_failures;
    gauge in_flight;
    gauge unsettled_bytes;
    gauge retry_lane_items;
    /// By host, in their order.
    std::vector<gauge> hosts_up;
};

} // namespace logboom::sinks
