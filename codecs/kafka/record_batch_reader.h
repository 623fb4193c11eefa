// Walks the records of a batch, unpacking it first when it is compressed. Every length is checked
// against the bytes that are there; varints longer than needed for their type are refused. A reader
// is used by one thread; views it gives live as long as the reader (and the batch).
#pragma once

#include "codecs/kafka/record_batch.h"

#include <optional>

namespace logboom::kafka {

struct record_header {
    std::string_view key;
    std::optional<bytes_view> value;
};

/// The headers of one record, already walked once: reading them cannot fail.
class record_header_range {
  public:
    record_header_range() = default;
    record_header_range(bytes_view encoded, std::int32_t count) noexcept
        : encoded_(encoded), left_(count) {}

    [[nodiscard]] std::int32_t size() const noexcept { return left_; }
    /// False when there is none left.
    bool next(record_header& out) noexcept;

  private:
    bytes_view encoded_;
    std::int32_t left_ = 0;
};

struct record {
    logboom::offset offset;
    timestamp_ms timestamp;
    std::int32_t offset_delta = 0;
    std::optional<bytes_view> key;
    std::optional<bytes_view> value;
    record_header_range headers;
    /// The record as it is encoded, without its length.
    bytes_view encoded;
};

class record_reader {
  public:
    /// `batch` begins with a batch that check_batch accepts.
    static result<record_reader> open(bytes_view batch, std::size_t unpacked_size_max);

    /// False after the last; an error when the records are not what the header says, or their
    /// offsets do not rise.
    result<bool> next(record& out);

    /// The records, unpacked.
    [[nodiscard]] bytes_view payload() const noexcept { return all_; }

  private:
    record_reader() = default;

    bytes unpacked_;
    bytes_view all_;
    bytes_view left_;
    offset base_offset_;
    std::int64_t base_timestamp_ = 0;
    std::optional<timestamp_ms> append_time_;
    std::int32_t count_ = 0;
    std::int32_t seen_ = 0;
    std::int32_t last_delta_ = -1;
    std::int32_t delta_max_ = 0;
};

/// Summary of one walk; see walk_records.
struct walked_records {
    std::int64_t timestamp_delta_min = 0;
    std::int64_t timestamp_delta_max = 0;
    /// Index of the first record without a key; -1 when all have one.
    std::int32_t first_keyless = -1;
};

/// The fast walk of `count` records that must fill `payload` exactly, with offset deltas 0, 1, 2...
result<walked_records> walk_records(bytes_view payload, std::int32_t count);

} // namespace logboom::kafka
