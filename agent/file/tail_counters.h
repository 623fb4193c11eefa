// What the followed files of one input are counted by.
#pragma once

#include "base/metrics.h"

namespace logboom::agent {

struct tail_counters {
    explicit tail_counters(metrics& registry, const label_values& labels);
    gauge files;
    gauge open_files;
    counter truncations;
    counter rotations;
    counter rewinds;
    /// Bytes that will never be read, by why.
    counter lost_truncated;
    counter lost_deleted;
    counter lost_pinned;
    counter damaged_files;
    gauge waiting_files;
    gauge pinned_bytes;
    gauge lag_bytes;
    gauge unacked_bytes;
};

} // namespace logboom::agent
