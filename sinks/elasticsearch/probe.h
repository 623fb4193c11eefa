// What an elasticsearch output counts: logboom_elasticsearch_*. Thread-safe.
#pragma once

#include "base/metrics.h"

#include <string>

namespace logboom::sinks {

struct probe {
    probe(metrics& registry, const std::string& pipeline_id, const std::string& plugin_id);

    // Requests, by how they ended.
    counter& requests_ok;
    counter& requests_with_errors;
    counter& requests_failed;
    // Events, by what became of them.
    counter& stored;
    counter& duplicates;
    counter& superseded;
    counter& failure_store;
    counter& dead_letters;
    counter& dropped;
    counter& lost;
    // Items and requests sent again, by reason.
    counter& retries_item;
    counter& retries_request;
    counter& retries_connection;
    counter& splits;
    counter& body_bytes;
    counter& sent_bytes;
    // Levels.
    counter& in_flight;
    counter& unsettled_bytes;
    counter& retry_lane_items;
};

} // namespace logboom::sinks
