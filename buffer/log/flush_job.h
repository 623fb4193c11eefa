// One group commit, in three steps so that the log needs no threads: partition_log::begin_flush (on
// the owner's thread) makes the job, run() syncs on any thread, partition_log::finish_flush (on the
// owner's thread again) takes the outcome. The job holds its files open; segments may be rolled or
// deleted meanwhile. Several jobs of one log may be under way.
#pragma once

#include "base/env.h"
#include "base/ids.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace logboom::log {

struct flush_outcome {
    /// Everything below is on disk, if `done` is.
    offset covers;
    bool with_indexes = false;
    result<void> done;
    /// For flush_ledger's eyes only: what had happened when the job began.
    std::uint64_t names = 0;
};

class flush_job {
  public:
    flush_job(flush_job&&) = default;
    flush_job& operator=(flush_job&&) = default;

    /// Blocks. Call once.
    [[nodiscard]] flush_outcome run();

    [[nodiscard]] offset covers() const noexcept { return covers_; }

  private:
    friend class flush_ledger;
    flush_job() = default;

    std::vector<std::shared_ptr<file>> files_;
    env* env_ = nullptr;
    /// Empty when no name in the directory is new.
    std::string directory_;
    offset covers_;
    bool with_indexes_ = false;
    std::uint64_t names_ = 0;
};

} // namespace logboom::log
