#include "buffer/client/pace.h"

#include <algorithm>
#include <charconv>

namespace logboom::client {
namespace {

using namespace std::chrono_literals;

constexpr auto last_resort = 100ms;
constexpr auto interval_max = 50ms;
/// Partitions without a record for so long no longer count.
constexpr auto count_interval = 1s;
constexpr std::size_t partitions_max = 4096;

void read(const property_list& from, std::string_view name, std::int64_t& into) {
    const std::string_view text = find_property(from, name);
    std::from_chars(text.data(), text.data() + text.size(), into);
}

} // namespace

pace::limits pace::limits_of(const property_list& properties) {
    limits found;
    std::int64_t linger_ms = 5;
    read(properties, "batch.size", found.batch_bytes);
    read(properties, "batch.num.messages", found.batch_records);
    read(properties, "linger.ms", linger_ms);
    found.linger = std::chrono::milliseconds(linger_ms);
    if (find_property(properties, "enable.idempotence") != "true") {
        // Five requests in flight, and one made.
        found.half_batches = 12;
    }
    return found;
}

std::chrono::milliseconds pace::own_linger() const {
    const auto wanted = std::chrono::duration_cast<std::chrono::milliseconds>(limits_.linger);
    return limits_.linger == 0ns ? 0ms : std::max<std::chrono::milliseconds>(wanted, last_resort);
}

pace::pace(const limits& from) : limits_(from), interval_(from.linger) {}

bool pace::sent(std::int64_t bytes) {
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    // In one order with awake_, or the record and the poll thread's rest could miss each other.
    records_.fetch_add(1);
    return limits_.linger > 0ns && !awake_.load() && !awake_.exchange(true);
}

void pace::unsent(std::int64_t bytes) {
    records_.fetch_sub(1);
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
}

bool pace::is_full() const {
    const std::int64_t halves = partitions_.load(std::memory_order_relaxed) * limits_.half_batches;
    return bytes_.load(std::memory_order_relaxed) >= limits_.batch_bytes * halves / 2 ||
           records_.load(std::memory_order_relaxed) >= limits_.batch_records * halves / 2;
}

void pace::settled(std::int64_t records, std::int64_t bytes) {
    records_.fetch_sub(records);
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    progress_ = true;
}

void pace::stored(const void* topic, std::int32_t partition) {
    const std::pair where(topic, partition);
    if (where == last_seen_) {
        return;
    }
    last_seen_ = where;
    if (seen_.size() < partitions_max) {
        seen_.insert(where);
    }
    partitions_ = std::max<std::int64_t>(partitions_, static_cast<std::int64_t>(seen_.size()));
}

void pace::count_partitions(std::chrono::nanoseconds now) {
    if (now < count_at_ || seen_.empty()) {
        return;
    }
    partitions_ = static_cast<std::int64_t>(seen_.size());
    seen_.clear();
    last_seen_ = {nullptr, -1};
    count_at_ = now + count_interval;
}

std::chrono::nanoseconds
pace::sleep(std::chrono::nanoseconds now, std::chrono::nanoseconds longest) {
    count_partitions(now);
    if (awake_ && (due_ == 0ns || progress_)) {
        // What waits behind a request can go once that has been answered.
        const std::chrono::nanoseconds soon = now + limits_.linger;
        due_ = due_ == 0ns ? soon : std::min(due_, soon);
    }
    return due_ == 0ns ? longest : std::clamp(due_ - now, 0ns, longest);
}

bool pace::is_due(std::chrono::nanoseconds now) {
    if (due_ == 0ns || now < due_) {
        return false;
    }
    const bool moves = progress_;
    rest(now);
    // While answers come for more than a batch a partition, batches go because they are full.
    return due_ != 0ns && !(moves && is_full());
}

/// What is under way may still wait in a queue, behind a request or for a broker: look again, less
/// and less often while nothing comes back.
void pace::rest(std::chrono::nanoseconds now) {
    const bool moved = std::exchange(progress_, false);
    interval_ =
        moved ? limits_.linger : std::min<std::chrono::nanoseconds>(2 * interval_, interval_max);
    interval_ = std::max(interval_, limits_.linger);
    awake_ = false;
    due_ = 0ns;
    if (records_ > 0) {
        awake_ = true;
        due_ = now + interval_;
    } else {
        interval_ = limits_.linger;
    }
}

} // namespace logboom::client
