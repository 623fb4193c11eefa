// Which partitions a consumer owns, and up to where each may be committed. Sans-IO: fed with what
// the group decides, what is handed to the pipeline and what the acks say; asked for the offsets to
// commit. Every ownership has a lease of its own, so an ack that arrives after its partition was
// revoked (or revoked and assigned again) finds its lease gone and changes nothing.
//
// Offsets are committed only as far as every record before is in a final state. Not thread-safe:
// the consumer locks.
#pragma once

#include "base/ids.h"
#include "event/ack_window.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace logboom::client {

/// Never zero; never used twice.
using lease = strong<std::uint64_t, struct lease_tag>;
constexpr lease no_lease{0};

/// One batch that was handed on.
struct hand_over {
    client::lease lease;
    ack_window<std::int64_t>::ticket ticket = 0;
};

struct partition_offset {
    topic_partition at;
    logboom::offset offset{-1};

    friend bool operator==(const partition_offset&, const partition_offset&) = default;
};

class assignment {
  public:
    /// The partition is ours from now on; `committed` is where the group stands, -1 when nowhere.
    lease assign(const topic_partition& at, offset committed);
    /// No longer: what its acks say no longer matters.
    void revoke(const topic_partition& at);
    /// no_lease when it is not ours.
    [[nodiscard]] lease lease_of(const topic_partition& at) const;
    /// Where the group stood when it was assigned.
    [[nodiscard]] offset committed(lease of) const;
    [[nodiscard]] const topic_partition* partition_of(lease of) const;

    /// Where the records that were handed on end, or what was lost begins; -1: neither.
    [[nodiscard]] offset position(lease of) const;
    /// Records [first, end) are handed to the pipeline; nullopt when the lease is gone. The first
    /// call of a lease sets where its committed prefix begins. Never before position(): a log that
    /// begins anew wants a new lease.
    std::optional<hand_over> begin(lease of, offset first, offset end);
    void finish(const hand_over& batch);
    /// The batch will never be final: nothing behind it can be committed until it is read again.
    void lose(const hand_over& batch);

    /// What may be committed and has not been asked for yet; each is given once.
    std::vector<partition_offset> take_commits();
    /// A commit did not get through: take_commits gives the partition again.
    void commit_failed(const topic_partition& at);

    /// Partitions with lost batches, each with the offset to read again from; their leases are
    /// renewed, so whatever else of them is under way no longer matters.
    std::vector<partition_offset> take_rewinds();
    [[nodiscard]] bool has_rewinds() const;
    /// Reading could not be set back: take_rewinds gives the partition again, and nothing is
    /// committed before that.
    void rewind_failed(const topic_partition& at);
    /// Starts over with a new lease, as after the records before were found to be gone. no_lease
    /// when `held` is gone.
    lease renew(lease held);

    /// Batches that are not final yet, of `of` or of all.
    [[nodiscard]] std::size_t open_count(std::span<const topic_partition> of) const;
    [[nodiscard]] std::size_t open_count() const;
    [[nodiscard]] std::vector<topic_partition> partitions() const;
    /// Everything before this is final; -1 before the first batch.
    [[nodiscard]] offset watermark(const topic_partition& at) const;

  private:
    struct ownership {
        topic_partition at;
        offset committed{-1};
        std::optional<ack_window<std::int64_t>> window;
        /// The watermark has moved and nobody has taken it.
        bool is_dirty = false;
        bool has_lost = false;
    };

    [[nodiscard]] ownership* find(lease of);
    [[nodiscard]] const ownership* find(const topic_partition& at) const;

    std::map<topic_partition, lease> leases_;
    std::map<lease, ownership> owned_;
    std::uint64_t last_lease_ = 0;
};

} // namespace logboom::client
