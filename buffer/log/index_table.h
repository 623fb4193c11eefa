// The .index and .timeindex files of a segment: rows of fixed size that rise. The active segment's
// table lives in memory and its new rows are written at checkpoints, rolls and close; a sealed one
// is searched in its file. No checksum: what recovery cannot trust it rebuilds. Owned by segment.
#pragma once

#include "base/env.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace logboom::log {

/// The batch that ends with this offset begins at this position.
struct offset_row {
    static constexpr std::size_t size = 8;
    std::int32_t relative_offset = 0;
    std::int32_t position = 0;

    static offset_row decode(const std::byte* from) noexcept;
    void encode(std::byte* into) const noexcept;
    /// The first batch has no row: Kafka's files of zeros have none either.
    [[nodiscard]] bool is_sane() const noexcept { return relative_offset >= 0 && position > 0; }
    [[nodiscard]] bool rises_after(const offset_row& before) const noexcept {
        return relative_offset > before.relative_offset && position > before.position;
    }
    friend bool operator==(const offset_row&, const offset_row&) = default;
};

/// The largest timestamp up to here, and the last offset of the batch that has it.
struct time_row {
    static constexpr std::size_t size = 12;
    std::int64_t timestamp = 0;
    std::int32_t relative_offset = 0;

    static time_row decode(const std::byte* from) noexcept;
    void encode(std::byte* into) const noexcept;
    [[nodiscard]] bool is_sane() const noexcept { return relative_offset >= 0 && timestamp >= 0; }
    [[nodiscard]] bool rises_after(const time_row& before) const noexcept {
        return timestamp > before.timestamp && relative_offset >= before.relative_offset;
    }
    friend bool operator==(const time_row&, const time_row&) = default;
};

template <class Row>
class index_table {
  public:
    index_table(env& files, std::string path) : files_(files), path_(std::move(path)) {}

    /// Starts empty, and the file too.
    result<void> create();
    /// Takes the rows of the file up to the first that does not rise or cannot be.
    result<void> load();
    /// Counts the rows and reads the last one only; false when the file is missing or not of whole
    /// rows.
    result<bool> load_sealed();

    [[nodiscard]] std::size_t row_count() const noexcept { return count_; }
    [[nodiscard]] const std::optional<Row>& last() const noexcept { return last_; }
    /// Only on a table in memory. Needs a row that rises after the last.
    void append(const Row& row);
    void keep_first(std::size_t count);

    /// The number of rows at the front for which `before` holds (it must hold for a prefix).
    template <class Predicate>
    result<std::size_t> prefix_size(Predicate before);
    result<Row> at(std::size_t index);

    /// Writes what the file does not have yet.
    result<void> write();
    /// After write(): forgets the rows, keeps the file.
    void seal();
    /// For syncing; made by write() or create().
    [[nodiscard]] const std::shared_ptr<file>& handle() const noexcept { return file_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    result<void> open_file();

    env& files_;
    std::string path_;
    std::shared_ptr<file> file_;
    std::vector<Row> rows_;
    std::size_t count_ = 0;
    /// How many rows of the file are right.
    std::size_t written_ = 0;
    bool longer_on_disk_ = false;
    bool sealed_ = false;
    std::optional<Row> last_;
};

template <class Row>
template <class Predicate>
result<std::size_t> index_table<Row>::prefix_size(Predicate before) {
    std::size_t low = 0;
    std::size_t high = count_;
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        LB_TRY(const Row row, at(middle));
        if (before(row)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

} // namespace logboom::log
