// Makes a batch v2: for the broker's own topics, for legacy messages converted up, for tests. Used
// by one thread; reusable after finish().
#pragma once

#include "codecs/kafka/record_batch_reader.h"

#include <span>
#include <vector>

namespace logboom::kafka {

struct batch_options {
    compress::codec compression = compress::codec::none;
    timestamp_type time_type = timestamp_type::create_time;
    offset base_offset{0};
    leader_epoch epoch{-1};
    producer_id producer{-1};
    producer_epoch epoch_of_producer{-1};
    std::int32_t base_sequence = -1;
    bool transactional = false;
    bool control = false;
};

class record_batch_builder {
  public:
    explicit record_batch_builder(batch_options options = {}) noexcept : options_(options) {}

    /// Offsets are dense: the n-th record added has offset delta n.
    void
    add(timestamp_ms at,
        std::optional<bytes_view> key,
        std::optional<bytes_view> value,
        std::span<const record_header> headers = {});
    /// Keeps a hole in the offsets, as compaction leaves them; `delta` must rise.
    void add_at(std::int32_t offset_delta, const record& from);

    [[nodiscard]] std::int32_t size() const noexcept { return count_; }
    /// Bytes of records so far, unpacked.
    [[nodiscard]] std::size_t payload_size() const noexcept { return payload_.size(); }

    /// The batch. `last_offset_delta` is that of the last record added unless given.
    result<std::vector<std::byte>> finish(std::optional<std::int32_t> last_offset_delta = {});

  private:
    void put(timestamp_ms at, std::int32_t delta, const record& fields, bytes_view headers);

    batch_options options_;
    std::vector<std::byte> payload_;
    std::vector<std::byte> scratch_;
    std::int64_t base_timestamp_ = 0;
    std::int64_t max_timestamp_ = -1;
    std::int32_t count_ = 0;
    std::int32_t last_delta_ = -1;
};

} // namespace logboom::kafka
