// What the outcomes of actions, acks and time mean for the files of one input.
#include "agent/file/tail_set.h"

#include "agent/errc.h"

#include <algorithm>

namespace logboom::agent {
namespace {

bool is_forbidden(const error& why) {
    return why.code == std::errc::permission_denied ||
           why.code == std::errc::operation_not_permitted;
}

bool is_out_of_descriptors(const error& why) {
    return why.code == std::errc::too_many_files_open ||
           why.code == std::errc::too_many_files_open_in_system;
}

bool is_missing(const error& why) {
    return why.code == std::errc::no_such_file_or_directory ||
           why.code == std::errc::not_a_directory;
}

} // namespace

tail_set::tail_set(tail_options options, sincedb& state, tail_counters counters, logger log)
    : options_(std::move(options))
    , counters_(counters)
    , log_(log)
    , records_(state, files_)
    , schedule_(options_, files_, counters_, log)
    , table_(options_, files_, records_, schedule_, counters_, log) {}

followed_file* tail_set::find(file_key key) {
    const auto found = files_.find(key);
    return found == files_.end() ? nullptr : &found->second;
}

void tail_set::check_files(bool all) {
    if (all) {
        for (auto& [key, which] : files_) {
            schedule_.want_check(which);
        }
        return;
    }
    for (const file_key key : table_.polled()) {
        schedule_.want_check(*find(key));
    }
}

void tail_set::checked(file_key key, const result<file_stat>& found, now_at now) {
    followed_file* const which = find(key);
    if (which == nullptr) {
        return;
    }
    if (found.has_error()) {
        if (!which->is_open() && is_missing(found.error())) {
            table_.vanished(std::string(which->progress.path()), now);
        }
    } else if (found->identity != which->progress.identity()) {
        table_.found_other(*which, *found, now);
    } else {
        table_.measured(*which, *found, now);
    }
}

void tail_set::opened(file_key key, result<opened_file> found, now_at now) {
    followed_file* const which = find(key);
    LB_ASSERT(which != nullptr && !which->is_open());
    if (found.has_error()) {
        open_failed(*which, found.error(), now);
    } else if (found->stat.identity != which->progress.identity()) {
        table_.found_other(*which, found->stat, now);
    } else {
        schedule_.opened(*which, std::move(found->source), now.steady);
        table_.measured(*which, found->stat, now);
    }
}

void tail_set::open_failed(followed_file& which, const error& why, now_at now) {
    if (is_missing(why)) {
        table_.vanished(std::string(which.progress.path()), now);
        return;
    }
    if (is_out_of_descriptors(why) && !schedule_.open_files().empty()) {
        schedule_.lower_limit(why);
        return;
    }
    if (which.retry.back_off == clock::duration::zero()) {
        log_.warn(
            "A file cannot be opened; it is tried again path={} error=\"{}\"",
            which.progress.path(),
            why.text()
        );
    }
    which.retry.is_forbidden = is_forbidden(why);
    schedule_.retry_later(which, now.steady);
}

void tail_set::was_read(file_key key, const result<std::size_t>& size, now_at now) {
    followed_file& which = *find(key);
    if (size.has_error()) {
        read_failed(which, size.error(), now);
        if (!which.is_damaged) {
            return;
        }
    } else if (*size > 0) {
        which.active = now.steady;
        which.turn_left -= static_cast<std::int64_t>(*size);
        which.go_on();
        if (which.progress.unread() < 0) {
            which.progress.set_size(which.progress.read_position());
        }
    } else if (which.is_compressed) {
        which.at_end = true;
    } else if (which.progress.unread() > 0) {
        // It became shorter between the stat and the read.
        schedule_.want_check(which);
    }
    if (which.has_backlog()) {
        schedule_.end_turn(which);
    } else {
        schedule_.want_end(which);
    }
}

void tail_set::read_failed(followed_file& which, const error& why, now_at now) {
    const bool is_damaged = why.code == make_error_code(errc::damaged_archive);
    log_.error(
        "A file cannot be read path={} position={} error=\"{}\"{}",
        which.progress.path(),
        which.progress.read_position(),
        why.text(),
        is_damaged ? "; the rest of it is left out" : "; trying again"
    );
    if (is_damaged) {
        which.is_damaged = true;
        which.at_end = true;
        return;
    }
    schedule_.retry_later(which, now.steady);
    if (which.is_open() && which.has_name()) {
        schedule_.close(which);
    }
}

void tail_set::finished(file_key key) {
    followed_file* const which = find(key);
    LB_ASSERT(which != nullptr);
    which->phase = file_phase::ended;
    complete_if_done(*which);
}

void tail_set::complete_if_done(followed_file& which) {
    if (options_.read_mode && which.phase == file_phase::ended && which.is_matched() &&
        !which.progress.has_open_ranges() && !which.has_backlog()) {
        which.phase = file_phase::completing;
        schedule_.want(tail_step::complete, which);
    }
}

void tail_set::completed(file_key key, bool done) {
    followed_file* const which = find(key);
    if (which == nullptr) {
        return;
    }
    which->phase = done ? file_phase::ended : file_phase::following;
    if (!done) {
        schedule_.want_check(*which);
        return;
    }
    which->progress.set_complete(true);
    records_.mark(*which);
    if (which->is_open()) {
        schedule_.close(*which);
    }
}

void tail_set::settled(const handed_range& range, ack_verdict verdict, now_at now) {
    unacked_size_ -= range.size;
    LB_ASSERT(unacked_size_ >= 0);
    followed_file* const which = find(range.key);
    if (which == nullptr) {
        return;
    }
    switch (which->progress.settle(range, verdict, now.wall)) {
    case file_progress::ack_effect::none:
        break;
    case file_progress::ack_effect::gone:
        counters_.bytes_lost.add(range.size);
        break;
    case file_progress::ack_effect::moved:
        which->retry.back_off = {};
        records_.mark(*which);
        complete_if_done(*which);
        break;
    case file_progress::ack_effect::rewound:
        counters_.rewinds.add();
        schedule_.retry_later(*which, now.steady);
        which->go_on();
        log_.warn(
            "Lines were not delivered; the file is read again from there path={} position={}",
            which->progress.path(),
            which->progress.read_position()
        );
        schedule_.want_read(*which);
        break;
    }
}

void tail_set::tick(now_at now) {
    std::vector<file_key> watched = table_.take_orphans();
    watched.insert(watched.end(), orphans_.begin(), orphans_.end());
    orphans_.clear();
    for (const file_key key : watched) {
        followed_file* const which = find(key);
        if (which == nullptr) {
            continue;
        }
        if (which->is_matched()) {
            which->marks.orphans = false;
            continue;
        }
        orphans_.push_back(key);
        tick_orphan(*which, now);
    }
    const std::vector<file_key> open = schedule_.open_files();
    for (const file_key key : open) {
        followed_file& which = *find(key);
        if (which.is_matched() && !which.has_backlog() &&
            now.steady - which.active >= options_.close_older) {
            schedule_.close(which);
        }
    }
    counters_.lag_bytes.set(schedule_.lag());
    counters_.unacked_bytes.set(unacked_size_);
}

void tail_set::tick_orphan(followed_file& which, now_at now) {
    const bool has_unsettled =
        which.progress.has_open_ranges() || which.phase == file_phase::ending;
    if (which.is_open()) {
        schedule_.want_check(which);
        if (which.has_backlog()) {
            return;
        }
        if (which.is_finished()) {
            if (!has_unsettled) {
                schedule_.close(which);
            }
        } else if (which.phase == file_phase::following && now.steady - which.active >= options_.orphan_quiet) {
            which.phase = file_phase::ending;
            schedule_.want(tail_step::finish, which);
        }
        return;
    }
    if (!which.has_name()) {
        if (!has_unsettled) {
            table_.drop(which);
        }
        return;
    }
    if (!has_unsettled && !which.has_backlog() &&
        now.steady - which.active >= options_.close_older) {
        table_.drop(which);
    }
}

bool tail_set::is_exhausted() const {
    return table_.is_discovered() &&
           std::all_of(files_.begin(), files_.end(), [](const auto& each) {
               return each.second.progress.record().is_complete || !each.second.is_matched();
           });
}

} // namespace logboom::agent
