// The parts of /_node/stats that come from the counters of pipelines.
#pragma once

#include "base/metrics.h"
#include "web/flow.h"
#include "web/json.h"
#include "web/node_info.h"

#include <chrono>

namespace logboom::web {

/// The members of "events": of one pipeline, or of all when `pipeline` is empty.
void write_events(json_writer& json, const metrics& counters, const std::string& pipeline);
/// The members of "reloads" when nothing was ever reloaded.
void write_reloads(json_writer& json, bool is_pipeline);
/// "vertices", the plugins once more: metricbeat passes over a pipeline without them.
void write_vertices(
    json_writer& json,
    const metrics& counters,
    const std::string& pipeline,
    const std::string& ephemeral_id
);
/// The members of "pipelines"."ID"; `ephemeral_id` is the pipeline's.
void write_pipeline(
    json_writer& json,
    const metrics& counters,
    const flow_history& flow,
    const pipeline_info& about,
    const std::string& ephemeral_id,
    std::chrono::milliseconds uptime
);

} // namespace logboom::web
