// Positions, ranges under way and the fates of bytes: what each change of one means for the others.
#include "agent/file/file_progress.h"

#include <algorithm>
#include <limits>

namespace logboom::agent {

void file_progress::begin_at(file_position position) {
    if (position.value() == gap_end_) {
        splitter_.skip_line(gap_end_);
    } else {
        splitter_.reset(position.value());
    }
    in_flight_.reset();
    read_marker_ = record_.marker;
    handed_to_ = position.value();
    size_ = std::max(size_, handed_to_);
}

void file_progress::begin_epoch() noexcept {
    ++epoch_;
    unsettled_ = 0;
    is_broken_ = false;
}

void file_progress::check_sums() const {
    LB_ASSERT(adrift_ >= 0);
    LB_ASSERT(ledger_.in_flight() == read_to_ - record_.position.value() + adrift_);
}

void file_progress::note_read(std::int64_t to) {
    if (to > read_to_) {
        ledger_.add_read(to - read_to_);
        read_to_ = to;
    }
}

void file_progress::fed(const content_marker& marker) {
    read_marker_ = marker;
    note_read(read_position());
    check_sums();
}

void file_progress::feed_blank(const blank_run& run) {
    splitter_.feed_blank(run);
    fed({});
}

void file_progress::pass_blank_end(timestamp_ms now) {
    if (unread() > 0) {
        splitter_.pass_blank({.nuls = unread()});
        end_lines(now);
    }
}

void file_progress::skip_start() {
    LB_ASSERT(ledger_.read() == 0);
    byte_fates fates;
    fates[skip_reason::start] = record_.position.value();
    ledger_.add_read(record_.position.value());
    ledger_.settle(fates);
    check_sums();
}

std::int64_t file_progress::undelivered() const noexcept {
    std::int64_t out = std::max(size_, read_to_) - record_.position.value();
    if (in_flight_) {
        for (const sent_range& each : in_flight_->ranges) {
            out -= each.fates.lost_sum();
        }
    }
    return out;
}

byte_fates file_progress::passed_until(std::int64_t end) {
    byte_fates out;
    splitter_.take_passed(end, [&](const passed_run& each) {
        switch (each.why) {
        case passed_run::reason::given_up:
            out[loss_reason::pinned] += each.size;
            break;
        case passed_run::reason::too_long:
            out[skip_reason::too_long] += each.size;
            break;
        case passed_run::reason::nul:
            out[skip_reason::nul] += each.size;
            break;
        case passed_run::reason::hole:
            out[skip_reason::hole] += each.size;
            break;
        }
    });
    return out;
}

handed_range file_progress::hand_on(std::int64_t end, const content_marker& marker) {
    LB_ASSERT(end >= handed_to_);
    note_read(std::max(end, read_position()));
    if (!in_flight_) {
        LB_ASSERT(handed_to_ == record_.position.value());
        in_flight_ = std::make_unique<in_flight>();
    }
    byte_fates fates = passed_until(end);
    handed_range range{
        key_, epoch_, in_flight_->first + in_flight_->ranges.size(), end - handed_to_, fates.sum()};
    fates.delivered = range.size - range.passed;
    LB_ASSERT(fates.delivered >= 0);
    in_flight_->ranges.push_back({file_position(end), marker, fates});
    handed_to_ = end;
    size_ = std::max(size_, end);
    ++unsettled_;
    check_sums();
    return range;
}

void file_progress::finish(std::uint64_t ticket, timestamp_ms now) {
    LB_ASSERT(in_flight_ != nullptr);
    auto& ranges = in_flight_->ranges;
    LB_ASSERT(ticket >= in_flight_->first && ticket - in_flight_->first < ranges.size());
    ranges[ticket - in_flight_->first].is = sent_range::state::final;
    while (!ranges.empty() && ranges.front().is == sent_range::state::final) {
        const sent_range& done = ranges.front();
        LB_ASSERT(done.end >= record_.position);
        record_.position = done.end;
        record_.marker = done.marker;
        record_.changed = now;
        ledger_.settle(done.fates);
        ranges.pop_front();
        ++in_flight_->first;
    }
    if (ranges.empty()) {
        in_flight_.reset();
    }
}

std::int64_t file_progress::give_up(std::int64_t position, timestamp_ms now) {
    LB_ASSERT(position >= read_position());
    const handed_range range = hand_on(position, {});
    byte_fates& fates = in_flight_->ranges.back().fates;
    fates[loss_reason::pinned] += std::exchange(fates.delivered, 0);
    const std::int64_t lost = fates.lost_sum();
    --unsettled_;
    finish(range.ticket, now);
    gap_end_ = position;
    splitter_.skip_line(position);
    read_marker_ = {};
    check_sums();
    return lost;
}

void file_progress::end_lines(timestamp_ms now) {
    if (handed_to_ < read_position()) {
        const handed_range range = hand_on(read_position(), read_marker_);
        LB_ASSERT(range.passed == range.size);
        --unsettled_;
        finish(range.ticket, now);
        check_sums();
    }
}

file_progress::ack_effect
file_progress::settle(const handed_range& range, ack_verdict verdict, timestamp_ms now) {
    LB_ASSERT(range.key == key_);
    if (range.epoch != epoch_) {
        settle_adrift(range, verdict);
        return ack_effect::moved;
    }
    LB_ASSERT(unsettled_ > 0);
    --unsettled_;
    if (verdict == ack_verdict::delivered) {
        finish(range.ticket, now);
    } else {
        in_flight_->ranges[range.ticket - in_flight_->first].is = sent_range::state::lost;
        is_broken_ = true;
    }
    if (is_broken_ && unsettled_ == 0) {
        begin_epoch();
        begin_at(record_.position);
        check_sums();
        return ack_effect::rewound;
    }
    check_sums();
    return verdict == ack_verdict::delivered ? ack_effect::moved : ack_effect::none;
}

void file_progress::settle_adrift(const handed_range& range, ack_verdict verdict) {
    // An epoch in the same generation ends only when all of it is settled.
    LB_ASSERT(range.epoch < generation_epoch_);
    const std::int64_t size = range.size - range.passed;
    byte_fates fates;
    (verdict == ack_verdict::delivered ? fates.delivered : fates[loss_reason::truncated]) = size;
    adrift_ -= size;
    ledger_.settle(fates);
    check_sums();
}

std::int64_t file_progress::abandon(loss_reason why) {
    byte_fates fates;
    if (in_flight_) {
        for (sent_range& each : in_flight_->ranges) {
            std::int64_t& lines = each.fates.delivered;
            if (each.is == sent_range::state::open) {
                adrift_ += std::exchange(lines, 0);
            } else if (each.is == sent_range::state::lost) {
                each.fates[why] += std::exchange(lines, 0);
            }
            fates += each.fates;
        }
    }
    const std::int64_t end = std::max(size_, read_to_);
    byte_fates rest = passed_until(end);
    rest[why] += end - handed_to_ - rest.sum();
    fates += rest;
    note_read(end);
    ledger_.settle(fates);
    in_flight_.reset();
    return fates[why];
}

std::int64_t file_progress::end(bool is_end_blank) {
    LB_ASSERT(!has_open_ranges());
    if (is_end_blank && unread() > 0 && handed_to_ == read_position()) {
        splitter_.pass_blank({.nuls = unread()});
    }
    const std::int64_t lost = abandon(loss_reason::deleted);
    LB_ASSERT(ledger_.in_flight() == 0);
    return lost;
}

std::int64_t file_progress::truncate_to(std::int64_t size, timestamp_ms now) {
    const std::int64_t lost = abandon(loss_reason::truncated);
    begin_epoch();
    generation_epoch_ = epoch_;
    record_.begin_generation(now);
    gap_end_ = -1;
    size_ = 0;
    start_size_ = 0;
    read_to_ = 0;
    begin_at(record_.position);
    set_size(size);
    check_sums();
    return lost;
}

} // namespace logboom::agent
