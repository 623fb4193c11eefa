#include "agent/file/tail_counters.h"

#include "base/metric_list.h"

namespace logboom::agent {

tail_counters::tail_counters(metrics& registry, const label_values& labels)
    : files(registry, declared("logboom_agent_files"), labels)
    , open_files(registry, declared("logboom_agent_open_files"), labels)
    , truncations(registry, declared("logboom_agent_truncations_total"), labels)
    , rotations(registry, declared("logboom_agent_rotations_total"), labels)
    , rewinds(registry, declared("logboom_agent_rewinds_total"), labels)
    , bytes_lost(registry, declared("logboom_agent_lost_bytes_total"), labels)
    , lag_bytes(registry, declared("logboom_agent_lag_bytes"), labels)
    , unacked_bytes(registry, declared("logboom_agent_unacked_bytes"), labels) {}

} // namespace logboom::agent
