// What `logboom run` was asked for: logstash.yml, then pipelines.yml, then the command line, each
// overriding the one before. The keys are Logstash's.
#pragma once

#include "cli/log_options.h"
#include "pipelines/conf/problem.h"
#include "pipelines/topology/pipeline_settings.h"
#include "web/api_options.h"

#include <optional>

namespace logboom::cli {

/// A key of logstash.yml and the text given for it on the command line.
using given_option = std::pair<std::string, std::string>;

struct run_request {
    std::vector<given_option> options;
    /// -f, any number of times.
    std::vector<std::string> config_paths;
    /// Each of the paths is a pipeline of its own; else all of them are one config.
    bool is_pipeline_each = false;
    /// --path.settings; empty for none.
    std::string settings_directory;
    /// The process is root's, which allow_superuser may forbid.
    bool is_superuser = false;
};

struct pipeline_request {
    pipelines::pipeline_settings settings;
    std::vector<std::string> paths;
    /// -e or config.string.
    std::optional<std::string> text;
};

struct run_options {
    std::vector<pipeline_request> pipelines;
    bool is_check_only = false;
    log_options log;
    /// Nothing when api.enabled is false.
    std::optional<web::http_server_options> api;
    /// What the API calls this instance; the host's name if empty.
    std::string node_name;
    conf::problems errors;
    /// The errors are about the command line itself.
    bool is_bad_usage = false;
    std::vector<std::string> warnings;
};

run_options read_run_options(const run_request& from, env& files);

} // namespace logboom::cli
