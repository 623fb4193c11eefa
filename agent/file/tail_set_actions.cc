// What tail_set does next with the files it knows.
#include "agent/file/tail_set.h"

#include <algorithm>

namespace logboom::agent {
namespace {

constexpr auto back_off_first = std::chrono::milliseconds(100);
constexpr auto back_off_max = std::chrono::seconds(10);
constexpr auto limit_warning_interval = std::chrono::seconds(20);

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

bool tail_set::has_backlog(const entry& which) const {
    if (which.is_compressed) {
        return !which.at_end && !which.file.record().is_complete;
    }
    return which.file.unread() > 0;
}

void tail_set::make_ready(entry& which) {
    which.at_end = false;
    if (!which.is_ready) {
        which.is_ready = true;
        which.turn_left = options_.turn_size;
        ready_.push_back(which.file.key());
    }
}

void tail_set::check(entry& which) {
    if (!which.is_checking) {
        which.is_checking = true;
        checks_.push_back(which.file.key());
    }
}

void tail_set::close(entry& which) {
    LB_ASSERT(which.is_open);
    which.is_open = false;
    std::erase(open_, which.file.key());
    tasks_.push_back({tail_step::close, which.file.key()});
    counters_.open_files.set(static_cast<std::int64_t>(open_.size()));
}

void tail_set::set_retry(entry& which, time_point now) {
    which.back_off = std::clamp<clock::duration>(which.back_off * 2, back_off_first, back_off_max);
    which.retry_at = now + which.back_off;
}

std::optional<tail_action> tail_set::next_action(time_point now) {
    while (true) {
        if (!tasks_.empty()) {
            const tail_action task = tasks_.front();
            tasks_.pop_front();
            return task;
        }
        if (!checks_.empty()) {
            const file_key key = checks_.front();
            checks_.pop_front();
            if (entry* const which = lookup(key)) {
                which->is_checking = false;
                return tail_action{tail_step::check, key};
            }
            continue;
        }
        if (std::exchange(is_urgent_, false)) {
            return tail_action{tail_step::checkpoint, 0};
        }
        wake_at_.reset();
        if (is_paused_ || unacked_size_ >= options_.unacked_size_max) {
            return std::nullopt;
        }
        return next_read(now);
    }
}

std::optional<tail_action> tail_set::next_read(time_point now) {
    for (std::size_t left = ready_.size(); left > 0; --left) {
        const file_key key = ready_.front();
        entry* const which = lookup(key);
        if (which == nullptr || !has_backlog(*which)) {
            ready_.pop_front();
            if (which != nullptr) {
                which->is_ready = false;
            }
            continue;
        }
        std::optional<tail_action> action;
        if (!must_wait(*which, now)) {
            if (!which->is_durable) {
                return tail_action{tail_step::checkpoint, key};
            }
            action = which->is_open ? tail_action{tail_step::read, key} : open_action(*which, now);
        }
        if (action) {
            return action;
        }
        ready_.pop_front();
        ready_.push_back(key);
    }
    return std::nullopt;
}

bool tail_set::must_wait(const entry& which, time_point now) {
    if (which.retry_at > now) {
        wake_at_ = std::min(wake_at_.value_or(which.retry_at), which.retry_at);
        return true;
    }
    // A rotated file is read before its successor, as long as it can be read at all.
    const entry* const before = lookup(which.predecessor);
    return before != nullptr && has_backlog(*before) && !before->is_forbidden &&
           (before->is_open || before->name_count > 0);
}

std::optional<tail_action> tail_set::open_action(entry& which, time_point now) {
    if (which.name_count == 0) {
        return std::nullopt;
    }
    if (open_.size() < options_.open_files_max) {
        return tail_action{tail_step::open, which.file.key()};
    }
    if (now - limit_warned_at_ >= limit_warning_interval) {
        limit_warned_at_ = now;
        log_.warn(
            "As many files are open as max_open_files allows; files take turns limit={}",
            options_.open_files_max
        );
    }
    entry* oldest = nullptr;
    for (const file_key key : open_) {
        entry* const each = lookup(key);
        // What has no name any more could not be opened again.
        if (each->name_count > 0 && (oldest == nullptr || each->active < oldest->active)) {
            oldest = each;
        }
    }
    if (oldest == nullptr) {
        return std::nullopt;
    }
    close(*oldest);
    const tail_action closing = tasks_.back();
    tasks_.pop_back();
    return closing;
}

void tail_set::checked(file_key key, const result<file_stat>& found, now_at now) {
    entry* const which = lookup(key);
    if (which == nullptr) {
        return;
    }
    if (found.has_error()) {
        if (!which->is_open && is_missing(found.error())) {
            vanished(which->file.path(), now);
        }
        return;
    }
    if (found->identity != which->file.identity()) {
        observe({which->file.path(), *found, which->is_matched, which->is_polled}, now);
        return;
    }
    update_size(*which, *found, now);
}

void tail_set::lower_limit(const error& why) {
    // Room for others too: connections, the sincedb.
    constexpr std::size_t share_left = 8;
    options_.open_files_max = std::max<std::size_t>(open_.size() - open_.size() / share_left, 1);
    log_.warn(
        "The process may not open more files; files take turns. Raise its limit of open files "
        "limit={} error=\"{}\"",
        options_.open_files_max,
        why.text()
    );
}

void tail_set::opened(file_key key, const result<file_stat>& found, now_at now) {
    entry* const which = lookup(key);
    LB_ASSERT(which != nullptr && !which->is_open);
    if (found.has_error()) {
        if (is_missing(found.error())) {
            vanished(which->file.path(), now);
            return;
        }
        if (is_out_of_descriptors(found.error()) && !open_.empty()) {
            lower_limit(found.error());
            return;
        }
        if (which->back_off == clock::duration::zero()) {
            log_.warn(
                "A file cannot be opened; it is tried again path={} error=\"{}\"",
                which->file.path(),
                found.error().text()
            );
        }
        which->is_forbidden = is_forbidden(found.error());
        set_retry(*which, now.steady);
        return;
    }
    if (found->identity != which->file.identity()) {
        observe({which->file.path(), *found, which->is_matched, which->is_polled}, now);
        return;
    }
    which->is_forbidden = false;
    which->is_open = true;
    which->back_off = {};
    which->active = now.steady;
    open_.push_back(key);
    counters_.open_files.set(static_cast<std::int64_t>(open_.size()));
    update_size(*which, *found, now);
}

void tail_set::was_read(file_key key, std::size_t size, now_at now) {
    entry* const which = lookup(key);
    LB_ASSERT(which != nullptr);
    if (size > 0) {
        which->active = now.steady;
        which->turn_left -= static_cast<std::int64_t>(size);
        which->is_finished = false;
        if (which->file.read_position() > which->file.size()) {
            which->file.set_size(which->file.read_position());
        }
    } else if (which->is_compressed) {
        which->at_end = true;
    } else if (which->file.unread() > 0) {
        // It became shorter between the stat and the read.
        check(*which);
    }
    if (!has_backlog(*which)) {
        finish_if_done(*which);
    } else if (which->turn_left <= 0 && !ready_.empty() && ready_.front() == key) {
        which->turn_left = options_.turn_size;
        ready_.pop_front();
        ready_.push_back(key);
    }
}

void tail_set::read_failed(file_key key, now_at now) {
    entry* const which = lookup(key);
    LB_ASSERT(which != nullptr);
    set_retry(*which, now.steady);
    if (which->is_open && which->name_count > 0) {
        close(*which);
    }
}

void tail_set::read_damage(file_key key, now_at now) {
    entry* const which = lookup(key);
    LB_ASSERT(which != nullptr);
    which->is_damaged = true;
    was_read(key, 0, now);
}

void tail_set::finish_if_done(entry& which) {
    if (!options_.read_mode || which.is_finished || which.is_finishing || has_backlog(which) ||
        which.file.record().is_complete) {
        return;
    }
    which.is_finishing = true;
    tasks_.push_back({tail_step::finish, which.file.key()});
}

void tail_set::finished(file_key key) {
    entry* const which = lookup(key);
    LB_ASSERT(which != nullptr);
    which->is_finishing = false;
    which->is_finished = true;
    if (options_.read_mode && which->is_matched && !which->file.has_open_ranges()) {
        which->is_completing = true;
        tasks_.push_back({tail_step::complete, key});
    }
}

void tail_set::completed(file_key key, bool done) {
    entry* const which = lookup(key);
    if (which == nullptr) {
        return;
    }
    which->is_completing = false;
    if (!done) {
        which->is_finished = false;
        check(*which);
        return;
    }
    which->file.set_complete(true);
    mark_dirty(*which);
    if (which->is_open) {
        close(*which);
    }
}

void tail_set::skipped(file_key key, std::int64_t end, now_at now) {
    entry* const which = lookup(key);
    LB_ASSERT(which != nullptr);
    which->file.skip_to(end, now.wall);
    mark_dirty(*which);
}

void tail_set::checkpointed() {
    for (const file_key key : fresh_) {
        if (entry* const which = lookup(key)) {
            which->is_durable = true;
        }
    }
    fresh_.clear();
}

void tail_set::settled(const handed_range& range, ack_verdict verdict, now_at now) {
    unacked_size_ -= range.size;
    LB_ASSERT(unacked_size_ >= 0);
    entry* const which = lookup(range.key);
    if (which == nullptr) {
        return;
    }
    switch (which->file.settle(range, verdict, now.wall)) {
    case tailed_file::ack_effect::none:
        break;
    case tailed_file::ack_effect::gone:
        counters_.bytes_lost.add(range.size);
        break;
    case tailed_file::ack_effect::moved:
        which->back_off = {};
        mark_dirty(*which);
        if (which->is_finished && options_.read_mode && which->is_matched &&
            !which->is_completing && !which->file.has_open_ranges() && !has_backlog(*which)) {
            which->is_completing = true;
            tasks_.push_back({tail_step::complete, range.key});
        }
        break;
    case tailed_file::ack_effect::rewound:
        counters_.rewinds.add();
        set_retry(*which, now.steady);
        which->is_finished = false;
        log_.warn(
            "Lines were not delivered; the file is read again from there path={} position={}",
            which->file.path(),
            which->file.read_position()
        );
        make_ready(*which);
        break;
    }
}

void tail_set::tick(now_at now) {
    std::vector<file_key> watched;
    watched.swap(orphans_);
    for (const file_key key : watched) {
        entry* const which = lookup(key);
        if (which == nullptr) {
            continue;
        }
        if (which->is_matched) {
            which->is_orphan = false;
            continue;
        }
        orphans_.push_back(key);
        tick_orphan(*which, now);
    }
    const std::vector<file_key> open = open_;
    for (const file_key key : open) {
        tick_open(*lookup(key), now);
    }
    std::int64_t lag = 0;
    for (const file_key key : ready_) {
        const entry* const which = lookup(key);
        lag += which == nullptr ? 0 : which->file.unread();
    }
    counters_.lag_bytes.set(lag);
    counters_.unacked_bytes.set(unacked_size_);
}

void tail_set::tick_orphan(entry& which, now_at now) {
    const bool has_unsettled = which.file.has_open_ranges() || which.is_finishing;
    if (which.is_open) {
        check(which);
        if (has_backlog(which)) {
            return;
        }
        if (which.is_finished) {
            if (!has_unsettled) {
                close(which);
            }
        } else if (!which.is_finishing && now.steady - which.active >= options_.orphan_quiet) {
            which.is_finishing = true;
            tasks_.push_back({tail_step::finish, which.file.key()});
        }
        return;
    }
    if (which.name_count == 0) {
        if (!has_unsettled) {
            drop(which.file.key());
        }
        return;
    }
    if (!has_unsettled && !has_backlog(which) &&
        now.steady - which.active >= options_.close_older) {
        by_path_.erase(which.file.path());
        drop(which.file.key());
    }
}

void tail_set::tick_open(entry& which, now_at now) {
    if (which.is_matched && !has_backlog(which) &&
        now.steady - which.active >= options_.close_older) {
        close(which);
    }
}

std::optional<tail_set::time_point> tail_set::next_wake() const {
    return wake_at_;
}

} // namespace logboom::agent
