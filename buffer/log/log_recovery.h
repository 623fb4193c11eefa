// From the directory of a log to its pieces: finishes what a crash left half done, trusts what lies
// below the recovery point, reads the batches behind it, and cuts off the first torn one and all
// that follows. Functions without state; the caller owns what they give.
#pragma once

#include "buffer/log/leader_epochs.h"
#include "buffer/log/log_bounds.h"
#include "buffer/log/partition_log.h"
#include "buffer/log/segment_list.h"

namespace logboom::log {

struct recovered_log {
    segment_list segments;
    log_bounds bounds;
    leader_epochs epochs;
    /// They are not what their file says.
    bool epochs_changed = false;
};

/// Creates the first segment when there is none. Errors: corrupt when what lies below the recovery
/// point is damaged (nothing is cut then); those of the disk.
result<recovered_log> recover_log(
    const log_context& context, const segment_files& files, const partition_log_options& options
);

} // namespace logboom::log
