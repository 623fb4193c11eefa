// Open bulks, sealed bulks, and the writers who wait while too much is unsettled.
#include "sinks/elasticsearch/bulk_queue.h"

#include "base/assertion.h"

#include <algorithm>
#include <utility>

namespace logboom::sinks {

bulk_queue::bulk_queue(bulk_queue_options options, clock& time, std::function<void()> wake)
    : options_(options), time_(time), wake_(std::move(wake)), lanes_(options.lanes) {
    LB_ASSERT(options_.lanes > 0);
}

bool bulk_queue::has_room() const {
    return !is_retry_lane_full_ && unsettled_bytes_ < options_.unsettled_bytes_max;
}

bool bulk_queue::wait_for_room() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return is_closed_ || has_room(); });
    return !is_closed_;
}

std::size_t bulk_queue::body_size_max() const {
    const std::lock_guard lock(mutex_);
    return options_.body_size_max;
}

void bulk_queue::pack(bulk& what) const {
    if (options_.gzip_level > 0) {
        what.pack(options_.gzip_level);
    }
}

void bulk_queue::append(std::size_t lane, std::unique_ptr<bulk> part) {
    LB_ASSERT(lane < lanes_.size());
    std::unique_ptr<bulk> full;
    sealed_list::iterator place;
    bool is_new = false;
    {
        const std::lock_guard lock(mutex_);
        if (is_closed_) {
            return;
        }
        unsettled_bytes_ += part->body.size();
        lane_state& at = lanes_[lane];
        if (at.open && (at.open->items.size() + part->items.size() > options_.items_max ||
                        at.open->body.size() + part->body.size() > options_.body_size_max)) {
            full = std::move(at.open);
        }
        if (!at.open) {
            at.open = std::move(part);
            at.begun = time_.steady();
            is_new = true;
        } else {
            at.open->adopt_all(*part);
        }
        if (!full && (at.open->items.size() >= options_.items_max ||
                      at.open->body.size() >= options_.body_size_max)) {
            full = std::move(at.open);
        }
        if (full) {
            place = sealed_.insert(sealed_.end(), sealed{lane, nullptr});
        }
    }
    if (full) {
        pack(*full);
        const std::lock_guard lock(mutex_);
        if (is_closed_) {
            return;
        }
        place->what = std::move(full);
        is_new = true;
    }
    if (is_new) {
        wake_();
    }
}

std::vector<bulk_queue::sealed> bulk_queue::take(std::optional<std::chrono::nanoseconds> linger) {
    std::vector<sealed> out;
    std::size_t packed = 0;
    {
        const std::lock_guard lock(mutex_);
        std::vector<bool> is_held(lanes_.size());
        for (auto each = sealed_.begin(); each != sealed_.end();) {
            if (!each->what || is_held[each->lane]) {
                is_held[each->lane] = true;
                ++each;
                continue;
            }
            out.push_back(std::move(*each));
            each = sealed_.erase(each);
        }
        packed = out.size();
        const auto now = time_.steady();
        for (std::size_t i = 0; i < lanes_.size(); ++i) {
            if (lanes_[i].open && !is_held[i] &&
                (is_flushing_ || (linger && now - lanes_[i].begun >= *linger))) {
                out.push_back({i, std::move(lanes_[i].open)});
            }
        }
    }
    for (std::size_t i = packed; i < out.size(); ++i) {
        pack(*out[i].what);
    }
    return out;
}

std::optional<std::chrono::nanoseconds>
bulk_queue::next_due(std::optional<std::chrono::nanoseconds> linger) const {
    const std::lock_guard lock(mutex_);
    std::optional<std::chrono::nanoseconds> out;
    // As in take(): what lies behind a bulk that is being packed waits; its packer wakes us.
    std::vector<bool> is_held(lanes_.size());
    for (const sealed& each : sealed_) {
        if (each.what && !is_held[each.lane]) {
            return time_.steady();
        }
        is_held[each.lane] = true;
    }
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        if (lanes_[i].open && !is_held[i] && (is_flushing_ || linger)) {
            const auto due = is_flushing_ ? time_.steady() : lanes_[i].begun + *linger;
            out = out ? std::min(*out, due) : due;
        }
    }
    return out;
}

void bulk_queue::enter() {
    const std::lock_guard lock(mutex_);
    ++writers_;
}

void bulk_queue::leave() {
    bool is_last = false;
    {
        const std::lock_guard lock(mutex_);
        is_last = --writers_ == 0 && is_flushing_;
    }
    if (is_last) {
        wake_();
    }
}

bool bulk_queue::is_empty() const {
    const std::lock_guard lock(mutex_);
    if (writers_ > 0 || !sealed_.empty()) {
        return false;
    }
    return std::none_of(lanes_.begin(), lanes_.end(), [](const lane_state& lane) {
        return lane.open != nullptr;
    });
}

void bulk_queue::release(std::size_t bytes) {
    {
        const std::lock_guard lock(mutex_);
        LB_ASSERT(unsettled_bytes_ >= bytes);
        unsettled_bytes_ -= bytes;
    }
    room_.notify_all();
}

void bulk_queue::set_retry_lane_full(bool full) {
    {
        const std::lock_guard lock(mutex_);
        is_retry_lane_full_ = full;
    }
    if (!full) {
        room_.notify_all();
    }
}

void bulk_queue::set_body_size_max(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    options_.body_size_max = std::min(options_.body_size_max, bytes);
}

void bulk_queue::flush() {
    {
        const std::lock_guard lock(mutex_);
        is_flushing_ = true;
    }
    wake_();
}

void bulk_queue::close() {
    // Tokens run callbacks when they die, so they die without the lock.
    sealed_list dropped;
    std::vector<lane_state> open;
    {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
        dropped = std::move(sealed_);
        sealed_.clear();
        open = std::exchange(lanes_, std::vector<lane_state>(options_.lanes));
    }
    room_.notify_all();
}

std::size_t bulk_queue::unsettled_bytes() const {
    const std::lock_guard lock(mutex_);
    return unsettled_bytes_;
}

} // namespace logboom::sinks
