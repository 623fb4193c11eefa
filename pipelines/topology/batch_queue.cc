// Lanes of waiting batches, who waits for room, and which worker a stream belongs to.
#include "pipelines/topology/batch_queue.h"

#include "base/assertion.h"

#include <algorithm>

namespace logboom::pipelines {
namespace {

/// Flushes keep their order: there is one worker at a time that flushes.
constexpr std::uint64_t flush_key = ~std::uint64_t{0};
/// So often a push that waits says for how long it has waited by now.
constexpr std::chrono::seconds waiting_is_told_every(1);

} // namespace

bool batch_queue::has_room(std::size_t bytes) const {
    const bool fits = batches_ < bounds_.batches_max && bytes_ + bytes <= bounds_.bytes_max;
    return batches_ == 0 || (fits && !is_draining_);
}

bool batch_queue::is_half_empty() const {
    return batches_ == 0 ||
           (batches_ <= bounds_.batches_max / 2 && bytes_ <= bounds_.bytes_max / 2);
}

std::size_t batch_queue::choose_lane(std::uint64_t order_key) {
    auto& stream = streams_[order_key];
    if (stream.under_way++ == 0) {
        const auto idlest =
            std::min_element(lanes_.begin(), lanes_.end(), [](const lane& left, const lane& right) {
                return left.load < right.load;
            });
        stream.lane = static_cast<std::size_t>(idlest - lanes_.begin());
    }
    return stream.lane;
}

void batch_queue::enter(batch_ptr batch, const receipt& paper) {
    ++batches_;
    bytes_ += paper.bytes;
    lane& into = lanes_[choose_lane(paper.order_key)];
    ++into.load;
    into.waiting.emplace_back(std::move(batch), paper);
    into.has_work.notify_one();
}

bool batch_queue::push_flush(flush_call which, batch_ptr& batch) {
    LB_ASSERT(batch->events.empty());
    const receipt paper{flush_key, batch->memory.bytes_reserved(), which};
    const std::lock_guard lock(mutex_);
    if (is_flush_waiting_ || is_closed_ || (is_refusing_ && which != flush_call::last)) {
        return false;
    }
    is_flush_waiting_ = true;
    enter(std::move(batch), paper);
    return true;
}

const bool& batch_queue::is_over(patience waits) const {
    return waits == patience::until_closed ? is_closed_ : is_refusing_;
}

bool batch_queue::push(batch_ptr batch, patience waits, const counter& waited) {
    const receipt paper{batch->order_key, batch->memory.bytes_reserved()};
    std::unique_lock lock(mutex_);
    const bool& is_ended = is_over(waits);
    const auto may_go_on = [&] { return is_ended || has_room(paper.bytes); };
    if (!may_go_on()) {
        is_draining_ = true;
        auto begin = std::chrono::steady_clock::now();
        for (bool goes_on = false; !goes_on;) {
            goes_on = has_room_.wait_for(lock, waiting_is_told_every, may_go_on);
            const auto now = std::chrono::steady_clock::now();
            waited.add(now - std::exchange(begin, now));
        }
    }
    if (is_ended) {
        // Its token calls back when it dies: not under the lock.
        lock.unlock();
        return false;
    }
    enter(std::move(batch), paper);
    return true;
}

offer_outcome batch_queue::offer(
    batch_ptr& batch, patience waits, const std::shared_ptr<room_listener>& listener
) {
    const receipt paper{batch->order_key, batch->memory.bytes_reserved()};
    const std::lock_guard lock(mutex_);
    if (is_over(waits)) {
        return offer_outcome::refused;
    }
    if (!has_room(paper.bytes)) {
        is_draining_ = true;
        if (std::find(listeners_.begin(), listeners_.end(), listener) == listeners_.end()) {
            listeners_.push_back(listener);
        }
        return offer_outcome::full;
    }
    enter(std::move(batch), paper);
    return offer_outcome::taken;
}

void batch_queue::tell(const listeners& those) {
    for (const auto& each : those) {
        each->on_room();
    }
}

batch_ptr batch_queue::take(std::size_t worker, receipt& into) {
    lane& mine = lanes_[worker];
    std::unique_lock lock(mutex_);
    mine.has_work.wait(lock, [&] { return is_closed_ || !mine.waiting.empty(); });
    if (mine.waiting.empty()) {
        return nullptr;
    }
    batch_ptr batch = std::move(mine.waiting.front().first);
    into = mine.waiting.front().second;
    mine.waiting.pop_front();
    is_flush_waiting_ = is_flush_waiting_ && into.flush == flush_call::none;
    return batch;
}

void batch_queue::release(std::size_t lane_number, const receipt& of) {
    --batches_;
    bytes_ -= of.bytes;
    is_draining_ = is_draining_ && !is_half_empty();
    --lanes_[lane_number].load;
    const auto stream = streams_.find(of.order_key);
    LB_ASSERT(stream != streams_.end() && stream->second.under_way > 0);
    if (--stream->second.under_way == 0) {
        streams_.erase(stream);
    }
}

void batch_queue::done(std::size_t worker, const receipt& of) {
    listeners told;
    {
        const std::lock_guard lock(mutex_);
        release(worker, of);
        if (is_draining_) {
            return;
        }
        told.swap(listeners_);
    }
    has_room_.notify_all();
    tell(told);
}

void batch_queue::refuse() {
    listeners told;
    {
        const std::lock_guard lock(mutex_);
        is_refusing_ = true;
        told.swap(listeners_);
    }
    has_room_.notify_all();
    tell(told);
}

void batch_queue::close() {
    listeners told;
    {
        const std::lock_guard lock(mutex_);
        is_refusing_ = true;
        is_closed_ = true;
        for (lane& each : lanes_) {
            each.has_work.notify_all();
        }
        told.swap(listeners_);
    }
    has_room_.notify_all();
    tell(told);
}

std::size_t batch_queue::discard() {
    std::deque<std::pair<batch_ptr, receipt>> dropped;
    listeners told;
    {
        const std::lock_guard lock(mutex_);
        told.swap(listeners_);
        for (std::size_t i = 0; i < lanes_.size(); ++i) {
            for (auto& each : lanes_[i].waiting) {
                release(i, each.second);
                dropped.push_back(std::move(each));
            }
            lanes_[i].waiting.clear();
        }
    }
    has_room_.notify_all();
    tell(told);
    std::size_t events = 0;
    for (const auto& [batch, paper] : dropped) {
        events += batch->events.size();
        if (paper.flush != flush_call::none) {
            batch->ack.delivered();
        }
    }
    return events;
}

bool batch_queue::is_idle() const {
    const std::lock_guard lock(mutex_);
    return batches_ == 0;
}

} // namespace logboom::pipelines
