#include "buffer/log/flush_ledger.h"

#include "base/assertion.h"

#include <algorithm>
#include <chrono>

namespace logboom::log {

void flush_ledger::note_index(std::shared_ptr<file> index) {
    LB_ASSERT(index != nullptr);
    indexes_to_sync_.push_back(std::move(index));
}

bool flush_ledger::has_work(flush_kind kind, const log_bounds& bounds) const noexcept {
    return bounds.flushed() != bounds.end() || names_changed_ != names_synced_ ||
           (kind == flush_kind::checkpoint && bounds.recovery_point() != bounds.end());
}

result<std::optional<flush_job>> flush_ledger::begin(
    flush_kind kind,
    const segment_files& files,
    const segment_list& segments,
    const log_bounds& bounds
) {
    LB_ASSERT(names_synced_ <= names_changed_);
    LB_ASSERT(segments.active().end() == bounds.end());
    if (!has_work(kind, bounds)) {
        return std::optional<flush_job>();
    }
    flush_job job;
    job.env_ = &files.files();
    job.covers_ = bounds.end();
    job.with_indexes_ = kind == flush_kind::checkpoint;
    job.names_ = names_changed_;
    if (names_changed_ != names_synced_) {
        job.directory_ = files.directory();
    }
    // A segment's records are dirty as long as it reaches beyond what is flushed, its indexes as
    // long as it reaches beyond the recovery point.
    for (std::size_t i = segments.size(); i > 0; --i) {
        segment& each = segments.at(i - 1);
        if (each.end() <= bounds.recovery_point()) {
            break;
        }
        if (each.end() > bounds.flushed()) {
            job.files_.push_back(each.records());
        }
        if (job.with_indexes_) {
            LB_CHECK(each.write_indexes(false));
            for (const auto& index : each.index_files()) {
                job.files_.push_back(index);
            }
        }
    }
    if (job.with_indexes_) {
        job.files_.insert(job.files_.end(), indexes_to_sync_.begin(), indexes_to_sync_.end());
        indexes_to_sync_.clear();
    }
    LB_ASSERT(bounds.flushed() == job.covers_ || !job.files_.empty());
    return std::optional(std::move(job));
}

void flush_ledger::settle(const flush_outcome& outcome, log_bounds& bounds, clock::duration now) {
    LB_ASSERT(outcome.done.has_value());
    LB_ASSERT(outcome.names <= names_changed_);
    names_synced_ = std::max(names_synced_, outcome.names);
    bounds.cover(outcome.covers, outcome.with_indexes);
    if (bounds.flushed() < bounds.end()) {
        unflushed_since_ = now;
    }
}

bool flush_ledger::is_due(
    const log_config& config,
    const segment_list& segments,
    const log_bounds& bounds,
    const clock& time
) const {
    if (bounds.flushed() == bounds.end()) {
        return false;
    }
    if (bounds.end() - bounds.flushed() >= config.flush_messages ||
        segments.active().base() > bounds.flushed()) {
        return true;
    }
    // Every append asks; by default nothing is flushed by time.
    if (config.flush_ms == log_config::unlimited) {
        return false;
    }
    const auto waited =
        std::chrono::duration_cast<std::chrono::milliseconds>(time.steady() - unflushed_since_);
    return waited.count() >= config.flush_ms;
}

} // namespace logboom::log
