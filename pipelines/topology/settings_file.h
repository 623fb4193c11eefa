// logstash.yml and pipelines.yml: YAML with keys written flat (pipeline.workers: 2) or nested.
// Scalars become text, sequences arrays; ${VAR} and ${VAR:default} are replaced. Reading only: what
// the keys mean is decided in pipeline_options.h.
#pragma once

#include "base/config_value.h"
#include "base/env.h"

#include <vector>

namespace logboom::pipelines {

/// Key ("pipeline.workers") and value, in written order, with their lines.
using flat_settings = std::vector<config_attribute>;

result<flat_settings> read_settings_file(env& files, const std::string& path);
/// A list of such, one for each pipeline.
result<std::vector<flat_settings>> read_pipelines_file(env& files, const std::string& path);

} // namespace logboom::pipelines
