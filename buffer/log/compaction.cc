#include "buffer/log/compaction.h"

#include "buffer/log/errc.h"
#include "buffer/log/segment.h"
#include "codecs/kafka/record_batch_builder.h"

#include <optional>

namespace logboom::log {
namespace {

/// What the keys of one run may occupy; beyond it the rest waits for the next run.
constexpr std::size_t key_memory_max = 64U << 20U;
constexpr std::size_t key_overhead = 64;

/// Calls `visit` with each whole batch between the start and `size`.
template <class Visit>
result<void> each_batch(const file& from, std::uint64_t size, Visit visit) {
    batch_scanner scan(from, 0, size, scan_depth::headers);
    std::vector<std::byte> batch;
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
        LB_CHECK(visit(bytes_view(batch)));
    }
    return scan.at_end() ? result<void>() : error(errc::corrupt, "compaction");
}

} // namespace

/// The last offset of each key, whole keys, bounded.
class compaction_job::key_map {
  public:
    /// False when there is no room for it.
    bool put(std::string_view key, offset at) {
        const auto found = last_.find(std::string(key));
        if (found != last_.end()) {
            found->second = at;
            return true;
        }
        if (used_ + key.size() + key_overhead > key_memory_max) {
            return false;
        }
        used_ += key.size() + key_overhead;
        last_.emplace(key, at);
        return true;
    }
    [[nodiscard]] bool is_superseded(std::string_view key, offset at) const {
        const auto found = last_.find(std::string(key));
        return found != last_.end() && found->second > at;
    }

  private:
    std::unordered_map<std::string, offset> last_;
    std::size_t used_ = 0;
};

compaction_outcome compaction_job::run() {
    compaction_outcome out;
    out.clean_until = dirty_from_;
    out.history = history_;
    out.done = clean(out);
    return out;
}

result<void> compaction_job::clean(compaction_outcome& out) {
    key_map keys;
    LB_TRY(const std::size_t mapped, map_keys(keys));
    for (std::size_t i = 0; i < mapped; ++i) {
        LB_CHECK(copy_segment(sources_[i], keys, out));
        out.clean_until = std::max(out.clean_until, sources_[i].end);
    }
    return {};
}

/// Gives the number of segments whose keys are all in the map.
result<std::size_t> compaction_job::map_keys(key_map& keys) const {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        const source& from = sources_[i];
        if (from.end <= dirty_from_) {
            continue;
        }
        bool room = true;
        LB_CHECK(each_batch(*from.records, from.size, [&](bytes_view data) -> result<void> {
            if (kafka::record_batch_view(data).is_control()) {
                return {};
            }
            LB_TRY(auto reader, kafka::record_reader::open(data, config_.unpacked_size_max));
            kafka::record each;
            while (true) {
                LB_TRY(const bool more, reader.next(each));
                if (!more) {
                    return {};
                }
                room = room && (!each.key || keys.put(as_text(*each.key), each.offset));
            }
        }));
        if (!room) {
            // What is in the map already is right, it is only not all: this segment waits.
            return i;
        }
    }
    return sources_.size();
}

result<void>
compaction_job::copy_segment(const source& from, const key_map& keys, compaction_outcome& out) {
    LB_TRY(auto into, segment::create(*env_, directory_, from.base, ".cleaned"));
    into->set_index_interval(config_.index_interval_bytes);
    bool changed = false;
    LB_CHECK(each_batch(*from.records, from.size, [&](bytes_view data) -> result<void> {
        LB_TRY(const bool same, copy_batch(data, keys, *into));
        changed = changed || !same;
        return {};
    }));
    LB_CHECK(into->seal());
    out.bytes_before += from.size;
    out.bytes_after += into->size();
    if (!changed) {
        return segment::remove_files(*env_, directory_, from.base, ".cleaned");
    }
    LB_CHECK(into->records()->sync());
    LB_CHECK(into->offsets().handle()->sync());
    LB_CHECK(into->times().handle()->sync());
    out.cleaned.push_back(from.base);
    return {};
}

/// True when the batch is as it was.
result<bool> compaction_job::copy_batch(bytes_view data, const key_map& keys, segment& into) const {
    const kafka::record_batch_view batch(data);
    const auto write = [&into](bytes_view bytes) -> result<void> {
        LB_CHECK(into.write(bytes));
        into.observe(kafka::record_batch_view(bytes));
        return {};
    };
    if (batch.is_control()) {
        LB_CHECK(write(data));
        return true;
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
    LB_TRY(auto reader, kafka::record_reader::open(data, config_.unpacked_size_max));
    kafka::record each;
    while (true) {
        LB_TRY(const bool more, reader.next(each));
        if (!more) {
            break;
        }
        // A tombstone stays long enough for readers that are behind to see it.
        const bool spent = !each.value && now_ - each.timestamp > config_.delete_retention_ms;
        if (each.key && !spent && !keys.is_superseded(as_text(*each.key), each.offset)) {
            kept.add_at(each.offset_delta, each);
        }
    }
    if (kept.size() == batch.record_count()) {
        LB_CHECK(write(data));
        return true;
    }
    const auto producer = producers_.find(batch.producer());
    const bool newest = producer != producers_.end() && producer->second == batch.last_offset();
    if (kept.size() > 0 || newest) {
        LB_TRY(const auto made, kept.finish(batch.last_offset_delta()));
        LB_CHECK(write(made));
    }
    return false;
}

} // namespace logboom::log
