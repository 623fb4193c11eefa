#include "buffer/log/partition_log_state.h"

namespace logboom::log {
namespace {

/// The records come last: their rename is what makes a swap complete.
constexpr std::string_view swapped_suffixes[] = {".index", ".timeindex", ".log"};

} // namespace

/// Sealed segments that are on disk, seen by all replicas and old enough; nothing unless enough of
/// them is dirty.
std::optional<compaction_job> partition_log::state::begin_compaction() {
    const log_config& config = options_.config;
    if (failed_ || closed_ || !config.cleanup_compact || compacting_) {
        return std::nullopt;
    }
    compaction_job job;
    job.now_ = context_.time.wall_ms();
    std::uint64_t total = 0;
    std::uint64_t dirty = 0;
    const offset safe = std::min(recovery_point_, high_watermark());
    for (std::size_t i = 0; i + 1 < segments_.size(); ++i) {
        segment& each = *segments_[i];
        const bool too_new = config.min_compaction_lag_ms > 0 &&
                             job.now_ - each.max_timestamp() < config.min_compaction_lag_ms;
        if (each.end() > safe || too_new) {
            break;
        }
        job.sources_.push_back({each.base(), each.end(), each.records(), each.size()});
        total += each.size();
        dirty += each.end() > clean_until_ ? each.size() : 0;
    }
    if (dirty == 0 || static_cast<double>(dirty) <
                          config.min_cleanable_dirty_ratio * static_cast<double>(total)) {
        return std::nullopt;
    }
    job.env_ = &context_.files;
    job.directory_ = options_.directory;
    job.dirty_from_ = clean_until_;
    job.config_ = config;
    job.producers_ = producers_.last_offsets();
    job.history_ = history_;
    compacting_ = true;
    return job;
}

/// The cleaned copy of one segment takes its place: index files first, then the records.
result<void> partition_log::state::swap_segment(std::size_t index) {
    env& files = context_.files;
    const offset base = segments_[index]->base();
    const offset end = segments_[index]->end();
    for (const std::string_view suffix : swapped_suffixes) {
        const std::string path = path_of(base, suffix);
        LB_CHECK(files.rename(path + ".cleaned", path + ".swap"));
    }
    LB_CHECK(files.sync_directory(options_.directory));
    LB_CHECK(finish_swap(base));
    LB_TRY(auto swapped, segment::open(files, options_.directory, base));
    swapped->set_index_interval(options_.config.index_interval_bytes);
    LB_TRY(const bool sound, swapped->load_sealed(end));
    if (!sound) {
        return error(errc::corrupt, swapped->path());
    }
    segments_[index] = std::move(swapped);
    return {};
}

/// Also what the next start does with a swap that a crash left half done.
result<void> partition_log::state::finish_swap(offset base) {
    env& files = context_.files;
    for (const std::string_view suffix : swapped_suffixes) {
        const std::string path = path_of(base, suffix);
        if (files.exists(path + ".swap")) {
            LB_CHECK(files.rename(path + ".swap", path));
        }
    }
    return files.sync_directory(options_.directory);
}

result<void> partition_log::state::finish_compaction(const compaction_outcome& outcome) {
    compacting_ = false;
    const bool stale = failed_ || closed_ || outcome.history != history_;
    const auto swap_all = [&]() -> result<void> {
        for (const offset base : outcome.cleaned) {
            const std::size_t index = segment_of(base);
            if (stale || outcome.done.has_error() || segments_[index]->base() != base) {
                LB_CHECK(segment::remove_files(context_.files, options_.directory, base, ".cleaned")
                );
            } else {
                LB_CHECK(swap_segment(index));
            }
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
    if (!stale) {
        clean_until_ = outcome.clean_until;
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
