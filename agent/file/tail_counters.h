// What the followed files of one input are counted by.
#pragma once

#include "agent/file/byte_ledger.h"

namespace logboom::agent {

struct tail_counters {
    explicit tail_counters(metrics& registry, const label_values& labels);
    gauge files;
    gauge open_files;
    counter truncations;
    counter rotations;
    counter rewinds;
    ledger_series bytes;
    counter damaged_files;
    gauge waiting_files;
    gauge pinned_bytes;
    gauge lag_bytes;
    gauge lag_time;
    gauge unacked_bytes;
};

} // namespace logboom::agent
