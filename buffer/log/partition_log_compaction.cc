#include "buffer/log/partition_log_state.h"

#include <algorithm>

namespace logboom::log {
namespace {

/// The records come last: their rename is what makes a swap complete.
constexpr std::string_view swapped_suffixes[] = {".index", ".timeindex", ".log"};

} // namespace

/// How many segments compaction may touch: sealed, on disk, seen by all replicas, old enough.
std::size_t partition_log::state::cleanable_count() const {
    const log_config& config = options_.config;
    const timestamp_ms now = context_.time.wall_ms();
    const offset safe = std::min(recovery_point_, high_watermark());
    std::size_t count = 0;
    while (count + 1 < segments_.size()) {
        const segment& each = *segments_[count];
        const bool too_new = config.min_compaction_lag_ms > 0 &&
                             now - each.max_timestamp() < config.min_compaction_lag_ms;
        if (each.end() > safe || too_new) {
            break;
        }
        ++count;
    }
    return count;
}

result<cleanable_size> partition_log::state::cleanable() {
    const log_config& config = options_.config;
    cleanable_size found;
    if (failed_ || closed_ || !config.cleanup_compact || compacting_) {
        return found;
    }
    const timestamp_ms now = context_.time.wall_ms();
    const std::size_t count = cleanable_count();
    for (std::size_t i = 0; i < count; ++i) {
        segment& each = *segments_[i];
        if (each.end() <= clean_until_) {
            found.clean_bytes += each.size();
            continue;
        }
        if (found.dirty_bytes == 0 && config.max_compaction_lag_ms < log_config::unlimited) {
            LB_TRY(const timestamp_ms first, each.first_timestamp());
            found.dirty_age_ms = first.value() < 0 ? 0 : now - first;
        }
        found.dirty_bytes += each.size();
    }
    return found;
}

std::optional<compaction_job> partition_log::state::begin_compaction() {
    if (const auto size = cleanable(); !size || !must_compact(*size, options_.config)) {
        return std::nullopt;
    }
    compaction_job job;
    const std::size_t count = cleanable_count();
    for (std::size_t i = 0; i < count; ++i) {
        const segment& each = *segments_[i];
        job.sources_.push_back(
            {each.base(),
             each.end(),
             each.records(),
             each.size(),
             context_.files.exists(path_of(each.base(), ".txnindex"))}
        );
    }
    job.env_ = &context_.files;
    job.directory_ = options_.directory;
    job.dirty_from_ = job.mapped_end_ = clean_until_;
    job.now_ = context_.time.wall_ms();
    job.config_ = options_.config;
    job.producers_ = producers_.last_offsets();
    job.history_ = history_;
    compacting_ = true;
    return job;
}

/// Where the group's segments are; nothing when they are no longer all there.
std::optional<std::pair<std::size_t, std::size_t>>
partition_log::state::members_of(const segment_group& group) const {
    const std::size_t first = segment_of(group.base);
    std::size_t end = first;
    while (end < segments_.size() && segments_[end]->base() < group.end) {
        ++end;
    }
    const bool whole = end > first && segments_[first]->base() == group.base &&
                       segments_[end - 1]->end() == group.end && end < segments_.size();
    return whole ? std::optional(std::pair(first, end)) : std::nullopt;
}

/// Forgets the groups that may not take their place any more, with their copies.
result<void> partition_log::state::drop_stale(compaction_outcome& of, std::string_view suffix) {
    const bool all = closed_ || failed_ || of.done.has_error() || of.history != history_;
    std::vector<segment_group> good;
    for (const segment_group& each : of.cleaned) {
        if (!all && members_of(each)) {
            good.push_back(each);
        } else {
            LB_CHECK(segment::remove_files(context_.files, options_.directory, each.base, suffix));
        }
    }
    of.cleaned = std::move(good);
    return {};
}

result<void> partition_log::state::begin_swap(compaction_outcome& outcome) {
    const auto rename_all = [&]() -> result<void> {
        LB_CHECK(drop_stale(outcome, ".cleaned"));
        for (const segment_group& each : outcome.cleaned) {
            for (const std::string_view suffix : swapped_suffixes) {
                const std::string path = path_of(each.base, suffix);
                LB_CHECK(context_.files.rename(path + ".cleaned", path + ".swap"));
            }
        }
        return {};
    };
    if (auto done = rename_all(); done.has_error()) {
        return fail(done.error());
    }
    return {};
}

/// The cleaned copy takes the place of its group. The old segments go first: as long as the
/// .swap is there, recovery knows what it replaces.
result<void> partition_log::state::swap_group(const segment_group& group) {
    const auto [first, end] = *members_of(group);
    for (std::size_t i = first + 1; i < end && !failed_; ++i) {
        condemn(segments_[i]->base());
    }
    if (failed_) {
        return error(errc::storage_failed, options_.directory);
    }
    LB_CHECK(finish_swap(group.base));
    LB_TRY(auto swapped, segment::open(context_.files, options_.directory, group.base));
    swapped->set_index_interval(options_.config.index_interval_bytes);
    swapped->touch(segments_[end - 1]->written_at());
    LB_TRY(const bool sound, swapped->load_sealed(group.end));
    if (!sound) {
        return error(errc::corrupt, swapped->path());
    }
    segments_[first] = std::move(swapped);
    segments_.erase(
        segments_.begin() + static_cast<std::ptrdiff_t>(first) + 1,
        segments_.begin() + static_cast<std::ptrdiff_t>(end)
    );
    return {};
}

result<void> partition_log::state::finish_swap(offset base) {
    for (const std::string_view suffix : swapped_suffixes) {
        const std::string path = path_of(base, suffix);
        if (context_.files.exists(path + ".swap")) {
            LB_CHECK(context_.files.rename(path + ".swap", path));
        }
    }
    // The next flush syncs the directory; until then recovery finds the .swap and does this again.
    ++names_changed_;
    return {};
}

result<void> partition_log::state::finish_compaction(compaction_outcome outcome) {
    compacting_ = false;
    const bool usable = !failed_ && !closed_ && outcome.history == history_;
    const auto swap_all = [&]() -> result<void> {
        LB_CHECK(drop_stale(outcome, ".swap"));
        for (const segment_group& each : outcome.cleaned) {
            LB_CHECK(swap_group(each));
        }
        return {};
    };
    hints_ = {};
    if (auto done = swap_all(); done.has_error()) {
        return fail(done.error());
    }
    if (outcome.done.has_error()) {
        return outcome.done;
    }
    if (usable) {
        clean_until_ = std::max(clean_until_, outcome.clean_until);
        context_.messages.debug(
            "A log was compacted. directory={} bytes_before={} bytes_after={}",
            options_.directory,
            outcome.bytes_before,
            outcome.bytes_after
        );
    }
    return {};
}

} // namespace logboom::log
