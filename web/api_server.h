// The HTTP API of this process: Logstash's addresses and /metrics, behind what the options ask for.
#pragma once

#include "web/http_server.h"
#include "web/node_routes.h"

namespace logboom::web {

/// Serves until the returned object is destroyed; `counters` outlives it.
/// `more`: addresses besides Logstash's.
result<std::unique_ptr<http_server>> serve_api(
    http_server_options options,
    node_info about,
    const metrics& counters,
    std::vector<route> more = {}
);

} // namespace logboom::web
