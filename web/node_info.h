// What the API says of this process beside what is counted.
#pragma once

#include "base/log.h"

#include <string>
#include <vector>

namespace logboom::web {

struct pipeline_info {
    std::string id;
    std::size_t workers = 1;
    std::size_t batch_size = 0;
};

struct node_info {
    std::string host;
    std::string name;
    /// The same after every start from the same data directory; ephemeral_id differs each time.
    std::string id;
    std::string ephemeral_id;
    /// Empty for a broker.
    std::vector<pipeline_info> pipelines;
    /// "logstash-input-file" and so on: what could stand in a pipeline.
    std::vector<std::string> plugins;
    log_level level = log_level::info;
};

} // namespace logboom::web
