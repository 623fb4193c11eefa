// What is to be done next with which file: turns, retries, the limit of open files.
#include "agent/file/read_schedule.h"

#include <algorithm>

namespace logboom::agent {
namespace {

constexpr auto back_off_first = std::chrono::milliseconds(100);
constexpr auto back_off_max = std::chrono::seconds(10);
constexpr auto limit_warning_interval = std::chrono::seconds(20);

/// The file has not changed its phase since the task was wanted.
bool is_due(const tail_action& task, const followed_file& which) {
    switch (task.step) {
    case tail_step::prove:
        return which.phase == file_phase::waiting;
    case tail_step::finish:
        return which.phase == file_phase::ending;
    case tail_step::complete:
        return which.phase == file_phase::completing;
    default:
        return true;
    }
}

} // namespace

read_schedule::read_schedule(
    const tail_options& options, followed_files& files, tail_counters& counters, logger log
)
    : options_(options)
    , files_(files)
    , counters_(counters)
    , log_(std::move(log))
    , open_files_max_(options.open_files_max) {}

followed_file* read_schedule::lookup(file_key key) {
    const auto found = files_.find(key);
    return found == files_.end() ? nullptr : &found->second;
}

void read_schedule::want_check(followed_file& which) {
    if (!which.marks.checks) {
        which.marks.checks = true;
        checks_.push_back(which.key);
    }
}

void read_schedule::want_read(followed_file& which) {
    which.at_end = false;
    if (!which.marks.ready) {
        which.marks.ready = true;
        which.turn_left = options_.turn_size;
        ready_.push_back(which.key);
    }
    if (!which.is_open() && !which.marks.opens) {
        which.marks.opens = true;
        opens_.push_back(which.key);
    }
}

void read_schedule::want_end(followed_file& which) {
    if (!options_.read_mode || which.phase != file_phase::following || which.has_backlog() ||
        which.progress.record().is_complete) {
        return;
    }
    which.phase = file_phase::waiting;
    want(tail_step::prove, which);
    if (!which.marks.waiting) {
        which.marks.waiting = true;
        waiting_.push_back(which.key);
    }
}

void read_schedule::prove_waiting() {
    std::erase_if(waiting_, [&](file_key key) {
        followed_file* const which = lookup(key);
        if (which != nullptr && which->phase != file_phase::waiting) {
            which->marks.waiting = false;
            return true;
        }
        return which == nullptr;
    });
    for (const file_key key : waiting_) {
        want(tail_step::prove, *lookup(key));
    }
    counters_.waiting_files.set(static_cast<std::int64_t>(waiting_.size()));
}

void read_schedule::plan_flush(followed_file& which) {
    if (which.marks.flush_at == which.decoding.flush_at) [[likely]] {
        return;
    }
    if (which.marks.flush_at) {
        flushes_.erase({*which.marks.flush_at, which.key});
    }
    which.marks.flush_at = which.decoding.flush_at;
    if (which.marks.flush_at) {
        flushes_.emplace(*which.marks.flush_at, which.key);
    }
}

void read_schedule::opened(
    followed_file& which, std::unique_ptr<file_source> source, time_point now
) {
    LB_ASSERT(!which.is_open() && source != nullptr);
    which.source = std::move(source);
    which.retry = {};
    which.active = now;
    open_.push_back(which.key);
    counters_.open_files.set(static_cast<std::int64_t>(open_.size()));
}

void read_schedule::close(followed_file& which) {
    LB_ASSERT(which.is_open());
    which.close();
    std::erase(open_, which.key);
    counters_.open_files.set(static_cast<std::int64_t>(open_.size()));
}

void read_schedule::forget(followed_file& which) {
    which.decoding.flush_at.reset();
    plan_flush(which);
    if (which.is_open()) {
        close(which);
    }
}

void read_schedule::retry_later(followed_file& which, time_point now) {
    which.retry.back_off =
        std::clamp<clock::duration>(which.retry.back_off * 2, back_off_first, back_off_max);
    which.retry.at = now + which.retry.back_off;
    retries_.emplace(which.retry.at, which.key);
}

void read_schedule::take_retries(time_point now) {
    while (!retries_.empty() && retries_.begin()->first <= now) {
        followed_file* const which = lookup(retries_.begin()->second);
        retries_.erase(retries_.begin());
        if (which != nullptr && which->has_backlog()) {
            want_read(*which);
        }
    }
}

void read_schedule::end_turn(followed_file& which) {
    if (which.turn_left <= 0 && !ready_.empty() && ready_.front() == which.key) {
        which.turn_left = options_.turn_size;
        ready_.pop_front();
        ready_.push_back(which.key);
    }
}

void read_schedule::lower_limit(const error& why) {
    // Room for others too: connections, the sincedb.
    constexpr std::size_t share_left = 8;
    open_files_max_ = std::max<std::size_t>(open_.size() - open_.size() / share_left, 1);
    log_.warn(
        "The process may not open more files; files take turns. Raise its limit of open files "
        "limit={} error=\"{}\"",
        open_files_max_,
        why.text()
    );
}

std::optional<tail_action> read_schedule::next(time_point now, bool may_read) {
    while (!tasks_.empty()) {
        const tail_action task = tasks_.front();
        tasks_.pop_front();
        if (const followed_file* const which = lookup(task.key); which && is_due(task, *which)) {
            return task;
        }
    }
    while (!checks_.empty()) {
        const file_key key = checks_.front();
        checks_.pop_front();
        if (followed_file* const which = lookup(key)) {
            which->marks.checks = false;
            return tail_action{tail_step::check, key};
        }
    }
    if (std::exchange(is_checkpoint_wanted_, false)) {
        return tail_action{tail_step::checkpoint, 0};
    }
    take_retries(now);
    if (auto opening = next_open(now)) {
        return opening;
    }
    if (!may_read) {
        return std::nullopt;
    }
    auto action = next_read(now);
    return action ? action : next_flush(now);
}

std::optional<tail_action> read_schedule::next_open(time_point now) {
    while (!opens_.empty() && open_.size() < open_files_max_) {
        const file_key key = opens_.front();
        opens_.pop_front();
        followed_file* const which = lookup(key);
        if (which == nullptr) {
            continue;
        }
        which->marks.opens = false;
        if (!which->is_open() && which->has_name() && which->has_backlog() &&
            which->retry.at <= now) {
            return tail_action{tail_step::open, key};
        }
    }
    return std::nullopt;
}

std::optional<tail_action> read_schedule::next_flush(time_point now) {
    for (std::size_t left = flushes_.size(); left > 0 && flushes_.begin()->first <= now; --left) {
        followed_file& which = *lookup(flushes_.begin()->second);
        // Lines that have come and cannot be read yet may belong to those that are held.
        if (!which.is_compressed && !which.has_backlog()) {
            which.decoding.flush_at.reset();
            plan_flush(which);
            return tail_action{tail_step::flush, which.key};
        }
        which.decoding.flush_at = flush_due(*which.decoding.lines, now);
        plan_flush(which);
    }
    return std::nullopt;
}

std::optional<tail_action> read_schedule::next_read(time_point now) {
    for (std::size_t left = ready_.size(); left > 0; --left) {
        const file_key key = ready_.front();
        followed_file* const which = lookup(key);
        if (which == nullptr || !which->has_backlog()) {
            ready_.pop_front();
            if (which != nullptr) {
                which->marks.ready = false;
            }
            continue;
        }
        if (!must_wait(*which, now)) {
            if (!which->is_durable) {
                return tail_action{tail_step::checkpoint, key};
            }
            if (which->is_open()) {
                return tail_action{tail_step::read, key};
            }
            if (which->has_name() && make_room(now)) {
                return tail_action{tail_step::open, key};
            }
        }
        ready_.pop_front();
        ready_.push_back(key);
    }
    return std::nullopt;
}

bool read_schedule::must_wait(const followed_file& which, time_point now) {
    if (which.progress.is_broken() || which.retry.at > now) {
        return true;
    }
    // A rotated file is read before its successor, as long as it can be read at all.
    const followed_file* const before = lookup(which.predecessor);
    return before != nullptr && before->has_backlog() && !before->retry.is_forbidden &&
           (before->is_open() || before->has_name());
}

bool read_schedule::make_room(time_point now) {
    if (open_.size() >= open_files_max_ && now - limit_warned_at_ >= limit_warning_interval) {
        limit_warned_at_ = now;
        log_.warn(
            "As many files are open as max_open_files allows; files take turns limit={}",
            open_files_max_
        );
    }
    while (open_.size() >= open_files_max_) {
        followed_file* oldest = nullptr;
        for (const file_key key : open_) {
            followed_file* const each = lookup(key);
            // What has no name any more could not be opened again.
            if (each->has_name() && (oldest == nullptr || each->active < oldest->active)) {
                oldest = each;
            }
        }
        if (oldest == nullptr) {
            return false;
        }
        close(*oldest);
    }
    return true;
}

std::optional<read_schedule::time_point> read_schedule::next_wake(bool may_read) const {
    std::optional<time_point> at;
    if (!retries_.empty()) {
        at = retries_.begin()->first;
    }
    if (may_read && !flushes_.empty()) {
        at = std::min(at.value_or(flushes_.begin()->first), flushes_.begin()->first);
    }
    return at;
}

std::int64_t read_schedule::lag() const {
    std::int64_t out = 0;
    for (const file_key key : ready_) {
        const auto found = files_.find(key);
        out += found == files_.end() ? 0 : found->second.progress.unread();
    }
    return out;
}

clock::duration read_schedule::lag_time(time_point now) const {
    clock::duration out{};
    const auto add = [&](file_key key) {
        const auto found = files_.find(key);
        out = std::max(
            out, found == files_.end() ? clock::duration() : found->second.behind.lag(now)
        );
    };
    std::for_each(ready_.begin(), ready_.end(), add);
    std::for_each(open_.begin(), open_.end(), add);
    return out;
}

} // namespace logboom::agent
