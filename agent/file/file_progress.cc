#include "agent/file/file_progress.h"

namespace logboom::agent {

void file_progress::begin_at(file_position position) {
    if (position.value() == gap_end_) {
        splitter_.skip_line(gap_end_);
    } else {
        splitter_.reset(position.value());
    }
    window_.reset();
    read_marker_ = record_.marker;
    handed_to_ = position.value();
    size_ = std::max(size_, handed_to_);
}

void file_progress::begin_epoch() noexcept {
    ++epoch_;
    unsettled_ = 0;
    is_broken_ = false;
}

handed_range file_progress::hand_on(std::int64_t end, const content_marker& marker) {
    LB_ASSERT(end >= handed_to_);
    if (!window_) {
        LB_ASSERT(handed_to_ == record_.position.value());
        window_ = std::make_unique<in_flight>(record_.position);
    }
    handed_range range{key_, epoch_, window_->window.begin(file_position(end)), end - handed_to_};
    window_->markers.emplace_back(end, marker);
    handed_to_ = end;
    ++unsettled_;
    return range;
}

void file_progress::finish(std::uint64_t ticket, timestamp_ms now) {
    LB_ASSERT(window_ != nullptr);
    if (const auto moved = window_->window.finish(ticket)) {
        LB_ASSERT(*moved >= record_.position);
        record_.position = *moved;
        record_.changed = now;
        auto& markers = window_->markers;
        while (!markers.empty() && markers.front().first <= *moved) {
            record_.marker = markers.front().second;
            markers.pop_front();
        }
        if (window_->window.open_count() == 0) {
            window_.reset();
        }
    }
}

std::int64_t file_progress::give_up(std::int64_t position, timestamp_ms now) {
    LB_ASSERT(position >= read_position());
    const std::int64_t lost = position - handed_to_;
    const handed_range range = hand_on(position, {});
    --unsettled_;
    finish(range.ticket, now);
    gap_end_ = position;
    is_gap_counted_ = false;
    splitter_.skip_line(position);
    read_marker_ = {};
    return lost;
}

std::int64_t file_progress::take_gap(bool is_end) {
    if (is_gap_counted_ || (splitter_.is_skipping() && !is_end)) {
        return 0;
    }
    is_gap_counted_ = true;
    return splitter_.skipped();
}

file_progress::ack_effect
file_progress::settle(const handed_range& range, ack_verdict verdict, timestamp_ms now) {
    LB_ASSERT(range.key == key_);
    if (range.epoch != epoch_) {
        return range.epoch < generation_epoch_ && verdict == ack_verdict::lost ? ack_effect::gone
                                                                               : ack_effect::none;
    }
    LB_ASSERT(unsettled_ > 0);
    --unsettled_;
    if (verdict == ack_verdict::delivered) {
        finish(range.ticket, now);
    } else {
        is_broken_ = true;
    }
    if (is_broken_ && unsettled_ == 0) {
        begin_epoch();
        begin_at(record_.position);
        return ack_effect::rewound;
    }
    return verdict == ack_verdict::delivered ? ack_effect::moved : ack_effect::none;
}

std::int64_t file_progress::truncate_to(std::int64_t size, timestamp_ms now) {
    const std::int64_t lost = std::max<std::int64_t>(size_ - handed_to_, 0);
    begin_epoch();
    generation_epoch_ = epoch_;
    ++record_.generation;
    record_.position = file_position(0);
    record_.marker = {};
    record_.prefix = {};
    record_.changed = now;
    record_.is_complete = false;
    size_ = 0;
    gap_end_ = -1;
    begin_at(record_.position);
    set_size(size);
    return lost;
}

} // namespace logboom::agent
