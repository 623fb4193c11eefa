// The operations of a log that change more than one of its pieces: append and roll, flush and
// close, deletion from the front; and reading.
#include "buffer/log/partition_log_state.h"

#include "base/assertion.h"
#include "base/metric_list.h"
#include "buffer/log/log_recovery.h"
#include "buffer/log/producer_recovery.h"
#include "buffer/log/retention.h"

#include <algorithm>
#include <chrono>

namespace logboom::log {

using kafka::record_batch_view;

partition_log::state::state(log_context context, partition_log_options options)
    : context_(context)
    , options_(std::move(options))
    , files_(context_.files, options_.directory)
    , condition_(context_, options_.directory, topic_label())
    , compaction_(
          {context_,
           options_.config,
           producers_,
           files_,
           segments_,
           bounds_,
           ledger_,
           condemned_,
           condition_,
           topic_label()}
      )
    , appended_bytes_(
          context_.counters, declared("logboom_log_appended_bytes_total"), topic_label()
      )
    , appended_records_(
          context_.counters, declared("logboom_log_appended_records_total"), topic_label()
      )
    , duplicates_(context_.counters, declared("logboom_log_duplicate_batches_total"), topic_label())
    , fetched_bytes_(context_.counters, declared("logboom_log_fetched_bytes_total"), topic_label())
    , deleted_segments_(
          context_.counters, declared("logboom_log_deleted_segments_total"), topic_label()
      ) {}

result<void> partition_log::state::open() {
    LB_ASSERT(segments_.size() == 0);
    LB_TRY(auto found, recover_log(context_, files_, options_));
    segments_ = std::move(found.segments);
    bounds_ = found.bounds;
    epochs_ = std::move(found.epochs);
    LB_ASSERT(segments_.active().end() == bounds_.end());
    LB_ASSERT(segments_.front().base() <= bounds_.start());
    // Without room the next start finds them out again.
    if (found.epochs_changed && !write_epochs() && condition_.failed()) {
        return condition_.storage_failed();
    }
    leader_ = epochs_.latest();
    LB_TRY(producers_, recover_producers(context_, files_, segments_, bounds_.end()));
    return {};
}

time_lookup_limits partition_log::state::lookup_limits() const noexcept {
    return {.start = bounds_.start(), .unpacked_size_max = log_config::unpacked_size_max};
}

bool partition_log::state::uses_append_time() const noexcept {
    return options_.config.message_timestamp_type == kafka::timestamp_type::log_append_time;
}

// ---- append

/// The answer when the batch is in the log already; nothing when it is to be written.
std::optional<append_result>
partition_log::state::duplicate_of(const std::optional<sequence_range>& known) {
    if (!known) {
        return std::nullopt;
    }
    duplicates_.add();
    return append_result{
        .base_offset = known->last_offset - std::int64_t{known->offset_delta},
        .last_offset = known->last_offset,
        .append_time = uses_append_time() ? known->timestamp : timestamp_ms(-1),
        .log_start_offset = bounds_.start(),
        .duplicate = true,
    };
}

result<void> partition_log::state::write(bytes_view records, timestamp_ms now) {
    segment& active = segments_.active();
    LB_ASSERT(active.end() == bounds_.end());
    if (auto written = active.write(records); written.has_error()) {
        return active.cut_tail() ? condition_.refuse(written.error())
                                 : condition_.fail(written.error());
    }
    const std::uint64_t size_before = active.size();
    for (bytes_view left = records; !left.empty();) {
        const record_batch_view batch(left);
        active.observe(batch);
        producers_.update(batch);
        appended_records_.add(batch.record_count());
        left = left.subspan(batch.size());
    }
    LB_ASSERT(active.size() == size_before + records.size());
    if (bounds_.flushed() == bounds_.end()) {
        ledger_.note_first_unflushed(context_.time.steady());
    }
    bounds_.extend(active.end());
    active.age().touch(now);
    appended_bytes_.add(static_cast<std::int64_t>(records.size()));
    return {};
}

result<append_result>
partition_log::state::append(mutable_bytes records, const append_options& options) {
    if (!condition_.is_open()) {
        return condition_.storage_failed();
    }
    const log_config& config = options_.config;
    const timestamp_ms now = context_.time.wall_ms();
    if (options.from_client) {
        LB_CHECK(check_client_batch(records, config, options.produce, now));
        const record_batch_view batch(records);
        if (batch.has_producer()) {
            LB_TRY(const auto known, producers_.check(batch));
            if (auto answer = duplicate_of(known)) {
                return *answer;
            }
        }
    } else {
        LB_CHECK(check_own_batches(records));
    }
    if (std::cmp_greater(records.size(), config.segment_bytes)) {
        return error(errc::record_list_too_large, std::to_string(records.size()) + " bytes");
    }
    const leader_epoch epoch = options.epoch.value() >= 0 ? options.epoch : leader_;
    if (epoch > epochs_.latest()) {
        LB_CHECK(become_leader(epoch));
    }
    LB_TRY(const bool is_full, must_roll(segments_.active(), records, config, now));
    if (is_full) {
        LB_CHECK(roll());
    }
    const offset first = bounds_.end();
    stamp_batches(
        records,
        {.base_offset = first,
         .epoch = epoch,
         .append_time = uses_append_time() ? std::optional(now) : std::nullopt}
    );
    LB_CHECK(write(records, now));
    LB_ASSERT(bounds_.end() > first);
    return append_result{
        .base_offset = first,
        .last_offset = bounds_.end() - 1,
        .append_time = uses_append_time() ? segments_.active().max_timestamp() : timestamp_ms(-1),
        .log_start_offset = bounds_.start(),
    };
}

result<void> partition_log::state::become_leader(leader_epoch epoch) {
    if (epoch < epochs_.latest()) {
        return error(errc::fenced_leader_epoch, options_.directory);
    }
    leader_ = epoch;
    const leader_epochs before = epochs_;
    auto noted = epochs_.assign(epoch, bounds_.end()) ? write_epochs() : result<void>();
    if (noted.has_error()) {
        // The next append tries again: no batch may have an epoch that the file does not know.
        epochs_ = before;
    }
    return noted;
}

result<void> partition_log::state::write_epochs() {
    const std::string path = join_path(options_.directory, epoch_checkpoint_name);
    if (auto done = write_epoch_checkpoint(context_.files, path, epochs_.starts()); !done) {
        return condition_.refuse(done.error());
    }
    return {};
}

/// What the log knows of producers, as a file that the next checkpoint syncs.
result<void> partition_log::state::note_snapshot() {
    LB_TRY(auto snapshot, files_.write_snapshot(bounds_.end(), producers_.encode()));
    ledger_.note_index(std::move(snapshot));
    return {};
}

/// The old segment is synced by the next flush: its file is dirty as long as it reaches beyond what
/// is flushed, its indexes as long as it reaches beyond the recovery point. It is sealed last: what
/// fails before that can be tried again.
result<void> partition_log::state::roll() {
    segment& old = segments_.active();
    LB_ASSERT(old.size() > 0);
    LB_ASSERT(old.base() < bounds_.end());
    const auto roll_files = [&]() -> result<void> {
        LB_CHECK(old.write_indexes(true));
        LB_TRY(auto snapshot, files_.write_snapshot(bounds_.end(), producers_.encode()));
        LB_TRY(auto fresh, files_.create(bounds_.end()));
        LB_CHECK(old.seal());
        for (const auto& index : old.index_files()) {
            ledger_.note_index(index);
        }
        ledger_.note_index(std::move(snapshot));
        fresh->set_index_interval(options_.config.index_interval_bytes);
        segments_.add(std::move(fresh));
        return {};
    };
    ledger_.note_names();
    auto done = roll_files();
    return done.has_error() ? abandon_roll(done.error()) : done;
}

/// The files of a segment that did not come about must go: the old one may grow past its name.
result<void> partition_log::state::abandon_roll(const error& why) {
    LB_ASSERT(segments_.active().base() < bounds_.end());
    return files_.remove_unborn(bounds_.end()) ? condition_.refuse(why) : condition_.fail(why);
}

// ---- read

result<read_result> partition_log::state::read(const read_options& options) {
    if (condition_.failed()) {
        return condition_.storage_failed();
    }
    if (options.from < bounds_.start() || options.from > bounds_.end()) {
        return error(errc::offset_out_of_range, std::to_string(options.from.value()));
    }
    read_result answer;
    answer.next_offset = options.from;
    answer.high_watermark = bounds_.high_watermark();
    answer.log_start_offset = bounds_.start();
    const offset below = std::min(options.below.value_or(answer.high_watermark), bounds_.end());
    if (options.from >= below) {
        return answer;
    }
    LB_TRY(const auto place, segments_.find(options.from));
    if (!place) {
        return answer;
    }
    LB_TRY(
        const auto found,
        place->source->measure(
            place->position,
            {.bytes_max = options.bytes_max,
             .at_least_one_batch = options.at_least_one_batch,
             .below = below}
        )
    );
    if (found) {
        if (found->next <= options.from) {
            // Offsets that do not rise: whoever read on would never end.
            return error(errc::corrupt, place->source->path());
        }
        LB_ASSERT(found->position + found->length <= place->source->size());
        segments_.remember(*place->source, *found);
        answer.slices.push_back({place->source->records(), found->position, found->length});
        answer.size = found->length;
        answer.next_offset = found->next;
    }
    return answer;
}

// ---- flush

std::optional<flush_job> partition_log::state::begin_flush(flush_kind kind) {
    if (!condition_.is_open()) {
        return std::nullopt;
    }
    auto job = ledger_.begin(kind, files_, segments_, bounds_);
    if (job.has_error()) {
        LB_ASSERT(kind == flush_kind::checkpoint);
        // Where there is no room for indexes, records can be synced all the same.
        static_cast<void>(condition_.refuse(job.error()));
        return begin_flush(flush_kind::records);
    }
    return *std::move(job);
}

result<void> partition_log::state::finish_flush(const flush_outcome& outcome) {
    if (outcome.done.has_error()) {
        return condition_.fail(outcome.done.error());
    }
    ledger_.settle(outcome, bounds_, context_.time.steady());
    return {};
}

result<void> partition_log::state::close() {
    if (condition_.failed()) {
        return condition_.storage_failed();
    }
    if (!condition_.is_open()) {
        return {};
    }
    const auto write_all = [this]() -> result<void> {
        LB_CHECK(segments_.active().write_indexes(true));
        ledger_.note_names();
        return note_snapshot();
    };
    if (auto done = write_all(); done.has_error()) {
        return condition_.fail(done.error());
    }
    auto job = begin_flush(flush_kind::checkpoint);
    if (condition_.failed()) {
        return condition_.storage_failed();
    }
    if (job) {
        LB_CHECK(finish_flush(job->run()));
    }
    LB_ASSERT(bounds_.flushed() == bounds_.end());
    condition_.close();
    return {};
}

// ---- deletion

/// Gives how many went.
result<std::size_t> partition_log::state::drop_front(std::size_t count) {
    LB_ASSERT(count <= segments_.size());
    if (count == segments_.size()) {
        if (auto rolled = roll(); rolled.has_error()) {
            // The others make room for it.
            LB_CHECK(condition_.failed() ? rolled : result<void>());
            --count;
        }
    }
    if (count == 0) {
        return count;
    }
    // A segment that was never synced must not come back below the next recovery point.
    ledger_.note_names();
    const auto delay = std::chrono::milliseconds(options_.config.file_delete_delay_ms);
    for (std::size_t i = 0; i < count; ++i) {
        const offset base = segments_.at(i).base();
        auto gone = condemned_.add(files_, base, context_.time.steady() + delay);
        if (gone.has_error()) {
            static_cast<void>(condition_.fail(gone.error()));
            return condition_.storage_failed();
        }
        deleted_segments_.add();
    }
    segments_.drop_front(count);
    bounds_.raise_start(segments_.front().base());
    LB_CHECK(cut_epochs());
    return count;
}

/// That the file still knows of epochs before the start does no harm where there is no room.
result<void> partition_log::state::cut_epochs() {
    if (epochs_.cut_start(bounds_.start()) && !write_epochs() && condition_.failed()) {
        return condition_.storage_failed();
    }
    return {};
}

result<std::size_t> partition_log::state::housekeep() {
    LB_CHECK(condition_.require_open());
    const timestamp_ms now = context_.time.wall_ms();
    producers_.expire(now - options_.config.producer_id_expiration_ms);
    return drop_front(count_expired(segments_, bounds_, options_.config, now));
}

result<offset> partition_log::state::delete_records_before(offset before) {
    LB_CHECK(condition_.require_open());
    const offset target = before == no_offset ? bounds_.high_watermark() : before;
    if (target.value() < 0 || target > bounds_.high_watermark()) {
        return error(errc::offset_out_of_range, std::to_string(before.value()));
    }
    if (target <= bounds_.start()) {
        return bounds_.start();
    }
    bounds_.raise_start(target);
    LB_CHECK(drop_front(count_below(segments_, target)));
    LB_CHECK(cut_epochs());
    LB_ASSERT(bounds_.start() >= target);
    return bounds_.start();
}

} // namespace logboom::log
