// The job of a compaction, which reads sealed segments on any thread: the map of the newest offset
// of each key, and the copies of groups of segments with what is left of their batches.
#include "buffer/log/compaction.h"

#include "base/assertion.h"
#include "buffer/log/errc.h"
#include "buffer/log/segment.h"
#include "buffer/log/segment_files.h"
#include "codecs/kafka/record_batch_builder.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace logboom::log {
namespace {

/// What the keys of one run may occupy; beyond it the rest waits for the next run.
constexpr std::size_t key_memory_max = 64U << 20U;
constexpr std::size_t key_overhead = 64;

/// A sealed segment as a job reads it.
struct batch_range {
    const file& records;
    std::uint64_t size = 0;
    offset base;
    offset end;
};

/// Calls `visit` with each whole batch, and where it lies. Their offsets rise from base to end.
template <class Visit>
result<void> each_batch(const batch_range& range, Visit visit) {
    const file& from = range.records;
    batch_scanner scan(from, 0, range.size, scan_depth::headers);
    std::vector<std::byte> batch;
    offset expected = range.base;
    while (true) {
        LB_TRY(const bool found, scan.next());
        if (!found) {
            break;
        }
        batch.resize(scan.size());
        LB_TRY(const std::size_t got, from.pread(batch, scan.position()));
        if (got != batch.size() || kafka::check_batch(batch).has_error()) {
            return error(errc::corrupt, "compaction");
        }
        if (scan.header().base_offset() < expected || scan.header().next_offset() > range.end) {
            return error(errc::corrupt, "compaction: offsets do not rise");
        }
        expected = scan.header().next_offset();
        LB_CHECK(visit(bytes_view(batch), scan.position()));
    }
    return scan.at_end() ? result<void>() : error(errc::corrupt, "compaction");
}

} // namespace

/// A new segment in the making.
struct compaction_job::group_copy {
    std::unique_ptr<segment> into;
    /// The header of the last batch read, when nothing else of that batch is left.
    std::vector<std::byte> tail;
    /// It is not what was there already.
    bool changed = false;
};

/// The last offset of each key, whole keys, bounded.
class compaction_job::key_map {
  public:
    /// False when there is no room for it.
    bool put(std::string_view key, offset where) {
        const auto found = last_.find(key);
        if (found != last_.end()) {
            found->second = where;
            return true;
        }
        if (used_ + key.size() + key_overhead > key_memory_max) {
            return false;
        }
        used_ += key.size() + key_overhead;
        LB_ASSERT(used_ <= key_memory_max);
        last_.emplace(key, where);
        return true;
    }
    [[nodiscard]] bool is_superseded(std::string_view key, offset where) const {
        const auto found = last_.find(key);
        return found != last_.end() && found->second > where;
    }

  private:
    struct text_hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    std::unordered_map<std::string, offset, text_hash, std::equal_to<>> last_;
    std::size_t used_ = 0;
};

double cleanable_size::dirty_ratio() const noexcept {
    const std::uint64_t all = clean_bytes + dirty_bytes;
    return all == 0 ? 0.0 : static_cast<double>(dirty_bytes) / static_cast<double>(all);
}

bool must_compact(const cleanable_size& size, const log_config& config) noexcept {
    if (size.dirty_bytes == 0) {
        return false;
    }
    return size.dirty_ratio() > config.min_cleanable_dirty_ratio ||
           size.dirty_age_ms > config.max_compaction_lag_ms;
}

compaction_outcome compaction_job::run() {
    LB_ASSERT(env_ != nullptr);
    LB_ASSERT(!sources_.empty());
    compaction_outcome out;
    out.clean_until = dirty_from_;
    out.files = env_;
    out.directory = directory_;
    out.done = clean(out);
    LB_ASSERT(out.clean_until >= dirty_from_);
    return out;
}

result<void> compaction_job::check_canceled() const {
    return canceled_->load(std::memory_order_relaxed) ? error(errc::canceled, directory_)
                                                      : result<void>();
}

result<void> compaction_job::clean(compaction_outcome& out) {
    key_map keys;
    LB_CHECK(map_keys(keys));
    if (mapped_end_ <= dirty_from_) {
        return error(errc::corrupt, directory_ + ": one batch has more keys than memory allows");
    }
    LB_ASSERT(mapped_end_ <= sources_.back().end);
    for (std::size_t i = 0; i < sources_.size() && sources_[i].base < mapped_end_;) {
        const std::size_t first = i;
        LB_TRY(i, copy_group(first, keys, out));
        LB_ASSERT(i > first);
    }
    out.clean_until = mapped_end_;
    return {};
}

/// Reads the dirty part as far as its keys fit into memory; what is behind waits for the next run.
result<void> compaction_job::map_keys(key_map& keys) {
    bool room = true;
    const auto take = [&](bytes_view data, std::uint64_t /*at*/) -> result<void> {
        LB_CHECK(check_canceled());
        const kafka::record_batch_view batch(data);
        if (!room || batch.is_control() || batch.last_offset() < dirty_from_) {
            return {};
        }
        LB_TRY(auto reader, kafka::record_reader::open(data, log_config::unpacked_size_max));
        kafka::record each;
        while (room) {
            LB_TRY(const bool more, reader.next(each));
            if (!more) {
                break;
            }
            room = !each.key || keys.put(as_text(*each.key), each.offset);
        }
        if (!room) {
            mapped_end_ = batch.base_offset();
        }
        return {};
    };
    for (const source& from : sources_) {
        if (from.end > dirty_from_ && room) {
            LB_CHECK(each_batch({*from.records, from.size, from.base, from.end}, take));
            mapped_end_ = room ? from.end : mapped_end_;
        }
    }
    return {};
}

/// One new segment, from as many neighbours as fit into it, so that small leftovers do not pile up.
/// Gives the first source that is not in it.
result<std::size_t>
compaction_job::copy_group(std::size_t first, const key_map& keys, compaction_outcome& out) const {
    const offset base = sources_[first].base;
    group_copy copy;
    LB_TRY(copy.into, segment::create(*env_, directory_, base, ".cleaned"));
    copy.into->set_index_interval(config_.index_interval_bytes);
    const auto end = copy_sources(first, keys, copy);
    if (end.has_error() || !copy.changed) {
        // A copy that is not needed, or a torn one: it must not take the space that may be short.
        const auto removed = segment_files(*env_, directory_).remove_copy(base, ".cleaned");
        if (end.has_error()) {
            return end;
        }
        LB_CHECK(removed);
        return end;
    }
    for (std::size_t i = first; i < *end; ++i) {
        out.bytes_before += sources_[i].size;
    }
    out.bytes_after += copy.into->size();
    out.cleaned.push_back({base, sources_[*end - 1].end});
    return end;
}

result<std::size_t>
compaction_job::copy_sources(std::size_t first, const key_map& keys, group_copy& copy) const {
    std::size_t i = first;
    do {
        copy.changed = copy.changed || i > first;
        LB_CHECK(copy_source(sources_[i], keys, copy));
        ++i;
    } while (i < sources_.size() && is_next_in_group(first, i, copy));
    if (!copy.tail.empty()) {
        LB_CHECK(copy.into->write(copy.tail));
        copy.into->observe(kafka::record_batch_view(copy.tail));
    }
    LB_CHECK(copy.into->seal());
    if (copy.changed) {
        LB_CHECK(copy.into->records()->sync());
        for (const auto& index : copy.into->index_files()) {
            LB_CHECK(index->sync());
        }
    }
    return i;
}

bool compaction_job::is_next_in_group(std::size_t first, std::size_t next, const group_copy& copy)
    const {
    const source& candidate = sources_[next];
    const std::uint64_t size = copy.into->size() + copy.tail.size() + candidate.size;
    const std::int64_t reach = candidate.end - sources_[first].base;
    return candidate.base < mapped_end_ && !candidate.has_transactions &&
           std::cmp_less_equal(size, config_.segment_bytes) &&
           reach <= std::numeric_limits<std::int32_t>::max();
}

result<void>
compaction_job::copy_source(const source& from, const key_map& keys, group_copy& copy) const {
    if (from.size > 0) {
        copy.tail.clear();
    }
    return each_batch(
        {*from.records, from.size, from.base, from.end},
        [&](bytes_view data, std::uint64_t at) -> result<void> {
            LB_CHECK(check_canceled());
            return copy_batch(data, at + data.size() == from.size, keys, copy);
        }
    );
}

/// What is left of a batch. Of the last one of a segment at least the header, as the new segment's
/// tail: the file then says how far it reaches, and recovery knows from it which segments it
/// replaces, and that nothing was torn off.
result<void> compaction_job::copy_batch(
    bytes_view data, bool is_last, const key_map& keys, group_copy& copy
) const {
    const kafka::record_batch_view batch(data);
    const auto write = [&copy](bytes_view bytes) -> result<void> {
        LB_CHECK(copy.into->write(bytes));
        copy.into->observe(kafka::record_batch_view(bytes));
        return {};
    };
    if (batch.is_control()) {
        return write(data);
    }
    kafka::record_batch_builder kept({
        .compression = batch.compression(),
        .time_type = batch.time_type(),
        .base_offset = batch.base_offset(),
        .epoch = batch.epoch(),
        .producer = batch.producer(),
        .epoch_of_producer = batch.epoch_of_producer(),
        .base_sequence = batch.base_sequence(),
        .transactional = batch.is_transactional(),
    });
    LB_CHECK(keep_records(data, keys, kept));
    const auto producer = producers_.find(batch.producer());
    const bool newest = producer != producers_.end() && producer->second == batch.last_offset();
    const bool empty = kept.size() == 0 && !newest;
    const bool same = kept.size() == batch.record_count();
    copy.changed = copy.changed || !same || (empty && !is_last);
    if (empty && !is_last) {
        return {};
    }
    std::vector<std::byte> made(data.begin(), data.end());
    if (!same) {
        LB_TRY(made, kept.finish(batch.last_offset_delta()));
    }
    if (empty) {
        copy.tail = std::move(made);
        return {};
    }
    return write(made);
}

result<void> compaction_job::keep_records(
    bytes_view data, const key_map& keys, kafka::record_batch_builder& kept
) const {
    LB_TRY(auto reader, kafka::record_reader::open(data, log_config::unpacked_size_max));
    kafka::record each;
    while (true) {
        LB_TRY(const bool more, reader.next(each));
        if (!more) {
            return {};
        }
        // A tombstone stays long enough for readers that are behind to see it, and as long as an
        // older record of its key may be left.
        const bool spent = !each.value && each.offset < mapped_end_ &&
                           now_ - each.timestamp > config_.delete_retention_ms;
        if (each.key && !spent && !keys.is_superseded(as_text(*each.key), each.offset)) {
            kept.add_at(each.offset_delta, each);
        }
    }
}

} // namespace logboom::log
