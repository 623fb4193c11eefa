// How the pipelines of this process do, read from what is counted.
#pragma once

#include "base/metrics.h"

#include <string>
#include <vector>

namespace logboom::web {

/// From good to bad, so that the worst of several is their maximum.
enum class health { green, yellow, red };
const char* name_of(health status);

struct pipeline_health {
    health status = health::green;
    /// RUNNING or TERMINATED.
    std::string state = "RUNNING";
    /// A sentence for each thing that is wrong.
    std::vector<std::string> symptoms;
};

/// Red: a plugin failed, or an output or input reaches none of its servers. Yellow: some of them.
pipeline_health health_of(const metrics& counters, const std::string& pipeline);

} // namespace logboom::web
