// One segment: a .log file of whole batches, with its .index and .timeindex. Only the last segment
// of a log is appended to; it keeps its indexes and the places of its newest batches in memory, so
// that reads near the end touch no file. Owned by partition_log, on its thread; the file handle is
// shared with readers and outlives the segment if need be.
#pragma once

#include "base/ids.h"
#include "buffer/log/batch_scanner.h"
#include "buffer/log/index_table.h"
#include "buffer/log/recent_batches.h"

#include <array>

namespace logboom::log {

/// How old a segment is where its records have no time.
struct segment_age {
    timestamp_ms begun{-1};
    timestamp_ms written{-1};

    /// Something was written to it, or it was found at a start.
    void touch(timestamp_ms now) noexcept {
        written = now;
        begun = begun.value() < 0 ? now : begun;
    }
};

class segment {
  public:
    /// An empty one. `suffix` comes behind its file names, for one that is not yet part of a log.
    static result<std::unique_ptr<segment>>
    create(env& files, const std::string& directory, offset base, std::string_view suffix = {});
    /// Opens the records; then one of load_sealed() and load_active() must follow.
    static result<std::unique_ptr<segment>>
    open(env& files, const std::string& directory, offset base);

    /// Trusts the index files when they look sound; false when they do not.
    result<bool> load_sealed(offset end);
    /// Takes the rows of the index files that lie below `trusted`, unless the last of them does not
    /// say what is in the file, and gives the position from which the caller must observe()
    /// batches again: size() and end() are those of before it.
    result<std::uint64_t> load_active(offset trusted);

    [[nodiscard]] offset base() const noexcept { return base_; }
    [[nodiscard]] offset end() const noexcept { return end_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// Largest so far; -1 when there are no timestamps.
    [[nodiscard]] timestamp_ms max_timestamp() const noexcept { return max_timestamp_; }
    [[nodiscard]] offset offset_of_max_timestamp() const noexcept { return offset_of_max_; }
    [[nodiscard]] std::size_t index_bytes() const noexcept {
        return offsets_.row_count() * offset_row::size;
    }
    [[nodiscard]] const std::shared_ptr<file>& records() const noexcept { return records_; }
    /// The index files, for syncing; after write_indexes() or seal().
    [[nodiscard]] std::array<std::shared_ptr<file>, 2> index_files() const;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    [[nodiscard]] segment_age& age() noexcept { return age_; }

    void set_index_interval(std::int64_t bytes) noexcept { index_interval_ = bytes; }
    /// Can a batch that ends here be indexed?
    [[nodiscard]] bool reaches(offset last) const noexcept;

    /// Writes at the end; on failure nothing counts, and the bytes behind size() are unknown.
    /// observe() of each batch must follow.
    result<void> write(bytes_view batches);
    /// Counts a batch at the end in, and indexes it when it is time. Needs offsets at or above
    /// end(), within reaches().
    void observe(const kafka::record_batch_view& batch);

    /// Where the first batch lies that reaches `target`; nothing when none does.
    result<std::optional<batch_place>> find(offset target);
    /// From a batch's start on, as many batches as fit; nothing when not even one does.
    result<std::optional<extent>> measure(std::uint64_t position, const extent_limits& limits);
    /// The first batch with a max timestamp >= `wanted` that reaches `from`.
    result<std::optional<batch_place>> find_time(timestamp_ms wanted, offset from);

    /// No more appends: last row of the time index, index files written, memory given back.
    result<void> seal();
    /// Writes the rows that the index files lack. `final`: as they must be at a clean stop.
    result<void> write_indexes(bool final);
    /// Cuts off what the file has behind size(): a torn tail.
    result<void> cut_tail();
    /// Starts the indexes from nothing; the caller observes everything again.
    result<void> forget_indexes();

    /// When the first batch has a timestamp, it; else -1. Read once.
    result<timestamp_ms> first_timestamp();

  private:
    segment(env& files, const std::string& directory, offset base, const std::string& suffix);

    result<std::uint64_t> row_position_before(offset target);
    result<std::optional<extent>>
    measure_by_scan(std::uint64_t position, const extent_limits& limits);
    void add_time_row();

    offset base_;
    offset end_;
    std::uint64_t size_ = 0;
    std::string path_;
    std::shared_ptr<file> records_;
    index_table<offset_row> offsets_;
    index_table<time_row> times_;
    std::int64_t index_interval_ = 4096;
    std::int64_t since_row_ = 0;
    timestamp_ms max_timestamp_{-1};
    offset offset_of_max_{-1};
    std::optional<timestamp_ms> first_timestamp_;
    segment_age age_;
    recent_batches recent_;
};

} // namespace logboom::log
