// What of a log compaction may touch, and the swap of cleaned copies for segments.
#include "buffer/log/log_compaction.h"

#include "base/assertion.h"
#include "base/metric_list.h"
#include "buffer/log/errc.h"

#include <algorithm>
#include <chrono>

namespace logboom::log {

log_compaction::log_compaction(const compaction_site& site)
    : log_(site)
    , deleted_segments_(
          site.context.counters, declared("logboom_log_deleted_segments_total"), site.labels
      ) {}

/// How many segments from the front may be touched: sealed, on disk, seen by all replicas, old
/// enough.
std::size_t log_compaction::count_compactable() const {
    const timestamp_ms now = log_.context.time.wall_ms();
    const std::int64_t lag_min = log_.config.min_compaction_lag_ms;
    const offset safe = std::min(log_.bounds.recovery_point(), log_.bounds.high_watermark());
    std::size_t count = 0;
    while (count + 1 < log_.segments.size()) {
        const segment& each = log_.segments.at(count);
        const bool is_too_new = lag_min > 0 && now - each.max_timestamp() < lag_min;
        if (each.end() > safe || is_too_new) {
            break;
        }
        ++count;
    }
    return count;
}

result<cleanable_size> log_compaction::cleanable() const {
    cleanable_size found;
    if (!log_.condition.is_open() || !log_.config.cleanup_compact || is_under_way_) {
        return found;
    }
    const bool age_matters = log_.config.max_compaction_lag_ms < log_config::unlimited;
    const timestamp_ms now = log_.context.time.wall_ms();
    const std::size_t count = count_compactable();
    for (std::size_t i = 0; i < count; ++i) {
        segment& each = log_.segments.at(i);
        if (each.end() <= log_.bounds.clean_until()) {
            found.clean_bytes += each.size();
            continue;
        }
        if (found.dirty_bytes == 0 && age_matters) {
            LB_TRY(const timestamp_ms first, each.first_timestamp());
            found.dirty_age_ms = first.value() < 0 ? 0 : now - first;
        }
        found.dirty_bytes += each.size();
    }
    LB_ASSERT(found.clean_bytes + found.dirty_bytes <= log_.segments.size_bytes());
    return found;
}

std::optional<compaction_job> log_compaction::begin() {
    if (const auto size = cleanable(); !size || !must_compact(*size, log_.config)) {
        return std::nullopt;
    }
    LB_ASSERT(!is_under_way_);
    compaction_job job;
    const std::size_t count = count_compactable();
    LB_ASSERT(count > 0);
    for (std::size_t i = 0; i < count; ++i) {
        const segment& each = log_.segments.at(i);
        LB_ASSERT(each.end() <= log_.bounds.recovery_point());
        job.sources_.push_back(
            {each.base(),
             each.end(),
             each.records(),
             each.size(),
             log_.files.exists(each.base(), ".txnindex")}
        );
    }
    job.env_ = &log_.context.files;
    job.directory_ = log_.files.directory();
    job.dirty_from_ = job.mapped_end_ = log_.bounds.clean_until();
    job.now_ = log_.context.time.wall_ms();
    job.config_ = log_.config;
    job.producers_ = log_.producers.last_offsets();
    is_under_way_ = true;
    return job;
}

/// Forgets the groups that may not take their place any more, with their copies.
result<void> log_compaction::drop_stale(compaction_outcome& outcome, std::string_view suffix) {
    const bool is_all_stale = !log_.condition.is_open() || outcome.done.has_error();
    std::vector<segment_group> good;
    for (const segment_group& each : outcome.cleaned) {
        if (!is_all_stale && log_.segments.sealed_span(each.base, each.end)) {
            good.push_back(each);
        } else {
            LB_CHECK(log_.files.remove_copy(each.base, suffix));
        }
    }
    outcome.cleaned = std::move(good);
    return {};
}

result<void> log_compaction::begin_swap(compaction_outcome& outcome) {
    LB_ASSERT(is_under_way_);
    const auto rename_all = [&]() -> result<void> {
        LB_CHECK(drop_stale(outcome, ".cleaned"));
        for (const segment_group& each : outcome.cleaned) {
            LB_CHECK(log_.files.rename_copy_to_swap(each.base));
        }
        return {};
    };
    if (auto done = rename_all(); done.has_error()) {
        return log_.condition.fail(done.error());
    }
    return {};
}

result<void> log_compaction::condemn(const segment_span& span) {
    const auto delay = std::chrono::milliseconds(log_.config.file_delete_delay_ms);
    for (std::size_t i = span.first; i < span.end; ++i) {
        const offset base = log_.segments.at(i).base();
        LB_CHECK(log_.condemned.add(log_.files, base, log_.context.time.steady() + delay));
        deleted_segments_.add();
    }
    return {};
}

/// The cleaned copy takes the place of its group. The old segments go first: as long as the
/// .swap is there, recovery knows what it replaces.
result<void> log_compaction::swap_group(const segment_group& group) {
    const auto span = log_.segments.sealed_span(group.base, group.end);
    LB_ASSERT(span.has_value());
    // The next flush syncs the directory; until then recovery finds the .swap and does this again.
    log_.ledger.note_names();
    LB_CHECK(condemn({span->first + 1, span->end}));
    LB_CHECK(log_.files.finish_swap(group.base));
    LB_TRY(auto swapped, log_.files.open(group.base));
    swapped->set_index_interval(log_.config.index_interval_bytes);
    swapped->age().touch(log_.segments.at(span->end - 1).age().written);
    LB_TRY(const bool is_sound, swapped->load_sealed(group.end));
    if (!is_sound) {
        return error(errc::corrupt, swapped->path());
    }
    log_.segments.replace(*span, std::move(swapped));
    return {};
}

result<void> log_compaction::finish(compaction_outcome outcome) {
    LB_ASSERT(is_under_way_);
    is_under_way_ = false;
    const bool is_usable = log_.condition.is_open();
    const auto swap_all = [&]() -> result<void> {
        LB_CHECK(drop_stale(outcome, ".swap"));
        for (const segment_group& each : outcome.cleaned) {
            LB_CHECK(swap_group(each));
        }
        return {};
    };
    if (auto done = swap_all(); done.has_error()) {
        return log_.condition.fail(done.error());
    }
    if (outcome.done.has_error()) {
        return outcome.done;
    }
    if (is_usable) {
        log_.bounds.note_clean(outcome.clean_until);
        log_.context.messages.debug(
            "A log was compacted. directory={} bytes_before={} bytes_after={}",
            log_.files.directory(),
            outcome.bytes_before,
            outcome.bytes_after
        );
    }
    return {};
}

} // namespace logboom::log
