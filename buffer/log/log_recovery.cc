// Recovery of one log, in the order of what it does: list the directory, finish swaps, load each
// segment (sealed ones from their indexes, the others batch by batch), cut off a torn tail.
#include "buffer/log/log_recovery.h"

#include "base/assertion.h"
#include "base/metric_list.h"

#include <algorithm>
#include <limits>

namespace logboom::log {
namespace {

/// Batches of one segment's file that are to be counted in.
struct scan_range {
    std::uint64_t position = 0;
    std::uint64_t file_size = 0;
    /// The base of the next segment; no_offset for the last one.
    offset limit;
};

class log_recovery {
  public:
    log_recovery(
        const log_context& context, const segment_files& files, const partition_log_options& options
    )
        : context_(context)
        , files_(files)
        , options_(options)
        , truncated_bytes_(
              context.counters,
              declared("logboom_log_recovery_truncated_bytes_total"),
              {options.partition.topic}
          ) {}

    result<recovered_log> run();

  private:
    result<std::vector<offset>> list_segments();
    result<void> finish_swaps(const std::vector<std::string>& swaps, std::vector<offset>& bases);
    result<void> recover_swap(offset base, std::vector<offset>& bases);
    result<void> load_segments(const std::vector<offset>& bases);
    result<std::unique_ptr<segment>> load_sealed(offset base, offset limit);
    result<bool> load_scanned(const std::vector<offset>& bases, std::size_t index);
    result<void>
    cut_off(const std::vector<offset>& bases, std::size_t index, std::uint64_t file_size);
    result<bool> scan(segment& into, const scan_range& range);
    result<void> start_over(offset start);
    [[nodiscard]] result<std::unique_ptr<segment>> open(offset base) const;
    /// Below this, what is damaged is no torn tail.
    [[nodiscard]] offset durable() const noexcept;

    const log_context& context_;
    const segment_files& files_;
    const partition_log_options& options_;
    counter truncated_bytes_;
    recovered_log found_;
    /// Behind the last batch that was seen.
    offset observed_end_;
};

/// Reads batches and counts them in; false where it met something that is no sound batch.
/// `observed_end` moves behind the last batch, `visit` is called with each.
template <class Visit>
result<bool>
scan_batches(segment& into, const scan_range& range, offset& observed_end, Visit visit) {
    LB_ASSERT(range.position == into.size());
    batch_scanner batches(*into.records(), range.position, range.file_size, scan_depth::checksums);
    offset expected = std::max(observed_end, into.end());
    while (true) {
        LB_TRY(const bool more, batches.next());
        if (!more) {
            return batches.at_end();
        }
        const auto batch = batches.header();
        const bool beyond = range.limit != no_offset && batch.last_offset() >= range.limit;
        if (batch.base_offset() < expected || beyond || !into.reaches(batch.last_offset())) {
            return false;
        }
        into.observe(batch);
        LB_ASSERT(into.size() == batches.sound_until());
        expected = observed_end = batch.next_offset();
        visit(batch);
    }
}

offset log_recovery::durable() const noexcept {
    return options_.clean ? offset(std::numeric_limits<std::int64_t>::max())
                          : options_.recovery_point;
}

result<std::unique_ptr<segment>> log_recovery::open(offset base) const {
    LB_TRY(auto opened, files_.open(base));
    opened->set_index_interval(options_.config.index_interval_bytes);
    return opened;
}

/// The segments of the directory, after what a crash left half done is finished or removed.
result<std::vector<offset>> log_recovery::list_segments() {
    env& disk = context_.files;
    LB_TRY(const auto names, disk.list(files_.directory()));
    std::vector<offset> bases;
    std::vector<std::string> indexes;
    std::vector<std::string> swaps;
    for (const std::string& name : names) {
        if (name.ends_with(".deleted") || name.ends_with(".cleaned") || name.ends_with(".tmp")) {
            LB_CHECK(disk.remove(join_path(files_.directory(), name)));
        } else if (name.ends_with(".swap")) {
            swaps.push_back(name);
        } else if (const auto base = parse_segment_file_name(name, ".log")) {
            bases.push_back(*base);
        } else if (parse_segment_file_name(name, ".index") || parse_segment_file_name(name, ".timeindex")) {
            indexes.push_back(name);
        }
    }
    LB_CHECK(finish_swaps(swaps, bases));
    std::sort(bases.begin(), bases.end());
    LB_ASSERT(std::adjacent_find(bases.begin(), bases.end()) == bases.end());
    for (const std::string& name : indexes) {
        const auto base = parse_segment_file_name(name.substr(0, name.find('.')), "");
        const std::string path = join_path(files_.directory(), name);
        if (!std::binary_search(bases.begin(), bases.end(), *base) && disk.exists(path)) {
            LB_CHECK(disk.remove(path));
        }
    }
    return bases;
}

result<void>
log_recovery::finish_swaps(const std::vector<std::string>& swaps, std::vector<offset>& bases) {
    if (swaps.empty()) {
        return {};
    }
    for (const std::string& name : swaps) {
        if (const auto base = parse_segment_file_name(name, ".log.swap")) {
            LB_CHECK(recover_swap(*base, bases));
        }
    }
    for (const std::string& name : swaps) {
        const std::string path = join_path(files_.directory(), name);
        if (context_.files.exists(path)) {
            LB_CHECK(context_.files.remove(path));
        }
    }
    return files_.sync_names();
}

/// A compaction (Kafka's, too) that was interrupted after its copies were complete: the segments
/// that the copy at `base` replaces go, and it takes their place.
result<void> log_recovery::recover_swap(offset base, std::vector<offset>& bases) {
    const std::string path = files_.path(base, ".log.swap");
    LB_TRY(const auto records, context_.files.open(path, open_mode::read_only));
    LB_TRY(const std::uint64_t size, records->size());
    batch_scanner batches(*records, 0, size, scan_depth::headers);
    offset last = base;
    while (true) {
        LB_TRY(const bool more, batches.next());
        if (!more) {
            break;
        }
        last = batches.header().last_offset();
    }
    if (!batches.at_end()) {
        return error(errc::corrupt, path);
    }
    for (const offset each : bases) {
        if (each > base && each <= last) {
            LB_CHECK(files_.remove(each));
        }
    }
    std::erase_if(bases, [&](offset each) {
        return each == base || (each > base && each <= last);
    });
    bases.push_back(base);
    return files_.finish_swap(base);
}

result<void> log_recovery::load_segments(const std::vector<offset>& bases) {
    LB_ASSERT(!bases.empty());
    observed_end_ = bases.front();
    for (std::size_t i = 0; i < bases.size(); ++i) {
        const bool is_last = i + 1 == bases.size();
        // One that ends at the recovery point may have been sealed after it was set.
        if (!is_last && bases[i + 1] < durable()) {
            LB_TRY(auto sealed, load_sealed(bases[i], bases[i + 1]));
            found_.segments.add(std::move(sealed));
            observed_end_ = bases[i + 1];
            continue;
        }
        LB_TRY(const bool is_whole, load_scanned(bases, i));
        if (!is_whole) {
            break;
        }
    }
    const segment& last = found_.segments.active();
    if (!options_.clean && last.end() < options_.recovery_point) {
        return error(errc::corrupt, last.path() + " is shorter than it was");
    }
    return {};
}

/// A segment that was complete before the last checkpoint: its index files are trusted.
result<std::unique_ptr<segment>> log_recovery::load_sealed(offset base, offset limit) {
    LB_ASSERT(base < limit);
    LB_TRY(auto sealed, open(base));
    LB_TRY(const bool is_sound, sealed->load_sealed(limit));
    if (is_sound) {
        return sealed;
    }
    context_.messages.warn("The index of a segment is rebuilt. path={}", sealed->path());
    const std::uint64_t size = sealed->size();
    LB_TRY(auto fresh, open(base));
    LB_CHECK(fresh->forget_indexes());
    LB_TRY(const bool is_whole, scan(*fresh, {0, size, limit}));
    if (!is_whole) {
        return error(errc::corrupt, fresh->path() + " at " + std::to_string(fresh->size()));
    }
    LB_CHECK(fresh->seal());
    return fresh;
}

/// A segment that may be torn: what its index does not vouch for is read. False when its tail was
/// cut off, and the segments behind it with it.
result<bool> log_recovery::load_scanned(const std::vector<offset>& bases, std::size_t index) {
    const bool is_last = index + 1 == bases.size();
    const offset limit = is_last ? no_offset : bases[index + 1];
    LB_TRY(auto opened, open(bases[index]));
    segment& mine = *opened;
    const std::uint64_t file_size = mine.size();
    LB_TRY(const std::uint64_t position, mine.load_active(durable()));
    LB_TRY(const bool is_sound, scan(mine, {position, file_size, limit}));
    found_.segments.add(std::move(opened));
    // The tail may be torn just between two batches; only Kafka's compaction leaves such holes.
    const bool is_hole = !is_last && mine.end() != limit && !options_.config.cleanup_compact;
    if (!is_sound || is_hole) {
        if (mine.end() < durable()) {
            return error(errc::corrupt, mine.path() + " at " + std::to_string(mine.size()));
        }
        LB_CHECK(cut_off(bases, index, file_size));
        return false;
    }
    if (!is_last) {
        LB_CHECK(mine.seal());
    }
    return true;
}

/// Everything behind the last sound batch of segment `index` goes.
result<void> log_recovery::cut_off(
    const std::vector<offset>& bases, std::size_t index, std::uint64_t file_size
) {
    segment& last = found_.segments.active();
    LB_ASSERT(last.base() == bases[index]);
    LB_ASSERT(last.size() <= file_size);
    const std::uint64_t cut_bytes = file_size - last.size();
    truncated_bytes_.add(static_cast<std::int64_t>(cut_bytes));
    context_.messages.warn(
        "The tail of a log was torn and is cut off. path={} kept_bytes={} cut_bytes={} "
        "dropped_segments={}",
        last.path(),
        last.size(),
        cut_bytes,
        bases.size() - index - 1
    );
    // From the end, so that a crash in between leaves no hole.
    for (std::size_t i = bases.size() - 1; i > index; --i) {
        LB_CHECK(files_.remove(bases[i]));
    }
    LB_CHECK(files_.sync_names());
    LB_CHECK(last.cut_tail());
    // What was cut off must not come back behind what is appended now.
    return last.records()->sync();
}

result<bool> log_recovery::scan(segment& into, const scan_range& range) {
    const auto note_epoch = [this](const kafka::record_batch_view& batch) {
        found_.epochs_changed |= found_.epochs.assign(batch.epoch(), batch.base_offset());
    };
    return scan_batches(into, range, observed_end_, note_epoch);
}

/// What was deleted had not all reached the disk when the power went: nothing is left to keep.
result<void> log_recovery::start_over(offset start) {
    context_.messages.warn(
        "All records left of a log lie below its start. directory={} end={} start={}",
        files_.directory(),
        found_.segments.active().end().value(),
        start.value()
    );
    for (std::size_t i = found_.segments.size(); i > 0; --i) {
        LB_CHECK(files_.remove(found_.segments.at(i - 1).base()));
    }
    found_.segments = segment_list();
    LB_TRY(auto first, files_.create(start));
    found_.segments.add(std::move(first));
    return files_.sync_names();
}

result<recovered_log> log_recovery::run() {
    LB_CHECK(context_.files.make_directories(files_.directory()));
    const std::string epoch_path = join_path(files_.directory(), epoch_checkpoint_name);
    LB_TRY(const auto starts, read_epoch_checkpoint(context_.files, epoch_path));
    found_.epochs = leader_epochs(starts);
    found_.epochs_changed = found_.epochs.starts() != starts;
    LB_TRY(const std::vector<offset> bases, list_segments());
    if (bases.empty()) {
        if (options_.recovery_point > options_.log_start_offset) {
            return error(errc::corrupt, files_.directory() + ": all segments are missing");
        }
        LB_TRY(auto first, files_.create(options_.log_start_offset));
        found_.segments.add(std::move(first));
    } else {
        LB_CHECK(load_segments(bases));
    }
    segment_list& segments = found_.segments;
    const offset start = std::max(options_.log_start_offset, segments.front().base());
    if (start > segments.active().end()) {
        LB_CHECK(start_over(start));
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
        segments.at(i).set_index_interval(options_.config.index_interval_bytes);
        segments.at(i).age().touch(context_.time.wall_ms());
    }
    const offset end = segments.active().end();
    found_.bounds = log_bounds({
        .start = start,
        .end = end,
        .durable = options_.clean ? end : std::min(options_.recovery_point, end),
        .clean_until = std::min(options_.clean_until, end),
    });
    found_.epochs_changed |= found_.epochs.cut_end(end);
    return std::move(found_);
}

} // namespace

result<recovered_log> recover_log(
    const log_context& context, const segment_files& files, const partition_log_options& options
) {
    return log_recovery(context, files, options).run();
}

} // namespace logboom::log
