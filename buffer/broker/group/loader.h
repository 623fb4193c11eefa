// Rebuilds groups from a partition of __consumer_offsets: fed its batches in order, it keeps the
// last word on every key. Commits made inside a transaction count when its commit marker comes.
// Records it cannot read are counted and left out: one bad record must not hide all groups. Used on
// any one thread, then handed over.
#pragma once

#include "buffer/broker/group/records.h"

#include <map>

namespace logboom::broker {

struct group_image {
    std::optional<group_metadata> metadata;
    std::map<topic_partition, committed_offset> offsets;
};

class group_loader {
  public:
    using images = std::map<std::string, group_image, std::less<>>;

    /// Whole batches back to back; a torn one at the end is left out.
    void add(bytes_view batches);

    /// Groups of which something is left. Call once, at the end.
    [[nodiscard]] images take();
    [[nodiscard]] std::int64_t records_read() const noexcept { return records_read_; }
    /// Damaged batches and records, and values of unknown versions.
    [[nodiscard]] std::int64_t unreadable() const noexcept { return unreadable_; }
    /// Records of kinds that other versions of Kafka keep here.
    [[nodiscard]] std::int64_t unknown() const noexcept { return unknown_; }

  private:
    struct pending_record {
        bytes key;
        std::optional<bytes> value;
    };

    void add_batch(bytes_view batch);
    void apply(bytes_view key, std::optional<bytes_view> value);
    void apply_offset(offset_key key, std::optional<bytes_view> value);
    void apply_group(const std::string& group, std::optional<bytes_view> value);
    void end_transaction(producer_id of, bytes_view marker_key);

    images images_;
    std::map<producer_id, std::vector<pending_record>> transactions_;
    std::int64_t records_read_ = 0;
    std::int64_t unreadable_ = 0;
    std::int64_t unknown_ = 0;
};

} // namespace logboom::broker
