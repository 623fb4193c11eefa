#include "buffer/log/leader_epochs.h"

#include "base/assertion.h"

#include <algorithm>

namespace logboom::log {

leader_epochs::leader_epochs(const std::vector<epoch_start>& entries) {
    for (const epoch_start& each : entries) {
        if (each.start.value() >= 0) {
            assign(each.epoch, each.start);
        }
    }
}

void leader_epochs::check_newest() const {
    if (starts_.size() > 1) {
        const epoch_start& newest = starts_.back();
        const epoch_start& before = starts_[starts_.size() - 2];
        LB_ASSERT(before.epoch < newest.epoch);
        LB_ASSERT(before.start < newest.start);
    }
}

leader_epoch leader_epochs::latest() const noexcept {
    return starts_.empty() ? leader_epoch(-1) : starts_.back().epoch;
}

bool leader_epochs::assign(leader_epoch epoch, offset start) {
    LB_ASSERT(start.value() >= 0);
    if (epoch.value() < 0 || epoch <= latest()) {
        return false;
    }
    std::erase_if(starts_, [&](const epoch_start& each) { return each.start >= start; });
    starts_.push_back({epoch, start});
    check_newest();
    return true;
}

bool leader_epochs::cut_end(offset end) {
    return std::erase_if(starts_, [&](const epoch_start& each) { return each.start >= end; }) > 0;
}

bool leader_epochs::cut_start(offset start) {
    std::size_t before = 0;
    while (before < starts_.size() && starts_[before].start <= start) {
        ++before;
    }
    if (before == 0 || starts_[before - 1].start == start) {
        return false;
    }
    starts_.erase(starts_.begin(), starts_.begin() + static_cast<std::ptrdiff_t>(before - 1));
    LB_ASSERT(starts_.front().start < start);
    LB_ASSERT(starts_.size() == 1 || starts_[1].start > start);
    starts_.front().start = start;
    return true;
}

epoch_start leader_epochs::end_of(leader_epoch epoch, offset log_end) const {
    if (epoch == latest() && !starts_.empty()) {
        return {epoch, log_end};
    }
    epoch_start found{leader_epoch(-1), no_offset};
    for (std::size_t i = 0; i < starts_.size() && starts_[i].epoch <= epoch; ++i) {
        found = {starts_[i].epoch, i + 1 < starts_.size() ? starts_[i + 1].start : log_end};
    }
    // An epoch that is still to come is unknown here.
    return epoch > latest() ? epoch_start{leader_epoch(-1), no_offset} : found;
}

leader_epoch leader_epochs::at(offset where) const {
    leader_epoch found(-1);
    for (const epoch_start& each : starts_) {
        if (each.start > where) {
            break;
        }
        found = each.epoch;
    }
    return found;
}

} // namespace logboom::log
