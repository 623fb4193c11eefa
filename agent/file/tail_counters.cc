#include "agent/file/tail_counters.h"

#include "base/metric_list.h"

namespace logboom::agent {
namespace {

counter lost(metrics& registry, const label_values& labels, const char* reason) {
    // The reason is the last label: those before it may be missing in a test.
    constexpr std::size_t owner_labels = 3;
    label_values with = labels;
    with.resize(owner_labels);
    with.emplace_back(reason);
    return {registry, declared("logboom_agent_lost_bytes_total"), std::move(with)};
}

} // namespace

tail_counters::tail_counters(metrics& registry, const label_values& labels)
    : files(registry, declared("logboom_agent_files"), labels)
    , open_files(registry, declared("logboom_agent_open_files"), labels)
    , truncations(registry, declared("logboom_agent_truncations_total"), labels)
    , rotations(registry, declared("logboom_agent_rotations_total"), labels)
    , rewinds(registry, declared("logboom_agent_rewinds_total"), labels)
    , lost_truncated(lost(registry, labels, "truncated"))
    , lost_deleted(lost(registry, labels, "deleted"))
    , lost_pinned(lost(registry, labels, "pinned"))
    , damaged_files(registry, declared("logboom_agent_damaged_files_total"), labels)
    , waiting_files(registry, declared("logboom_agent_waiting_files"), labels)
    , pinned_bytes(registry, declared("logboom_agent_pinned_bytes"), labels)
    , lag_bytes(registry, declared("logboom_agent_lag_bytes"), labels)
    , unacked_bytes(registry, declared("logboom_agent_unacked_bytes"), labels) {}

} // namespace logboom::agent
