#include "buffer/log/partition_log_state.h"

#include <chrono>
#include <iterator>

namespace logboom::log {

/// Takes the segment's files out of the log; they are removed a while later, so that whoever still
/// copies them by name can finish.
void partition_log::state::condemn(offset base) {
    condemned gone{
        context_.time.steady() + std::chrono::milliseconds(options_.config.file_delete_delay_ms),
        {}};
    for (const std::string_view suffix : segment_suffixes) {
        const std::string path = path_of(base, suffix);
        if (!context_.files.exists(path)) {
            continue;
        }
        const std::string to = path + ".deleted";
        if (auto renamed = context_.files.rename(path, to); renamed.has_error()) {
            static_cast<void>(fail(renamed.error()));
            return;
        }
        gone.paths.push_back(to);
    }
    // A segment that was never synced must not come back below the next recovery point.
    ++names_changed_;
    condemned_.push_back(std::move(gone));
    deleted_segments_.add();
}

std::vector<std::string> partition_log::state::take_removable() {
    std::vector<std::string> found;
    const auto now = context_.time.steady();
    while (!condemned_.empty() && condemned_.front().due <= now) {
        std::vector<std::string>& paths = condemned_.front().paths;
        std::move(paths.begin(), paths.end(), std::back_inserter(found));
        condemned_.pop_front();
    }
    return found;
}

/// Gives how many went.
result<std::size_t> partition_log::state::drop_front(std::size_t count) {
    if (count == segments_.size()) {
        if (auto rolled = roll(); rolled.has_error()) {
            // The others make room for it.
            LB_CHECK(failed_ ? rolled : result<void>());
            --count;
        }
    }
    if (count == 0) {
        return count;
    }
    for (std::size_t i = 0; i < count && !failed_; ++i) {
        condemn(segments_[i]->base());
    }
    if (failed_) {
        return error(errc::storage_failed, options_.directory);
    }
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(count));
    hints_ = {};
    start_ = std::max(start_, segments_.front()->base());
    LB_CHECK(cut_epochs());
    return count;
}

/// That the file still knows of epochs before the start does no harm where there is no room.
result<void> partition_log::state::cut_epochs() {
    if (epochs_.cut_start(start_) && !write_epochs() && failed_) {
        return error(errc::storage_failed, options_.directory);
    }
    return {};
}

/// Kafka's three reasons, each for whole segments from the front: age, size, the log's start.
result<std::size_t> partition_log::state::delete_expired() {
    const log_config& config = options_.config;
    const timestamp_ms now = context_.time.wall_ms();
    std::int64_t excess = config.retention_bytes < 0
                              ? -1
                              : static_cast<std::int64_t>(size_bytes()) - config.retention_bytes;
    std::size_t count = 0;
    for (; count < segments_.size(); ++count) {
        segment& each = *segments_[count];
        const bool is_active = count + 1 == segments_.size();
        if ((is_active && each.size() == 0) || each.end() > high_watermark()) {
            break;
        }
        const timestamp_ms newest =
            each.max_timestamp().value() >= 0 ? each.max_timestamp() : each.written_at();
        const bool old =
            config.cleanup_delete && config.retention_ms >= 0 && now - newest > config.retention_ms;
        const auto size = static_cast<std::int64_t>(each.size());
        const bool surplus = config.cleanup_delete && excess >= 0 && excess >= size;
        const bool below_start = each.end() <= start_ && !is_active;
        if (!old && !surplus && !below_start) {
            break;
        }
        excess -= size;
    }
    return drop_front(count);
}

result<std::size_t> partition_log::state::housekeep() {
    if (failed_ || closed_) {
        return error(errc::storage_failed, options_.directory);
    }
    producers_.expire(
        timestamp_ms(context_.time.wall_ms().value() - options_.config.producer_id_expiration_ms)
    );
    return delete_expired();
}

result<offset> partition_log::state::delete_records_before(offset before) {
    if (failed_ || closed_) {
        return error(errc::storage_failed, options_.directory);
    }
    const offset to = before == no_offset ? high_watermark() : before;
    if (to.value() < 0 || to > high_watermark()) {
        return error(errc::offset_out_of_range, std::to_string(before.value()));
    }
    if (to <= start_) {
        return start_;
    }
    start_ = to;
    std::size_t count = 0;
    while (count + 1 < segments_.size() && segments_[count]->end() <= start_) {
        ++count;
    }
    LB_CHECK(drop_front(count));
    LB_CHECK(cut_epochs());
    return start_;
}

result<void> partition_log::state::truncate_to(offset to) {
    if (failed_ || closed_) {
        return error(errc::storage_failed, options_.directory);
    }
    if (to >= end_) {
        return {};
    }
    if (to < start_) {
        return error(errc::offset_out_of_range, std::to_string(to.value()));
    }
    const auto cut = [this, to]() -> result<void> {
        const std::size_t index = segment_of(to);
        LB_TRY(const auto place, segments_[index]->find(to));
        LB_CHECK(active().write_indexes(false));
        while (segments_.size() > index + 1) {
            LB_CHECK(remove_segment(active().base()));
            segments_.pop_back();
        }
        LB_CHECK(context_.files.sync_directory(options_.directory));
        if (place) {
            LB_CHECK(segments_[index]->records()->truncate(place->position));
            LB_CHECK(segments_[index]->records()->sync());
        }
        const offset base = segments_[index]->base();
        LB_TRY(segments_[index], segment::open(context_.files, options_.directory, base));
        segments_[index]->set_index_interval(options_.config.index_interval_bytes);
        segments_[index]->touch(context_.time.wall_ms());
        const std::uint64_t size = segments_[index]->size();
        LB_TRY(const std::uint64_t from, segments_[index]->load_active(to));
        observed_end_ = base;
        LB_CHECK(scan_segment(*segments_[index], {from, size, no_offset}));
        return {};
    };
    if (auto done = cut(); done.has_error()) {
        return fail(done.error());
    }
    end_ = active().end();
    // The start may be in the middle of the batch that was cut.
    start_ = std::min(start_, end_);
    ++history_;
    ++names_changed_;
    hints_ = {};
    flushed_ = std::min(flushed_, end_);
    recovery_point_ = std::min(recovery_point_, end_);
    high_watermark_ = std::min(high_watermark_, end_);
    clean_until_ = std::min(clean_until_, end_);
    if (epochs_.cut_end(end_)) {
        LB_CHECK(write_epochs());
    }
    return load_producers();
}

} // namespace logboom::log
