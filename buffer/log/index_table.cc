// Rows of index files, in memory while they grow and in their file once sealed.
#include "buffer/log/index_table.h"

#include "base/assertion.h"
#include "buffer/log/errc.h"
#include "codecs/kafka/record_batch.h"

#include <algorithm>
#include <array>

namespace logboom::log {

using kafka::load_big;
using kafka::store_big;

offset_row offset_row::decode(const std::byte* from) noexcept {
    return {load_big<std::int32_t>(from), load_big<std::int32_t>(from + 4)};
}
void offset_row::encode(std::byte* into) const noexcept {
    store_big(into, relative_offset);
    store_big(into + 4, position);
}

time_row time_row::decode(const std::byte* from) noexcept {
    return {load_big<std::int64_t>(from), load_big<std::int32_t>(from + 8)};
}
void time_row::encode(std::byte* into) const noexcept {
    store_big(into, timestamp);
    store_big(into + 8, relative_offset);
}

template <class Row>
result<void> index_table<Row>::open_file() {
    if (!file_) {
        LB_TRY(file_, files_.open(path_, open_mode::read_write));
    }
    return {};
}

template <class Row>
result<void> index_table<Row>::create() {
    LB_TRY(file_, files_.open(path_, open_mode::truncate));
    return {};
}

template <class Row>
result<void> index_table<Row>::load() {
    LB_ASSERT(!sealed_);
    LB_ASSERT(rows_.empty());
    LB_CHECK(open_file());
    LB_TRY(const std::uint64_t size, file_->size());
    // Kafka's file of an active segment is 10 MiB of zeros behind a few rows.
    constexpr std::size_t rows_per_read = 4096;
    std::vector<std::byte> buffer(rows_per_read * Row::size);
    bool rises = true;
    while (rises) {
        LB_TRY(const std::size_t got, file_->pread(buffer, rows_.size() * Row::size));
        const std::size_t whole = got - got % Row::size;
        for (std::size_t position = 0; rises && position < whole; position += Row::size) {
            const Row row = Row::decode(buffer.data() + position);
            rises = row.is_sane() && (rows_.empty() || row.rises_after(rows_.back()));
            if (rises) {
                rows_.push_back(row);
            }
        }
        rises = rises && whole == buffer.size();
    }
    count_ = written_ = rows_.size();
    longer_on_disk_ = count_ * Row::size != size;
    last_ = rows_.empty() ? std::nullopt : std::optional(rows_.back());
    return {};
}

template <class Row>
result<bool> index_table<Row>::load_sealed() {
    if (!files_.exists(path_)) {
        return false;
    }
    LB_TRY(file_, files_.open(path_, open_mode::read_write));
    LB_TRY(const std::uint64_t size, file_->size());
    if (size % Row::size != 0) {
        return false;
    }
    count_ = written_ = size / Row::size;
    sealed_ = true;
    if (count_ > 0) {
        LB_TRY(last_, at(count_ - 1));
    }
    return true;
}

template <class Row>
void index_table<Row>::append(const Row& row) {
    LB_ASSERT(!sealed_);
    LB_ASSERT(row.is_sane());
    LB_ASSERT(!last_ || row.rises_after(*last_));
    rows_.push_back(row);
    last_ = row;
    ++count_;
    LB_ASSERT(count_ == rows_.size());
}

template <class Row>
void index_table<Row>::keep_first(std::size_t count) {
    LB_ASSERT(!sealed_);
    LB_ASSERT(count <= count_);
    longer_on_disk_ = longer_on_disk_ || count < written_;
    rows_.resize(count);
    count_ = count;
    written_ = std::min(written_, count);
    last_ = rows_.empty() ? std::nullopt : std::optional(rows_.back());
}

template <class Row>
result<Row> index_table<Row>::at(std::size_t index) {
    LB_ASSERT(index < count_);
    if (!sealed_) {
        return rows_[index];
    }
    std::array<std::byte, Row::size> buffer{};
    LB_TRY(const std::size_t got, file_->pread(buffer, index * Row::size));
    if (got != buffer.size()) {
        return error(errc::malformed_file, path_);
    }
    return Row::decode(buffer.data());
}

template <class Row>
result<void> index_table<Row>::write() {
    if (sealed_ || (written_ == count_ && !longer_on_disk_)) {
        return {};
    }
    LB_ASSERT(written_ <= count_);
    LB_CHECK(open_file());
    if (longer_on_disk_) {
        LB_CHECK(file_->truncate(written_ * Row::size));
        longer_on_disk_ = false;
    }
    std::vector<std::byte> buffer((count_ - written_) * Row::size);
    for (std::size_t i = written_; i < count_; ++i) {
        rows_[i].encode(buffer.data() + (i - written_) * Row::size);
    }
    LB_ASSERT(rows_.size() == count_);
    LB_CHECK(file_->pwrite(buffer, written_ * Row::size));
    written_ = count_;
    return {};
}

template <class Row>
void index_table<Row>::seal() {
    LB_ASSERT(!sealed_);
    LB_ASSERT(written_ == count_);
    LB_ASSERT(file_ != nullptr);
    rows_.clear();
    rows_.shrink_to_fit();
    sealed_ = true;
}

template class index_table<offset_row>;
template class index_table<time_row>;

} // namespace logboom::log
