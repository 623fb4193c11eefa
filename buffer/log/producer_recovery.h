// What a log knows of idempotent producers, after a start or a cut: from the newest snapshot that
// is sound, and the headers of the batches behind it. Snapshots that say what is no longer so are
// removed. A function without state.
#pragma once

#include "buffer/log/log_context.h"
#include "buffer/log/producer_state.h"
#include "buffer/log/segment_files.h"
#include "buffer/log/segment_list.h"

namespace logboom::log {

/// Of the log that ends at `end`. Errors: corrupt, those of the disk.
result<producer_state> recover_producers(
    const log_context& context, const segment_files& files, const segment_list& segments, offset end
);

} // namespace logboom::log
