#include "buffer/log/partition_log.h"

#include "buffer/log/partition_log_state.h"
#include "codecs/kafka/record_batch_reader.h"

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace logboom::log {

using kafka::record_batch_view;

partition_log::state::state(log_context context, partition_log_options options)
    : context_(context)
    , options_(std::move(options))
    , appended_bytes_(context_.counters.get("logboom_log_appended_bytes_total"))
    , appended_records_(context_.counters.get("logboom_log_appended_records_total"))
    , duplicates_(context_.counters.get("logboom_log_duplicate_batches_total"))
    , truncated_bytes_(context_.counters.get("logboom_log_recovery_truncated_bytes_total"))
    , deleted_segments_(context_.counters.get("logboom_log_deleted_segments_total"))
    , failures_(context_.counters.get("logboom_log_storage_failures_total")) {}

/// The last segment that begins at or before `at`.
std::size_t partition_log::state::segment_of(offset at) const noexcept {
    const auto begins_after = [](offset value, const auto& each) { return value < each->base(); };
    const auto behind = std::upper_bound(segments_.begin(), segments_.end(), at, begins_after);
    return behind == segments_.begin() ? 0
                                       : static_cast<std::size_t>(behind - segments_.begin()) - 1;
}

std::uint64_t partition_log::state::size_bytes() const noexcept {
    std::uint64_t total = 0;
    for (const auto& each : segments_) {
        total += each->size();
    }
    return total;
}

error partition_log::state::fail(error why) {
    if (!failed_) {
        failed_ = true;
        failures_.add();
        context_.messages.error(
            "A partition is closed because its disk failed. directory={} error={}",
            options_.directory,
            why.text()
        );
    }
    return {errc::storage_failed, why.text()};
}

/// For what has left nothing half done: a full disk or a process without descriptors closes no
/// partition, anything else does.
error partition_log::state::refuse(error why) {
    const std::error_code code = why.code;
    const bool short_of_room = code == std::errc::no_space_on_device ||
                               code == std::error_code(EDQUOT, std::system_category());
    if (!short_of_room && code != std::errc::too_many_files_open &&
        code != std::errc::too_many_files_open_in_system) {
        return fail(std::move(why));
    }
    failures_.add();
    constexpr auto pause = std::chrono::minutes(1);
    const auto now = context_.time.steady();
    if (!warned_at_ || now - *warned_at_ >= pause) {
        warned_at_ = now;
        context_.messages.error(
            "A partition takes no records until there is room. directory={} error={}",
            options_.directory,
            why.text()
        );
    }
    return {errc::storage_failed, why.text()};
}

// ---- append

/// Batches of our own making still come through pointers: their frame must hold.
result<void> partition_log::state::check_own(bytes_view records) const {
    while (!records.empty()) {
        if (records.size() < kafka::batch_header_size) {
            return error(kafka::record_errc::corrupt_message, "shorter than a batch header");
        }
        const record_batch_view batch(records);
        if (batch.length() <
                static_cast<std::int32_t>(kafka::batch_header_size - kafka::batch_overhead) ||
            batch.size() > records.size() || batch.magic() != 2 || !batch.offsets_are_sane()) {
            return error(kafka::record_errc::corrupt_message, "batch length");
        }
        records = records.subspan(batch.size());
    }
    return {};
}

/// The answer when the batch is in the log already; nothing when it is to be written.
result<std::optional<append_result>>
partition_log::state::check_client(mutable_bytes records, const append_options& options) {
    const log_config& config = options_.config;
    const auto largest = kafka::validate_produced(
        records,
        {
            .message_size_max = static_cast<std::size_t>(config.max_message_bytes),
            .produce = options.produce,
            .keys_required = config.cleanup_compact,
            .deep = config.validate_deep,
            .before_ms_max = config.message_timestamp_before_max_ms,
            .after_ms_max = config.message_timestamp_after_max_ms,
            .time_type = config.message_timestamp_type,
            .now = context_.time.wall_ms(),
            .unpacked_size_max = config.unpacked_size_max,
        }
    );
    LB_CHECK(largest);
    const record_batch_view batch(records);
    if (config.message_timestamp_type == kafka::timestamp_type::create_time &&
        *largest != batch.max_timestamp()) {
        kafka::patch_max_timestamp(records, *largest);
    }
    if (batch.has_producer()) {
        LB_TRY(const auto known, producers_.check(batch));
        if (known) {
            duplicates_.add();
            return std::optional(append_result{
                .base_offset = known->last_offset - std::int64_t{known->offset_delta},
                .last_offset = known->last_offset,
                .append_time =
                    config.message_timestamp_type == kafka::timestamp_type::log_append_time
                        ? known->timestamp
                        : timestamp_ms(-1),
                .log_start_offset = start_,
                .duplicate = true,
            });
        }
    }
    return std::optional<append_result>();
}

/// Gives each batch its place in the log.
void partition_log::state::patch(mutable_bytes records, leader_epoch epoch) {
    const bool own_time =
        options_.config.message_timestamp_type == kafka::timestamp_type::log_append_time;
    offset next = end_;
    while (!records.empty()) {
        const record_batch_view batch(records);
        const mutable_bytes whole = records.first(batch.size());
        kafka::patch_base_offset(whole, next);
        kafka::patch_leader_epoch(whole, epoch);
        if (own_time) {
            kafka::patch_append_time(whole, context_.time.wall_ms());
        }
        next = batch.next_offset();
        records = records.subspan(whole.size());
    }
}

result<void> partition_log::state::write(bytes_view records) {
    if (auto written = active().write(records); written.has_error()) {
        return active().cut_tail() ? refuse(written.error()) : fail(written.error());
    }
    bytes_view left = records;
    while (!left.empty()) {
        const record_batch_view batch(left);
        active().observe(batch);
        producers_.update(batch);
        appended_records_.add(batch.record_count());
        left = left.subspan(batch.size());
    }
    if (flushed_ == end_) {
        unflushed_since_ = context_.time.steady();
    }
    end_ = active().end();
    active().touch(context_.time.wall_ms());
    appended_bytes_.add(static_cast<std::int64_t>(records.size()));
    return {};
}

result<append_result>
partition_log::state::append(mutable_bytes records, const append_options& options) {
    if (failed_ || closed_) {
        return error(errc::storage_failed, options_.directory);
    }
    if (options.from_client) {
        LB_TRY(const auto known, check_client(records, options));
        if (known) {
            return *known;
        }
    } else {
        LB_CHECK(check_own(records));
    }
    if (std::cmp_greater(records.size(), options_.config.segment_bytes)) {
        return error(errc::record_list_too_large, std::to_string(records.size()) + " bytes");
    }
    const leader_epoch epoch = options.epoch.value() >= 0 ? options.epoch : leader_;
    if (epoch > epochs_.latest()) {
        LB_CHECK(become_leader(epoch));
    }
    LB_TRY(const bool full, must_roll(records));
    if (full) {
        LB_CHECK(roll());
    }
    const offset first = end_;
    patch(records, epoch);
    LB_CHECK(write(records));
    const bool own_time =
        options_.config.message_timestamp_type == kafka::timestamp_type::log_append_time;
    return append_result{
        .base_offset = first,
        .last_offset = end_ - 1,
        .append_time = own_time ? active().max_timestamp() : timestamp_ms(-1),
        .log_start_offset = start_,
    };
}

result<void> partition_log::state::become_leader(leader_epoch epoch) {
    if (epoch < epochs_.latest()) {
        return error(errc::fenced_leader_epoch, options_.directory);
    }
    leader_ = epoch;
    const leader_epochs before = epochs_;
    auto noted = epochs_.assign(epoch, end_) ? write_epochs() : result<void>();
    if (noted.has_error()) {
        // The next append tries again: no batch may have an epoch that the file does not know.
        epochs_ = before;
    }
    return noted;
}

result<void> partition_log::state::write_epochs() {
    const std::string path = join_path(options_.directory, "leader-epoch-checkpoint");
    if (auto done = write_epoch_checkpoint(context_.files, path, epochs_.starts()); !done) {
        return refuse(done.error());
    }
    return {};
}

// ---- read

/// The batch with the first record at or behind `at`, and its segment.
result<std::optional<batch_place>> partition_log::state::place_of(offset at, std::size_t& index) {
    for (const read_hint& hint : hints_) {
        if (hint.offset == at) {
            index = segment_of(hint.segment_base);
            if (segments_[index]->base() == hint.segment_base &&
                hint.position < segments_[index]->size()) {
                return std::optional(batch_place{at, at, hint.position, 0});
            }
        }
    }
    for (index = segment_of(at); index < segments_.size(); ++index) {
        LB_TRY(const auto found, segments_[index]->find(at));
        if (found) {
            return found;
        }
    }
    return std::optional<batch_place>();
}

/// Whoever reads on will ask for this next.
void partition_log::state::remember(const extent& found, offset segment_base) {
    for (read_hint& hint : hints_) {
        if (hint.offset == found.next) {
            hint = {found.next, found.position + found.length, segment_base};
            return;
        }
    }
    hints_[next_hint_] = {found.next, found.position + found.length, segment_base};
    next_hint_ = (next_hint_ + 1) % hints_.size();
}

result<read_result> partition_log::state::read(const read_options& options) {
    if (failed_) {
        return error(errc::storage_failed, options_.directory);
    }
    if (options.from < start_ || options.from > end_) {
        return error(errc::offset_out_of_range, std::to_string(options.from.value()));
    }
    read_result out;
    out.next_offset = options.from;
    out.high_watermark = high_watermark();
    out.log_start_offset = start_;
    const offset below = std::min(options.below.value_or(out.high_watermark), end_);
    if (options.from >= below) {
        return out;
    }
    std::size_t index = 0;
    LB_TRY(const auto place, place_of(options.from, index));
    if (!place) {
        return out;
    }
    segment& in = *segments_[index];
    LB_TRY(
        const auto found,
        in.measure(
            place->position,
            {.bytes_max = options.bytes_max,
             .at_least_one_batch = options.at_least_one_batch,
             .below = below}
        )
    );
    if (found) {
        remember(*found, in.base());
        out.slices.push_back({in.records(), found->position, found->length});
        out.size = found->length;
        out.next_offset = found->next;
    }
    return out;
}

// ---- lookups by time

result<std::optional<timestamp_offset>>
partition_log::state::record_in(segment& in, const batch_place& place, timestamp_ms at) {
    LB_TRY(const auto batch, read_slice({in.records(), place.position, place.size}));
    LB_CHECK(kafka::check_batch(batch));
    LB_TRY(auto records, kafka::record_reader::open(batch, options_.config.unpacked_size_max));
    kafka::record each;
    while (true) {
        LB_TRY(const bool more, records.next(each));
        if (!more) {
            return std::optional<timestamp_offset>();
        }
        if (each.timestamp >= at && each.offset >= start_) {
            return std::optional(timestamp_offset{
                each.timestamp, each.offset, record_batch_view(batch).epoch()});
        }
    }
}

result<std::optional<timestamp_offset>> partition_log::state::offset_for_time(timestamp_ms at) {
    for (std::size_t i = segment_of(start_); i < segments_.size(); ++i) {
        segment& in = *segments_[i];
        LB_TRY(auto place, in.find_time(at, start_));
        // The header's maximum may be an empty promise, or below the start: then the next batch.
        while (place) {
            LB_TRY(const auto found, record_in(in, *place, at));
            if (found) {
                return found;
            }
            LB_TRY(place, in.find_time(at, place->last + 1));
        }
    }
    return std::optional<timestamp_offset>();
}

result<std::optional<timestamp_offset>> partition_log::state::offset_of_max_timestamp() {
    segment* best = nullptr;
    for (const auto& each : segments_) {
        const bool better = best == nullptr || each->max_timestamp() > best->max_timestamp();
        if (each->max_timestamp().value() >= 0 && better) {
            best = each.get();
        }
    }
    if (best == nullptr) {
        return std::optional<timestamp_offset>();
    }
    LB_TRY(const auto place, best->find(best->offset_of_max_timestamp()));
    if (!place) {
        return std::optional<timestamp_offset>();
    }
    return record_in(*best, *place, best->max_timestamp());
}

// ---- the outside

partition_log::partition_log(std::unique_ptr<state> own) : state_(std::move(own)) {}
partition_log::~partition_log() = default;

result<std::unique_ptr<partition_log>>
partition_log::open(log_context context, partition_log_options options) {
    auto own = std::make_unique<state>(context, std::move(options));
    LB_CHECK(own->open());
    return std::unique_ptr<partition_log>(new partition_log(std::move(own)));
}

result<append_result> partition_log::append(mutable_bytes records, const append_options& options) {
    return state_->append(records, options);
}
result<read_result> partition_log::read(const read_options& options) {
    return state_->read(options);
}
result<void> partition_log::become_leader(leader_epoch epoch) {
    return state_->become_leader(epoch);
}
const topic_partition& partition_log::partition() const noexcept {
    return state_->options_.partition;
}
const std::string& partition_log::directory() const noexcept {
    return state_->options_.directory;
}
const log_config& partition_log::config() const noexcept {
    return state_->options_.config;
}
void partition_log::configure(const log_config& changed) {
    state_->options_.config = changed;
    for (const auto& each : state_->segments_) {
        each->set_index_interval(changed.index_interval_bytes);
    }
}
bool partition_log::failed() const noexcept {
    return state_->failed_;
}
std::uint64_t partition_log::size_bytes() const noexcept {
    return state_->size_bytes();
}
std::size_t partition_log::segment_count() const noexcept {
    return state_->segments_.size();
}
offset partition_log::log_start_offset() const noexcept {
    return state_->start_;
}
offset partition_log::log_end_offset() const noexcept {
    return state_->end_;
}
offset partition_log::high_watermark() const noexcept {
    return state_->high_watermark();
}
void partition_log::follow_replicas() noexcept {
    state_->high_watermark_ = state_->high_watermark();
    state_->watermark_follows_ = false;
}
void partition_log::advance_high_watermark(offset to) noexcept {
    state_->high_watermark_ = std::max(state_->high_watermark_, std::min(to, state_->end_));
}
offset partition_log::flushed_offset() const noexcept {
    return state_->flushed_;
}
offset partition_log::recovery_point() const noexcept {
    return state_->recovery_point_;
}
producer_id partition_log::largest_producer() const noexcept {
    return state_->producers_.largest();
}
leader_epoch partition_log::current_epoch() const noexcept {
    return state_->epochs_.latest();
}
result<std::optional<timestamp_offset>> partition_log::offset_for_time(timestamp_ms at) {
    return state_->offset_for_time(at);
}
result<std::optional<timestamp_offset>> partition_log::offset_of_max_timestamp() {
    return state_->offset_of_max_timestamp();
}
epoch_end partition_log::end_of_epoch(leader_epoch epoch) const {
    const epoch_start found = state_->epochs_.end_of(epoch, state_->end_);
    return {found.epoch, found.start};
}
leader_epoch partition_log::epoch_at(offset at) const {
    return state_->epochs_.at(at);
}
std::optional<flush_job> partition_log::begin_flush(flush_kind kind) {
    return state_->begin_flush(kind);
}
result<void> partition_log::finish_flush(flush_outcome outcome) {
    return state_->finish_flush(std::move(outcome));
}
bool partition_log::flush_due() const noexcept {
    return state_->flush_due();
}
result<offset> partition_log::delete_records_before(offset before) {
    return state_->delete_records_before(before);
}
result<std::size_t> partition_log::housekeep() {
    return state_->housekeep();
}
std::vector<std::string> partition_log::take_removable() {
    return state_->take_removable();
}
std::optional<compaction_job> partition_log::begin_compaction() {
    return state_->begin_compaction();
}
result<void> partition_log::begin_swap(compaction_outcome& outcome) {
    return state_->begin_swap(outcome);
}
result<void> partition_log::finish_compaction(compaction_outcome outcome) {
    return state_->finish_compaction(std::move(outcome));
}
result<cleanable_size> partition_log::cleanable() {
    return state_->cleanable();
}
offset partition_log::clean_until() const noexcept {
    return state_->clean_until_;
}
result<void> partition_log::truncate_to(offset to) {
    return state_->truncate_to(to);
}
result<void> partition_log::close() {
    return state_->close();
}

result<std::vector<std::byte>> read_slice(const log_slice& from) {
    std::vector<std::byte> out(from.length);
    LB_TRY(const std::size_t got, from.source->pread(out, from.position));
    if (got != out.size()) {
        return error(errc::corrupt, "the file is shorter than its batches");
    }
    return out;
}

} // namespace logboom::log
