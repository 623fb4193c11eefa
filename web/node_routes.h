// Logstash's API as routes: the same addresses and field names, so that metricbeat and Prometheus
// exporters for Logstash read them; and /metrics, /health/live and /health/ready.
#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "web/node_info.h"
#include "web/router.h"

namespace logboom::web {

/// `counters` and `time` outlive the router. `http_address`: where the server listens,
/// "127.0.0.1:9600".
router
node_routes(node_info about, std::string http_address, const metrics& counters, const clock& time);

} // namespace logboom::web
