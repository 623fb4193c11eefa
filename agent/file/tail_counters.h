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
    counter bytes_lost;
    gauge lag_bytes;
    gauge unacked_bytes;
};

} // namespace logboom::agent
