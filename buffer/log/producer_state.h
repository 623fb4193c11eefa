// What the log knows of idempotent producers: for each producer id the last five batches, so that a
// batch that is sent again is recognised, and a gap refused (Kafka's rules). Saved as .snapshot
// files, rebuilt from batch headers. Owned by partition_log, on its thread.
#pragma once

#include "base/env.h"
#include "base/ids.h"
#include "codecs/kafka/record_batch.h"

#include <array>
#include <optional>
#include <unordered_map>

namespace logboom::log {

/// One batch of a producer.
struct sequence_range {
    std::int32_t first = -1;
    std::int32_t last = -1;
    offset last_offset;
    /// last_offset - base offset.
    std::int32_t offset_delta = 0;
    timestamp_ms timestamp{-1};
};

class producer_state {
  public:
    /// The batch if it is in the log already; nothing when it is the next one. Errors:
    /// out_of_order_sequence, invalid_producer_epoch.
    [[nodiscard]] result<std::optional<sequence_range>> check(const kafka::record_batch_view& batch
    ) const;
    /// The batch (with its final offset) is in the log. Batches without producer id are ignored.
    void update(const kafka::record_batch_view& batch);

    /// Where the newest batch of each producer ends.
    [[nodiscard]] std::unordered_map<producer_id, offset> last_offsets() const;

    /// -1 when there is none; of those that somebody can have been given.
    [[nodiscard]] producer_id largest() const noexcept;
    /// Forgets producers that were last heard before `before`.
    void expire(timestamp_ms before);
    void clear() { producers_.clear(); }
    [[nodiscard]] std::size_t size() const noexcept { return producers_.size(); }

    /// The content of a .snapshot file, and back.
    [[nodiscard]] std::string encode() const;
    result<void> decode(bytes_view snapshot);

  private:
    static constexpr std::size_t kept_batches = 5;
    struct producer {
        std::int16_t epoch = -1;
        std::uint8_t kept = 0;
        std::int32_t coordinator_epoch = -1;
        std::int64_t transaction_first = -1;
        /// Oldest first.
        std::array<sequence_range, kept_batches> batches;
    };
    std::unordered_map<producer_id, producer> producers_;
};

} // namespace logboom::log
