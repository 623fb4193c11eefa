// Where state lies when nobody says: file positions, dead letters, the agent's id, the broker's
// log. One answer for every command, so that `broker`, `run` and `up` of one user share a place.
#pragma once

#include <string>

namespace logboom::cli {

/// /var/lib/logboom for root and where there is no home; else $XDG_STATE_HOME/logboom or
/// ~/.local/state/logboom.
std::string default_data_directory();

} // namespace logboom::cli
