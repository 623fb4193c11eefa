// What the API says of this process beside what is counted.
#pragma once

#include "base/log.h"

#include <string>
#include <string_view>
#include <vector>

namespace logboom::web {

struct pipeline_info {
    std::string id;
    std::size_t workers = 1;
    std::size_t batch_size = 0;
    /// Another one when the config is; see config_hash().
    std::string hash = {};
};

/// What Logstash gives as a pipeline's hash: SHA-256 of its config's text, in hexadecimal digits.
std::string config_hash(std::string_view config);

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
