#include "buffer/log/partition_log_state.h"

#include <algorithm>
#include <chrono>

namespace logboom::log {

flush_outcome flush_job::run() {
    flush_outcome out{
        .covers = covers_,
        .with_indexes = with_indexes_,
        .done = {},
        .history = history_,
        .names = names_,
    };
    for (const auto& each : files_) {
        if (auto synced = each->sync(); synced.has_error()) {
            out.done = synced.error();
            return out;
        }
    }
    if (!directory_.empty()) {
        out.done = env_->sync_directory(directory_);
    }
    return out;
}

/// Kafka's conditions: size, age of the first batch, a full index, offsets too far apart.
result<bool> partition_log::state::must_roll(bytes_view records) {
    segment& now = active();
    if (now.size() == 0) {
        return false;
    }
    const log_config& config = options_.config;
    const kafka::record_batch_view batch(records);
    std::int64_t records_offsets = 0;
    for (bytes_view left = records; !left.empty();) {
        const kafka::record_batch_view each(left);
        records_offsets += std::int64_t{each.last_offset_delta()} + 1;
        left = left.subspan(each.size());
    }
    const bool too_big = std::cmp_greater(now.size() + records.size(), config.segment_bytes);
    const bool index_full =
        std::cmp_greater(now.index_bytes() + offset_row::size, config.segment_index_bytes);
    if (too_big || index_full || !now.reaches(end_ + (records_offsets - 1))) {
        return true;
    }
    // The active segment is never compacted: it must not grow older than compaction may wait.
    const std::int64_t age_max = config.cleanup_compact
                                     ? std::min(config.segment_ms, config.max_compaction_lag_ms)
                                     : config.segment_ms;
    LB_TRY(const timestamp_ms first, now.first_timestamp());
    if (first.value() < 0) {
        return context_.time.wall_ms() - now.begun_at() > age_max;
    }
    const bool own_time = config.message_timestamp_type == kafka::timestamp_type::log_append_time;
    const timestamp_ms coming = own_time ? context_.time.wall_ms() : batch.max_timestamp();
    return coming - first > age_max;
}

result<std::shared_ptr<file>> partition_log::state::write_snapshot(offset at) {
    const std::string path = path_of(at, ".snapshot");
    LB_TRY(std::shared_ptr<file> into, context_.files.open(path, open_mode::truncate));
    const std::string content = producers_.encode();
    LB_CHECK(into->pwrite(as_bytes(content), 0));
    return into;
}

/// The old segment is synced by the next flush: its file is dirty as long as flushed_ is below its
/// end, its indexes as long as recovery_point_ is. It is sealed last: what fails before that can be
/// tried again.
result<void> partition_log::state::roll() {
    const auto roll_files = [this]() -> result<void> {
        LB_CHECK(active().write_indexes(true));
        LB_TRY(auto snapshot, write_snapshot(end_));
        LB_TRY(auto fresh, segment::create(context_.files, options_.directory, end_));
        LB_CHECK(active().seal());
        indexes_to_sync_.push_back(active().offsets().handle());
        indexes_to_sync_.push_back(active().times().handle());
        indexes_to_sync_.push_back(std::move(snapshot));
        fresh->set_index_interval(options_.config.index_interval_bytes);
        segments_.push_back(std::move(fresh));
        return {};
    };
    ++names_changed_;
    auto done = roll_files();
    return done.has_error() ? abandon_roll(done.error()) : done;
}

/// The files of a segment that did not come about must go: the old one may grow past its name.
result<void> partition_log::state::abandon_roll(const error& why) {
    for (const char* const suffix : {".log", ".index", ".timeindex", ".snapshot"}) {
        const std::string path = path_of(end_, suffix);
        if (context_.files.exists(path) && !context_.files.remove(path)) {
            return fail(why);
        }
    }
    return refuse(why);
}

std::optional<flush_job> partition_log::state::begin_flush(flush_kind kind) {
    const bool with_indexes = kind == flush_kind::checkpoint;
    const bool nothing = flushed_ == end_ && names_changed_ == names_synced_ &&
                         (!with_indexes || recovery_point_ == end_);
    if (failed_ || closed_ || nothing) {
        return std::nullopt;
    }
    flush_job job;
    job.env_ = &context_.files;
    job.covers_ = end_;
    job.with_indexes_ = with_indexes;
    job.history_ = history_;
    job.names_ = names_changed_;
    if (names_changed_ != names_synced_) {
        job.directory_ = options_.directory;
    }
    for (auto each = segments_.rbegin(); each != segments_.rend(); ++each) {
        segment& from = **each;
        if (from.end() > flushed_) {
            job.files_.push_back(from.records());
        }
        if (with_indexes && from.end() > recovery_point_) {
            if (auto written = from.write_indexes(false); written.has_error()) {
                static_cast<void>(refuse(written.error()));
                return failed_ ? std::nullopt : begin_flush(flush_kind::records);
            }
            job.files_.push_back(from.offsets().handle());
            job.files_.push_back(from.times().handle());
        }
        if (from.end() <= recovery_point_) {
            break;
        }
    }
    if (with_indexes) {
        job.files_.insert(job.files_.end(), indexes_to_sync_.begin(), indexes_to_sync_.end());
        indexes_to_sync_.clear();
    }
    return job;
}

result<void> partition_log::state::finish_flush(flush_outcome outcome) {
    if (outcome.done.has_error()) {
        return fail(outcome.done.error());
    }
    if (outcome.history != history_) {
        return {};
    }
    names_synced_ = std::max(names_synced_, outcome.names);
    flushed_ = std::max(flushed_, outcome.covers);
    if (outcome.with_indexes) {
        recovery_point_ = std::max(recovery_point_, outcome.covers);
    }
    if (flushed_ < end_) {
        unflushed_since_ = context_.time.steady();
    }
    return {};
}

bool partition_log::state::flush_due() const noexcept {
    if (failed_ || flushed_ == end_) {
        return false;
    }
    const log_config& config = options_.config;
    if (end_ - flushed_ >= config.flush_messages || segments_.back()->base() > flushed_) {
        return true;
    }
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(
        context_.time.steady() - unflushed_since_
    );
    return waited.count() >= config.flush_ms;
}

result<void> partition_log::state::close() {
    if (failed_) {
        return error(errc::storage_failed, options_.directory);
    }
    if (closed_) {
        return {};
    }
    const auto write_all = [this]() -> result<void> {
        LB_CHECK(active().write_indexes(true));
        LB_TRY(auto snapshot, write_snapshot(end_));
        indexes_to_sync_.push_back(std::move(snapshot));
        ++names_changed_;
        return {};
    };
    if (auto done = write_all(); done.has_error()) {
        return fail(done.error());
    }
    auto job = begin_flush(flush_kind::checkpoint);
    if (failed_) {
        return error(errc::storage_failed, options_.directory);
    }
    if (job) {
        LB_CHECK(finish_flush(job->run()));
    }
    closed_ = true;
    return {};
}

} // namespace logboom::log
