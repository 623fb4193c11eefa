// One segment: loading and checking its indexes, counting batches in, and the three ways of finding
// them (memory of the newest, index rows, a walk along the headers).
#include "buffer/log/segment.h"

#include "base/assertion.h"
#include "buffer/log/errc.h"
#include "buffer/log/segment_name.h"

#include <algorithm>
#include <limits>

namespace logboom::log {
namespace {

/// The base offset of the batch that a row is about; nothing when there is no such batch.
result<std::optional<offset>>
base_in_row(const offset_row& row, const file& records, std::uint64_t size, offset segment_base) {
    LB_ASSERT(std::cmp_less(row.position, size));
    batch_scanner batches(
        records, static_cast<std::uint64_t>(row.position), size, scan_depth::headers
    );
    LB_TRY(const bool found, batches.next());
    if (!found || batches.header().base_offset() < segment_base ||
        batches.header().last_offset() != segment_base + std::int64_t{row.relative_offset}) {
        return std::optional<offset>();
    }
    return std::optional(batches.header().base_offset());
}

} // namespace

segment::segment(env& files, const std::string& directory, offset base, const std::string& suffix)
    : base_(base)
    , end_(base)
    , path_(join_path(directory, segment_file_name(base, ".log" + suffix)))
    , offsets_(files, join_path(directory, segment_file_name(base, ".index" + suffix)))
    , times_(files, join_path(directory, segment_file_name(base, ".timeindex" + suffix))) {}

result<std::unique_ptr<segment>>
segment::create(env& files, const std::string& directory, offset base, std::string_view suffix) {
    std::unique_ptr<segment> made(new segment(files, directory, base, std::string(suffix)));
    LB_TRY(made->records_, files.open(made->path_, open_mode::truncate));
    LB_CHECK(made->forget_indexes());
    return made;
}

result<std::unique_ptr<segment>>
segment::open(env& files, const std::string& directory, offset base) {
    std::unique_ptr<segment> made(new segment(files, directory, base, {}));
    LB_TRY(made->records_, files.open(made->path_, open_mode::read_write));
    LB_TRY(made->size_, made->records_->size());
    return made;
}

result<void> segment::forget_indexes() {
    offsets_.keep_first(0);
    times_.keep_first(0);
    LB_CHECK(offsets_.create());
    LB_CHECK(times_.create());
    recent_.clear();
    size_ = 0;
    since_row_ = 0;
    end_ = base_;
    max_timestamp_ = timestamp_ms(-1);
    offset_of_max_ = no_offset;
    return {};
}

result<bool> segment::load_sealed(offset end) {
    LB_ASSERT(end >= base_);
    LB_TRY(const bool offsets_sound, offsets_.load_sealed());
    LB_TRY(const bool times_sound, times_.load_sealed());
    if (!offsets_sound || !times_sound) {
        return false;
    }
    const auto& row = offsets_.last();
    if (row && (!row->is_sane() || std::cmp_greater_equal(row->position, size_) ||
                base_ + std::int64_t{row->relative_offset} >= end)) {
        return false;
    }
    if (times_.last()) {
        if (!times_.last()->is_sane()) {
            return false;
        }
        max_timestamp_ = timestamp_ms(times_.last()->timestamp);
        offset_of_max_ = base_ + std::int64_t{times_.last()->relative_offset};
        if (offset_of_max_ < base_ || offset_of_max_ >= end) {
            return false;
        }
    }
    end_ = end;
    return true;
}

result<std::uint64_t> segment::load_active(offset trusted) {
    LB_CHECK(offsets_.load());
    LB_CHECK(times_.load());
    LB_TRY(std::size_t rows, offsets_.prefix_size([&](const offset_row& row) {
        return base_ + std::int64_t{row.relative_offset} < trusted &&
               std::cmp_less(row.position, size_);
    }));
    offsets_.keep_first(rows);
    offset end = base_;
    if (rows > 0) {
        LB_TRY(const auto base, base_in_row(*offsets_.last(), *records_, size_, base_));
        end = base.value_or(base_);
        rows = base ? rows : 0;
        offsets_.keep_first(rows);
    }
    const std::int32_t reach = rows == 0 ? -1 : offsets_.last()->relative_offset;
    LB_TRY(const std::size_t times, times_.prefix_size([&](const time_row& row) {
        return row.relative_offset <= reach;
    }));
    times_.keep_first(times);
    size_ = rows == 0 ? 0 : static_cast<std::uint64_t>(offsets_.last()->position);
    since_row_ = 0;
    recent_.clear();
    end_ = end;
    max_timestamp_ = timestamp_ms(times == 0 ? -1 : times_.last()->timestamp);
    offset_of_max_ = times == 0 ? no_offset : base_ + std::int64_t{times_.last()->relative_offset};
    LB_ASSERT(end_ >= base_);
    LB_ASSERT(reach < 0 || end_ <= base_ + std::int64_t{reach});
    return size_;
}

bool segment::reaches(offset last) const noexcept {
    return last - base_ <= std::numeric_limits<std::int32_t>::max();
}

result<void> segment::write(bytes_view batches) {
    LB_ASSERT(!batches.empty());
    return records_->pwrite(batches, size_);
}

void segment::observe(const kafka::record_batch_view& batch) {
    const offset last = batch.last_offset();
    LB_ASSERT(batch.base_offset() >= end_);
    LB_ASSERT(last >= batch.base_offset());
    LB_ASSERT(reaches(last));
    if (batch.max_timestamp() > max_timestamp_) {
        max_timestamp_ = batch.max_timestamp();
        offset_of_max_ = last;
    }
    // A row has no more room for a position than for an offset.
    if (since_row_ > index_interval_ &&
        std::cmp_less_equal(size_, std::numeric_limits<std::int32_t>::max())) {
        offsets_.append({static_cast<std::int32_t>(last - base_), static_cast<std::int32_t>(size_)}
        );
        add_time_row();
        since_row_ = 0;
    }
    recent_.add({batch.base_offset(), last, size_, batch.size()});
    since_row_ += static_cast<std::int64_t>(batch.size());
    size_ += batch.size();
    end_ = last + 1;
}

void segment::add_time_row() {
    const auto& before = times_.last();
    if (max_timestamp_.value() >= 0 && (!before || max_timestamp_.value() > before->timestamp)) {
        times_.append({max_timestamp_.value(), static_cast<std::int32_t>(offset_of_max_ - base_)});
    }
}

/// A batch's start at or before the batch that `target` is in.
result<std::uint64_t> segment::row_position_before(offset target) {
    LB_TRY(const std::size_t rows, offsets_.prefix_size([&](const offset_row& row) {
        return base_ + std::int64_t{row.relative_offset} <= target;
    }));
    if (rows == 0) {
        return std::uint64_t{0};
    }
    LB_TRY(const offset_row row, offsets_.at(rows - 1));
    if (!row.is_sane() || std::cmp_greater_equal(row.position, size_)) {
        return error(errc::corrupt, offsets_.path());
    }
    return static_cast<std::uint64_t>(row.position);
}

result<std::optional<batch_place>> segment::find(offset target) {
    if (target >= end_) {
        return std::optional<batch_place>();
    }
    if (recent_.cover(target)) {
        return recent_.find(target);
    }
    LB_TRY(const std::uint64_t start, row_position_before(target));
    LB_ASSERT(start < size_ || size_ == 0);
    batch_scanner scan(*records_, start, size_, scan_depth::headers);
    while (true) {
        LB_TRY(const bool found, scan.next());
        if (!found) {
            break;
        }
        const auto batch = scan.header();
        if (batch.last_offset() >= target) {
            LB_ASSERT(scan.position() + scan.size() <= size_);
            return std::optional(batch_place{
                batch.base_offset(), batch.last_offset(), scan.position(), scan.size()});
        }
    }
    if (!scan.at_end()) {
        return error(errc::corrupt, path_);
    }
    return std::optional<batch_place>();
}

result<std::optional<extent>>
segment::measure(std::uint64_t position, const extent_limits& limits) {
    LB_ASSERT(position < size_);
    if (limits.below >= end_ && size_ - position <= limits.bytes_max) {
        return std::optional(extent{position, size_ - position, end_});
    }
    if (recent_.cover(position)) {
        const auto found = recent_.measure(position, limits);
        if (!found) {
            // An index on disk led to what is no batch's start.
            return error(errc::corrupt, path_);
        }
        LB_ASSERT(found->position + found->length <= size_);
        return found->length == 0 ? std::nullopt : found;
    }
    return measure_by_scan(position, limits);
}

result<std::optional<extent>>
segment::measure_by_scan(std::uint64_t position, const extent_limits& limits) {
    const std::uint64_t reach = position + limits.bytes_max;
    // A row is a batch's start, and all before it is wanted when the row is.
    LB_TRY(const std::size_t rows, offsets_.prefix_size([&](const offset_row& row) {
        return static_cast<std::uint64_t>(row.position) <= reach &&
               base_ + std::int64_t{row.relative_offset} < limits.below;
    }));
    std::uint64_t start = position;
    if (rows > 0) {
        LB_TRY(const offset_row row, offsets_.at(rows - 1));
        start = std::max(start, static_cast<std::uint64_t>(row.position));
    }
    if (start >= size_) {
        return error(errc::corrupt, offsets_.path());
    }
    extent found{position, start - position, no_offset};
    batch_scanner scan(*records_, start, size_, scan_depth::headers);
    while (true) {
        LB_TRY(const bool more, scan.next());
        if (!more) {
            break;
        }
        const auto batch = scan.header();
        if (found.next == no_offset) {
            found.next = batch.base_offset();
        }
        const bool fits = found.length + scan.size() <= limits.bytes_max ||
                          (found.length == 0 && limits.at_least_one_batch);
        if (!fits || batch.last_offset() >= limits.below) {
            break;
        }
        found.length += scan.size();
        found.next = batch.next_offset();
    }
    if (found.next == no_offset) {
        return error(errc::corrupt, path_);
    }
    return found.length == 0 ? std::nullopt : std::optional(found);
}

result<std::optional<batch_place>> segment::find_time(timestamp_ms wanted, offset from) {
    if (max_timestamp_ < wanted || from >= end_) {
        return std::optional<batch_place>();
    }
    LB_TRY(const std::size_t rows, times_.prefix_size([&](const time_row& row) {
        return row.timestamp < wanted.value();
    }));
    offset known = from;
    if (rows > 0) {
        LB_TRY(const time_row row, times_.at(rows - 1));
        known = std::max(from, base_ + std::int64_t{row.relative_offset});
    }
    LB_TRY(const std::uint64_t start, row_position_before(known));
    batch_scanner scan(*records_, start, size_, scan_depth::headers);
    while (true) {
        LB_TRY(const bool found, scan.next());
        if (!found) {
            return std::optional<batch_place>();
        }
        const auto batch = scan.header();
        if (batch.max_timestamp() >= wanted && batch.last_offset() >= from) {
            return std::optional(batch_place{
                batch.base_offset(), batch.last_offset(), scan.position(), scan.size()});
        }
    }
}

result<void> segment::write_indexes(bool final) {
    if (final) {
        add_time_row();
    }
    LB_CHECK(offsets_.write());
    return times_.write();
}

result<void> segment::seal() {
    LB_CHECK(write_indexes(true));
    LB_ASSERT(!times_.last() || times_.last()->timestamp == max_timestamp_.value());
    offsets_.seal();
    times_.seal();
    recent_.clear();
    return {};
}

std::array<std::shared_ptr<file>, 2> segment::index_files() const {
    LB_ASSERT(offsets_.handle() != nullptr);
    LB_ASSERT(times_.handle() != nullptr);
    return {offsets_.handle(), times_.handle()};
}

result<void> segment::cut_tail() {
    return records_->truncate(size_);
}

result<timestamp_ms> segment::first_timestamp() {
    if (!first_timestamp_ && size_ > 0) {
        batch_scanner scan(*records_, 0, size_, scan_depth::headers);
        LB_TRY(const bool found, scan.next());
        first_timestamp_ = found ? scan.header().max_timestamp() : timestamp_ms(-1);
    }
    return first_timestamp_.value_or(timestamp_ms(-1));
}

} // namespace logboom::log
