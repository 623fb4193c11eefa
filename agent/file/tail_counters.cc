#include "agent/file/tail_counters.h"

#include "base/metric_list.h"

namespace logboom::agent {

tail_counters::tail_counters(metrics& registry, const label_values& labels)
    : files(registry, declared("logboom_agent_files"), labels)
    , open_files(registry, declared("logboom_agent_open_files"), labels)
    , truncations(registry, declared("logboom_agent_truncations_total"), labels)
    , rotations(registry, declared("logboom_agent_rotations_total"), labels)
    , rewinds(registry, declared("logboom_agent_rewinds_total"), labels)
    , bytes(registry, labels)
    , damaged_files(registry, declared("logboom_agent_damaged_files_total"), labels)
    , waiting_files(registry, declared("logboom_agent_waiting_files"), labels)
    , pinned_bytes(registry, declared("logboom_agent_pinned_bytes"), labels)
    , lag_bytes(registry, declared("logboom_agent_lag_bytes"), labels)
    , lag_time(registry, declared("logboom_agent_lag_seconds"), labels)
    , unacked_bytes(registry, declared("logboom_agent_unacked_bytes"), labels) {}

} // namespace logboom::agent
