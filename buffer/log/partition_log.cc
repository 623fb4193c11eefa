// The outside of a partition's log; what it does stands in partition_log_state.cc and in its
// pieces.
#include "buffer/log/partition_log.h"

#include "base/metric_list.h"
#include "buffer/log/partition_log_state.h"

namespace logboom::log {

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
const std::string& partition_log::directory() const noexcept {
    return state_->options_.directory;
}
const log_config& partition_log::config() const noexcept {
    return state_->options_.config;
}
void partition_log::configure(const log_config& changed) {
    state_->options_.config = changed;
    state_->segments_.set_index_interval(changed.index_interval_bytes);
}
void partition_log::count_fetched(std::size_t size) const noexcept {
    state_->count_fetched(size);
}
bool partition_log::failed() const noexcept {
    return state_->condition_.failed();
}
std::uint64_t partition_log::size_bytes() const noexcept {
    return state_->segments_.size_bytes();
}
std::size_t partition_log::segment_count() const noexcept {
    return state_->segments_.size();
}
const log_bounds& partition_log::bounds() const noexcept {
    return state_->bounds_;
}
producer_id partition_log::largest_producer() const noexcept {
    return state_->producers_.largest();
}
leader_epoch partition_log::current_epoch() const noexcept {
    return state_->epochs_.latest();
}
result<std::optional<timestamp_offset>> partition_log::offset_for_time(timestamp_ms at) {
    return find_time(state_->segments_, at, state_->lookup_limits());
}
result<std::optional<timestamp_offset>> partition_log::offset_of_max_timestamp() {
    return find_max_timestamp(state_->segments_, state_->lookup_limits());
}
epoch_end partition_log::end_of_epoch(leader_epoch epoch) const {
    const epoch_start found = state_->epochs_.end_of(epoch, state_->bounds_.end());
    return {found.epoch, found.start};
}
leader_epoch partition_log::epoch_at(offset at) const {
    return state_->epochs_.at(at);
}
std::optional<flush_job> partition_log::begin_flush(flush_kind kind) {
    return state_->begin_flush(kind);
}
result<void> partition_log::finish_flush(flush_outcome outcome) {
    return state_->finish_flush(outcome);
}
bool partition_log::flush_due() const noexcept {
    return !state_->condition_.failed() &&
           state_->ledger_.is_due(
               state_->options_.config, state_->segments_, state_->bounds_, state_->context_.time
           );
}
result<offset> partition_log::delete_records_before(offset before) {
    return state_->delete_records_before(before);
}
result<std::size_t> partition_log::housekeep() {
    return state_->housekeep();
}
std::vector<std::string> partition_log::take_removable() {
    return state_->condemned_.take_due(state_->context_.time.steady());
}
log_compaction& partition_log::compaction() noexcept {
    return state_->compaction_;
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
