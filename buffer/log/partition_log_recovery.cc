#include "buffer/log/partition_log_state.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace logboom::log {
namespace {

constexpr std::size_t offset_digits = 20;
constexpr std::size_t snapshot_size_max = 256U << 20U;

/// "00000000000000000042.log" and ".log" to 42.
std::optional<offset> parse_file_name(std::string_view name, std::string_view suffix) {
    if (name.size() != offset_digits + suffix.size() || !name.ends_with(suffix)) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(name.data(), name.data() + offset_digits, value);
    if (code != std::errc() || end != name.data() + offset_digits || value < 0) {
        return std::nullopt;
    }
    return offset(value);
}

} // namespace

std::string partition_log::state::path_of(offset base, std::string_view suffix) const {
    return join_path(options_.directory, segment::file_name(base, suffix));
}

result<void> partition_log::state::remove_segment(offset base) {
    for (const std::string_view suffix : segment_suffixes) {
        const std::string path = path_of(base, suffix);
        // The snapshot at a segment's base is about what came before it.
        if (suffix != ".snapshot" && context_.files.exists(path)) {
            LB_CHECK(context_.files.remove(path));
        }
    }
    return {};
}

/// The segments of the directory, after what a crash left half done is finished or removed.
result<std::vector<offset>> partition_log::state::list_segments() {
    LB_TRY(const auto names, context_.files.list(options_.directory));
    std::vector<offset> bases;
    std::vector<std::string> indexes;
    std::vector<std::string> swaps;
    for (const std::string& name : names) {
        const std::string path = join_path(options_.directory, name);
        if (name.ends_with(".deleted") || name.ends_with(".cleaned") || name.ends_with(".tmp")) {
            LB_CHECK(context_.files.remove(path));
        } else if (name.ends_with(".swap")) {
            swaps.push_back(name);
        } else if (const auto base = parse_file_name(name, ".log")) {
            bases.push_back(*base);
        } else if (parse_file_name(name, ".index") || parse_file_name(name, ".timeindex")) {
            indexes.push_back(name);
        }
    }
    for (const std::string& name : swaps) {
        if (const auto base = parse_file_name(name, ".log.swap")) {
            LB_CHECK(recover_swap(*base, bases));
        }
    }
    for (const std::string& name : swaps) {
        const std::string path = join_path(options_.directory, name);
        if (context_.files.exists(path)) {
            LB_CHECK(context_.files.remove(path));
        }
    }
    if (!swaps.empty()) {
        LB_CHECK(context_.files.sync_directory(options_.directory));
    }
    std::sort(bases.begin(), bases.end());
    for (const std::string& name : indexes) {
        const auto base = parse_file_name(name.substr(0, offset_digits), "");
        const std::string path = join_path(options_.directory, name);
        if (!std::binary_search(bases.begin(), bases.end(), *base) && context_.files.exists(path)) {
            LB_CHECK(context_.files.remove(path));
        }
    }
    return bases;
}

/// A compaction (Kafka's, too) that was interrupted after its copies were complete: the segments
/// that the copy at `base` replaces go, and it takes their place.
result<void> partition_log::state::recover_swap(offset base, std::vector<offset>& bases) {
    const std::string path = path_of(base, ".log.swap");
    LB_TRY(const auto records, context_.files.open(path, open_mode::read_only));
    LB_TRY(const std::uint64_t size, records->size());
    batch_scanner scan(*records, 0, size, scan_depth::headers);
    offset last = base;
    while (true) {
        LB_TRY(const bool found, scan.next());
        if (!found) {
            break;
        }
        last = scan.header().last_offset();
    }
    if (!scan.at_end()) {
        return error(errc::corrupt, path);
    }
    for (const offset each : bases) {
        if (each > base && each <= last) {
            LB_CHECK(remove_segment(each));
        }
    }
    std::erase_if(bases, [&](offset each) { return each >= base && each <= last; });
    bases.push_back(base);
    return finish_swap(base);
}

result<void> partition_log::state::open() {
    LB_CHECK(context_.files.make_directories(options_.directory));
    names_changed_ = 1;
    const std::string epoch_path = join_path(options_.directory, "leader-epoch-checkpoint");
    LB_TRY(auto starts, read_epoch_checkpoint(context_.files, epoch_path));
    epochs_ = leader_epochs(std::move(starts));
    LB_TRY(std::vector<offset> bases, list_segments());
    start_ = options_.log_start_offset;
    if (bases.empty()) {
        if (options_.recovery_point > start_) {
            return error(errc::corrupt, options_.directory + ": all segments are missing");
        }
        LB_TRY(auto first, segment::create(context_.files, options_.directory, start_));
        segments_.push_back(std::move(first));
        end_ = start_;
    } else {
        LB_CHECK(load_segments(bases));
    }
    for (const auto& each : segments_) {
        each->set_index_interval(options_.config.index_interval_bytes);
        each->touch(context_.time.wall_ms());
    }
    start_ = std::max(start_, segments_.front()->base());
    if (start_ > end_) {
        LB_CHECK(start_over());
    }
    flushed_ = recovery_point_ = options_.clean ? end_ : std::min(options_.recovery_point, end_);
    high_watermark_ = start_;
    clean_until_ = std::min(options_.clean_until, end_);
    const auto before = epochs_.starts();
    epochs_.cut_end(end_);
    // Without room the next start finds them out again.
    const bool has_news = epochs_.starts() != before || epochs_changed_;
    if (has_news && !write_epochs() && failed_) {
        return error(errc::storage_failed, options_.directory);
    }
    leader_ = epochs_.latest();
    return load_producers();
}

/// What was deleted had not all reached the disk when the power went: nothing is left to keep.
result<void> partition_log::state::start_over() {
    context_.messages.warn(
        "All records left of a log lie below its start. directory={} end={} start={}",
        options_.directory,
        end_.value(),
        start_.value()
    );
    while (!segments_.empty()) {
        LB_CHECK(remove_segment(active().base()));
        segments_.pop_back();
    }
    LB_TRY(auto first, segment::create(context_.files, options_.directory, start_));
    segments_.push_back(std::move(first));
    end_ = start_;
    return context_.files.sync_directory(options_.directory);
}

result<void> partition_log::state::load_segments(const std::vector<offset>& bases) {
    // Below this, what is damaged is not a torn tail.
    const offset durable =
        options_.clean ? offset(std::numeric_limits<std::int64_t>::max()) : options_.recovery_point;
    observed_end_ = bases.front();
    for (std::size_t i = 0; i < bases.size(); ++i) {
        const bool is_last = i + 1 == bases.size();
        const offset limit = is_last ? no_offset : bases[i + 1];
        LB_TRY(auto opened, segment::open(context_.files, options_.directory, bases[i]));
        segment& each = *opened;
        each.set_index_interval(options_.config.index_interval_bytes);
        segments_.push_back(std::move(opened));
        // One that ends at the recovery point may have been sealed after it was set.
        if (!is_last && limit < durable) {
            LB_CHECK(load_sealed(each, limit));
            observed_end_ = limit;
            continue;
        }
        const std::uint64_t size = each.size();
        LB_TRY(const std::uint64_t from, each.load_active(durable));
        LB_TRY(const bool sound, scan_segment(each, {from, size, limit}));
        // The tail may be torn just between two batches; only Kafka's compaction leaves such holes.
        const bool hole = !is_last && each.end() != limit && !options_.config.cleanup_compact;
        if (!sound || hole) {
            if (each.end() < durable) {
                return error(errc::corrupt, each.path() + " at " + std::to_string(each.size()));
            }
            LB_CHECK(cut_off(bases, i, size));
            break;
        }
        if (!is_last) {
            LB_CHECK(each.seal());
        }
    }
    end_ = active().end();
    if (!options_.clean && end_ < options_.recovery_point) {
        return error(errc::corrupt, active().path() + " is shorter than it was");
    }
    return {};
}

/// A segment that was complete before the last checkpoint: its index files are trusted.
result<void> partition_log::state::load_sealed(segment& each, offset limit) {
    LB_TRY(const bool sound, each.load_sealed(limit));
    if (sound) {
        return {};
    }
    context_.messages.warn("The index of a segment is rebuilt. path={}", each.path());
    const std::uint64_t size = each.size();
    LB_TRY(auto again, segment::open(context_.files, options_.directory, each.base()));
    segments_.back() = std::move(again);
    segment& fresh = *segments_.back();
    fresh.set_index_interval(options_.config.index_interval_bytes);
    LB_CHECK(fresh.forget_indexes());
    LB_TRY(const bool whole, scan_segment(fresh, {0, size, limit}));
    if (!whole) {
        return error(errc::corrupt, fresh.path() + " at " + std::to_string(fresh.size()));
    }
    return fresh.seal();
}

/// Everything behind the last sound batch of segment `index` goes.
result<void> partition_log::state::cut_off(
    const std::vector<offset>& bases, std::size_t index, std::uint64_t size
) {
    segment& last = active();
    truncated_bytes_.add(static_cast<std::int64_t>(size - last.size()));
    context_.messages.warn(
        "The tail of a log was torn and is cut off. path={} kept_bytes={} cut_bytes={} "
        "dropped_segments={}",
        last.path(),
        last.size(),
        size - last.size(),
        bases.size() - index - 1
    );
    // From the end, so that a crash in between leaves no hole.
    for (std::size_t i = bases.size() - 1; i > index; --i) {
        LB_CHECK(remove_segment(bases[i]));
    }
    LB_CHECK(context_.files.sync_directory(options_.directory));
    LB_CHECK(last.cut_tail());
    // What was cut off must not come back behind what is appended now.
    return last.records()->sync();
}

/// Reads batches and counts them in; false where it met something that is no sound batch.
result<bool> partition_log::state::scan_segment(segment& from, const scan_range& range) {
    batch_scanner scan(*from.records(), range.position, range.file_size, scan_depth::checksums);
    offset expected = std::max(observed_end_, from.base());
    while (true) {
        LB_TRY(const bool found, scan.next());
        if (!found) {
            break;
        }
        const auto batch = scan.header();
        const bool beyond = range.limit != no_offset && batch.last_offset() >= range.limit;
        if (batch.base_offset() < expected || beyond || !from.reaches(batch.last_offset())) {
            return false;
        }
        from.observe(batch);
        expected = observed_end_ = batch.next_offset();
        epochs_changed_ |= epochs_.assign(batch.epoch(), batch.base_offset());
    }
    return scan.at_end();
}

// ---- producers

result<std::vector<offset>> partition_log::state::list_snapshots() {
    LB_TRY(const auto names, context_.files.list(options_.directory));
    std::vector<offset> found;
    for (const std::string& name : names) {
        if (const auto at = parse_file_name(name, ".snapshot")) {
            found.push_back(*at);
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

result<void> partition_log::state::load_producers() {
    producers_.clear();
    LB_TRY(std::vector<offset> snapshots, list_snapshots());
    offset from = segments_.front()->base();
    bool removed = false;
    while (!snapshots.empty()) {
        const offset at = snapshots.back();
        const std::string path = path_of(at, ".snapshot");
        // One from before the first segment misses what was deleted since: knowing nothing of a
        // producer is better than knowing an old state.
        if (at <= end_ && at >= segments_.front()->base()) {
            LB_TRY(const std::string content, read_file(context_.files, path, snapshot_size_max));
            if (producers_.decode(as_bytes(content))) {
                from = std::max(from, at);
                break;
            }
            context_.messages.warn("A damaged producer snapshot is removed. path={}", path);
        }
        LB_CHECK(context_.files.remove(path));
        removed = true;
        snapshots.pop_back();
    }
    if (removed) {
        // A snapshot of records that were cut off must not come back once the log is as long again.
        LB_CHECK(context_.files.sync_directory(options_.directory));
    }
    // Of the others those at the base of a segment stay.
    for (std::size_t i = 0; i + 1 < snapshots.size(); ++i) {
        if (segments_[segment_of(snapshots[i])]->base() != snapshots[i]) {
            LB_CHECK(context_.files.remove(path_of(snapshots[i], ".snapshot")));
        }
    }
    return replay_producers(from);
}

result<void> partition_log::state::replay_producers(offset from) {
    for (std::size_t i = segment_of(from); i < segments_.size() && from < end_; ++i) {
        segment& each = *segments_[i];
        LB_TRY(const auto place, each.find(std::max(from, each.base())));
        if (!place) {
            continue;
        }
        batch_scanner scan(*each.records(), place->position, each.size(), scan_depth::headers);
        while (true) {
            LB_TRY(const bool found, scan.next());
            if (!found) {
                break;
            }
            producers_.update(scan.header());
        }
        if (!scan.at_end()) {
            return error(errc::corrupt, each.path());
        }
    }
    return {};
}

} // namespace logboom::log
