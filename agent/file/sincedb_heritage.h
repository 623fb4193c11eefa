// What inputs of the same pipeline have left that are there no more: an input whose id was changed,
// or whose settings were, of which an id is made, goes on with the positions that it had under the
// other one. A position belongs to one input at a time, so that a file which is given back goes on
// where it is. Input's thread, at its start.
#pragma once

#include "agent/file/sincedb.h"
#include "agent/file/sincedb_claim.h"

#include <functional>
#include <unordered_map>
#include <vector>

namespace logboom::agent {

class sincedb_heritage {
  public:
    sincedb_heritage(env& disk, std::chrono::nanoseconds clean_after, logger log)
        : disk_(disk), clean_after_(clean_after), log_(std::move(log)) {}

    /// Puts into `heir`, which has been loaded, the records that it does not have and that are
    /// wanted, from the files of `family` (sincedb_place) that nobody keeps positions in.
    void take(
        sincedb& heir,
        const std::string& family,
        const std::function<bool(const checkpoint_record&)>& wanted,
        timestamp_ms now
    );
    /// What was taken is still where it was, too: the heir is to be written before it changes.
    [[nodiscard]] bool has_unsettled() const noexcept { return !left_.empty(); }
    /// The heir has been written: what was taken is taken away, and files that are empty then.
    void settle(timestamp_ms now);

  private:
    struct left_behind {
        std::string path;
        std::unique_ptr<file_lock> held;
        std::unique_ptr<sincedb> state;
    };

    /// False when nothing of it is taken, and it has something left.
    bool take_from(
        left_behind& from,
        const std::unordered_map<file_identity, checkpoint_record>& taken,
        sincedb& heir,
        timestamp_ms now
    );

    env& disk_;
    std::chrono::nanoseconds clean_after_;
    logger log_;
    std::vector<left_behind> left_;
};

} // namespace logboom::agent
