// Who this agent is, for the names that lines get: a random id, made once and kept in the data
// directory, so that the same file read again by the same installation gives the same names.
#pragma once

#include "base/env.h"

namespace logboom::agent {

/// From <data_directory>/agent.id, which is made when it is missing. Thread-safe.
result<std::string> load_agent_id(env& disk, const std::string& data_directory);

} // namespace logboom::agent
