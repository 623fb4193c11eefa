#include "buffer/log/flush_job.h"

#include "base/assertion.h"

namespace logboom::log {

flush_outcome flush_job::run() {
    LB_ASSERT(env_ != nullptr);
    flush_outcome outcome{
        .covers = covers_,
        .with_indexes = with_indexes_,
        .done = {},
        .names = names_,
    };
    for (const auto& each : files_) {
        LB_ASSERT(each != nullptr);
        if (auto synced = each->sync(); synced.has_error()) {
            outcome.done = synced.error();
            return outcome;
        }
    }
    if (!directory_.empty()) {
        outcome.done = env_->sync_directory(directory_);
    }
    return outcome;
}

} // namespace logboom::log
