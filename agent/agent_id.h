// Who this agent is, for the names that lines get: a random id, made once and kept in the data
// directory, so that the same file read again by the same installation gives the same names. Beside
// it stands which machine that is: a copy of the directory on another machine, as in an image that
// was cloned, gets an id of its own. There the same names would be of other lines.
#pragma once

#include "base/env.h"
#include "base/log.h"

namespace logboom::agent {

/// From <data_directory>/agent.id, which is made when it is missing, and made anew, which is said,
/// on another machine. Thread-safe.
result<std::string> load_agent_id(env& disk, const std::string& data_directory, const logger& log);

} // namespace logboom::agent
