#include "agent/file/file_progress.h"

namespace logboom::agent {

void file_progress::begin_at(file_position position) {
    splitter_.reset(position.value());
    window_.reset();
    handed_to_ = position.value();
    size_ = std::max(size_, handed_to_);
}

handed_range file_progress::hand_on(std::int64_t end) {
    LB_ASSERT(end >= handed_to_);
    if (!window_) {
        LB_ASSERT(handed_to_ == record_.position.value());
        window_ = std::make_unique<ack_window<file_position>>(record_.position);
    }
    handed_range range{key_, epoch_, window_->begin(file_position(end)), end - handed_to_};
    handed_to_ = end;
    return range;
}

void file_progress::finish(std::uint64_t ticket, timestamp_ms now) {
    LB_ASSERT(window_ != nullptr);
    if (const auto moved = window_->finish(ticket)) {
        LB_ASSERT(*moved >= record_.position);
        record_.position = *moved;
        record_.changed = now;
        if (window_->open_count() == 0) {
            window_.reset();
        }
    }
}

file_progress::ack_effect
file_progress::settle(const handed_range& range, ack_verdict verdict, timestamp_ms now) {
    LB_ASSERT(range.key == key_);
    if (range.epoch != epoch_) {
        return range.epoch < generation_epoch_ && verdict == ack_verdict::lost ? ack_effect::gone
                                                                               : ack_effect::none;
    }
    if (verdict == ack_verdict::delivered) {
        finish(range.ticket, now);
        return ack_effect::moved;
    }
    ++epoch_;
    begin_at(record_.position);
    return ack_effect::rewound;
}

std::int64_t file_progress::truncate_to(std::int64_t size, timestamp_ms now) {
    const std::int64_t lost = std::max<std::int64_t>(size_ - handed_to_, 0);
    ++epoch_;
    generation_epoch_ = epoch_;
    ++record_.generation;
    record_.position = file_position(0);
    record_.changed = now;
    record_.is_complete = false;
    size_ = 0;
    begin_at(record_.position);
    set_size(size);
    return lost;
}

} // namespace logboom::agent
