// server.properties and --override: from text to broker_config, with everything an operator should
// hear about on the way. The keys are config_key.h's; docs/server_properties.md lists them.
#pragma once

#include "buffer/broker/config/broker_config.h"

#include <string>
#include <vector>

namespace logboom::broker {

/// docs/server_properties.md, as it follows from the tables.
std::string server_settings_page();

/// What the tables say where nothing is given; without listeners and log directories.
broker_config default_broker_config();

struct properties_outcome {
    broker_config config;
    /// The broker must not start: each names file, line, key and what is allowed.
    std::vector<std::string> errors;
    std::vector<std::string> warnings;
    /// Keys that need not be there, explained.
    std::vector<std::string> notes;
};

/// `overrides` are "key=value" and win over the file. `data_directory` is where the log goes when
/// log.dirs is not given.
properties_outcome read_server_properties(
    const std::string& file_name,
    std::string_view text,
    const std::vector<std::string>& overrides,
    const std::string& data_directory
);

} // namespace logboom::broker
