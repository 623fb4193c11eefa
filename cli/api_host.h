// The HTTP API as the commands offer it: its options, and what it says of this process.
#pragma once

#include "cli/command_line.h"
#include "cli/run_options.h"
#include "web/api_server.h"

namespace logboom::cli {

/// An option for each api.* setting; what is given is added to `into` in the order of the line.
void add_api_options(command_line to, std::vector<given_option>& into);

/// What /_node says of this process; `name` is the host's when empty. The id is a new one.
web::node_info describe_node(const std::string& name);

} // namespace logboom::cli
