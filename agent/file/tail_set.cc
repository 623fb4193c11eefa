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
        followed_file& which = *find(key);
        which.blank.is_stale = true;
        schedule_.want_check(which);
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
        which->last_error.clear();
        schedule_.opened(*which, std::move(found->source), now.steady);
        took_head(*which, found->stat, found->head, now);
    }
}

void tail_set::took_head(
    followed_file& which, const file_stat& stat, std::string_view head, now_at now
) {
    table_.measured(which, stat, now);
    if (which.is_compressed) {
        expect(which, head);
        return;
    }
    if (!which.progress.record().prefix.fits(head)) {
        content_changed(which.key, stat, now);
    }
    expect(which, head);
    if (which.progress.splitter().passes_blanks()) {
        // What is blank may be filled.
        head = without_blank_end(head);
    }
    saw(which, 0, head);
    which.is_head_known = !head.empty();
}

void tail_set::expect(followed_file& which, std::string_view head) {
    const text_units marked = units_of_mark(head);
    which.has_mark = marked != text_units::bytes;
    const text_units units = which.has_mark ? marked : options_.units;
    line_cutter& cutter = which.progress.splitter();
    if (units != which.units && cutter.next_position() == cutter.line_start()) {
        which.units = units;
        cutter.expect(units, in_units(options_.delimiter, units), options_.longest_line);
    }
}

void tail_set::saw(followed_file& which, std::int64_t position, std::string_view bytes) {
    const bool is_first = which.progress.record().prefix.size() == 0;
    if (!which.progress.extend_prefix(position, bytes)) {
        return;
    }
    if (is_first) {
        // Before the first line is named: a crash must not forget what the names stand for.
        records_.begin(which);
    } else {
        records_.mark(which);
    }
}

void tail_set::open_failed(followed_file& which, const error& why, now_at now) {
    which.last_error = why.text();
    if (is_missing(why)) {
        table_.vanished(std::string(which.progress.path()), now);
        return;
    }
    if (is_out_of_descriptors(why) && !schedule_.open_files().empty()) {
        schedule_.lower_limit(why);
        schedule_.want_read(which);
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

void tail_set::was_read(file_key key, const result<read_outcome>& outcome, now_at now) {
    followed_file& which = *find(key);
    if (outcome.has_error()) {
        read_failed(which, outcome.error(), now);
        if (!which.is_damaged) {
            return;
        }
    } else if (outcome->size > 0) {
        which.last_error.clear();
        which.active = now.steady;
        which.turn_left -= static_cast<std::int64_t>(outcome->size);
        which.go_on();
        if (which.progress.unread() < 0) {
            which.progress.set_size(which.progress.read_position());
        }
    } else if (which.is_compressed) {
        which.at_end = true;
        which.end.is_cut_off = outcome->is_cut_off;
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

void tail_set::saw_blank(file_key key, const result<blank_run>& run, now_at now) {
    followed_file& which = *find(key);
    if (run.has_error()) {
        was_read(key, run.error(), now);
        return;
    }
    auto& blank = which.blank;
    if (std::exchange(blank.position, which.progress.read_position()) !=
        which.progress.read_position()) {
        blank.run = {};
    }
    blank.run.holes += run->holes;
    blank.run.nuls += run->nuls;
    if (run->is_over) {
        which.progress.feed_blank(blank.run);
        was_read(key, read_outcome{static_cast<std::size_t>(blank.run.size())}, now);
        return;
    }
    blank.is_end = run->is_last;
    if (blank.is_end) {
        blank.is_stale = false;
        which.progress.disregard_unread();
        which.behind.disregard(which.progress.read_position());
        records_.mark(which);
        schedule_.want_end(which);
    } else {
        which.turn_left -= run->nuls;
        schedule_.end_turn(which);
    }
}

void tail_set::read_failed(followed_file& which, const error& why, now_at now) {
    const bool is_damaged = why.code == make_error_code(errc::damaged_archive);
    which.last_error = why.text();
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
        which.end.is_cut_off = false;
        counters_.damaged_files.add();
        return;
    }
    schedule_.retry_later(which, now.steady);
    if (which.is_open() && which.has_name()) {
        schedule_.close(which);
    }
}

void tail_set::content_changed(file_key key, const file_stat& stat, now_at now) {
    followed_file& which = *find(key);
    which.progress.forget_growth();
    table_.truncate(which, stat.size, now);
    table_.measured(which, stat, now);
}

bool tail_set::is_whole(const followed_file& which, writers who, now_at now) const {
    if (which.end.is_cut_off) {
        return false;
    }
    const bool is_quiet = now.steady - which.active >= options_.completed_quiet;
    const bool is_empty =
        which.is_compressed ? which.archive_size == 0 : which.progress.size() == 0;
    switch (who) {
    case writers::none:
        // Many a file is made first and written later.
        return !is_empty || is_quiet;
    case writers::some:
        return false;
    case writers::unknown:
        return is_quiet || (which.end.is_closed && !is_empty);
    }
    return false;
}

void tail_set::looked_for_end(file_key key, const result<file_look>& look, now_at now) {
    followed_file* const which = find(key);
    if (which == nullptr || which->phase != file_phase::waiting) {
        return;
    }
    if (look.has_error()) {
        checked(key, look.error(), now);
        return;
    }
    checked(key, look->stat, now);
    if (look->stat.identity != which->progress.identity() || which->phase != file_phase::waiting) {
        return;
    }
    if (is_whole(*which, look->who, now)) {
        which->phase = file_phase::ending;
        schedule_.want(tail_step::finish, *which);
    } else {
        wait_on(*which, look->who, now);
    }
}

void tail_set::wait_on(followed_file& which, writers who, now_at now) {
    const bool is_quiet = now.steady - which.active >= options_.completed_quiet;
    which.end.is_stalled = which.end.is_cut_off && is_quiet && who != writers::some;
    if (!is_quiet || std::exchange(which.end.is_said, true)) {
        return;
    }
    if (which.end.is_cut_off) {
        log_.warn(
            "A compressed file ends before its end: the rest of its data and the checksum behind "
            "them are missing. It is kept and read on when they come. path={} size={} inflated={}",
            which.progress.path(),
            which.archive_size,
            which.progress.read_position()
        );
    } else if (who == writers::some) {
        log_.info(
            "A file is complete once it is no longer open for writing. path={} size={}",
            which.progress.path(),
            which.progress.size()
        );
    }
}

void tail_set::finished(file_key key, now_at now) {
    followed_file* const which = find(key);
    LB_ASSERT(which != nullptr);
    which->progress.end_lines(now.wall);
    records_.mark(*which);
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

bool tail_set::may_complete(file_key key, const result<file_look>& look, now_at now) {
    followed_file* const which = find(key);
    LB_ASSERT(which != nullptr);
    if (which->is_damaged) {
        return true;
    }
    if (look.has_value()) {
        table_.measured(*which, look->stat, now);
    }
    if (which->phase != file_phase::completing) {
        return false;
    }
    if (look.has_value() && look->who != writers::some) {
        return true;
    }
    which->phase = file_phase::following;
    schedule_.want_end(*which);
    return false;
}

void tail_set::completed(file_key key, const std::optional<file_look>& after, now_at now) {
    followed_file* const which = find(key);
    if (which == nullptr) {
        return;
    }
    which->phase = file_phase::ended;
    if (which->ends_blank()) {
        which->progress.pass_blank_end(now.wall);
    }
    which->progress.set_complete(true);
    records_.mark(*which);
    if (after) {
        // Somebody may have opened it between the last look and the end of its name. What he
        // writes is read until he has closed it, or is silent.
        table_.measured(*which, after->stat, now);
        if (after->who != writers::none && which->phase == file_phase::ended) {
            which->active = now.steady;
            which->progress.set_complete(false);
            which->phase = file_phase::following;
            schedule_.want_end(*which);
        }
    }
    if (which->phase == file_phase::ended && which->is_open()) {
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
    case file_progress::ack_effect::moved:
        which->behind.settle(which->progress.record().position.value());
        which->retry.back_off = {};
        records_.mark(*which);
        complete_if_done(*which);
        break;
    case file_progress::ack_effect::rewound:
        counters_.rewinds.add();
        records_.mark(*which);
        schedule_.retry_later(*which, now.steady);
        which->go_on();
        which->is_head_known = false;
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
        if (!which.is_matched() || which.has_backlog() ||
            now.steady - which.active < options_.close_older) {
            continue;
        }
        if (which.decoding.held_from >= 0) {
            // Nothing more has come to what the decoder holds: a rotated file has ended like that.
            schedule_.want(tail_step::flush, which);
        } else {
            schedule_.close(which);
        }
    }
    schedule_.prove_waiting();
    limit_pinned(now);
    counters_.lag_bytes.set(schedule_.lag());
    counters_.lag_time.set(schedule_.lag_time(now.steady).count());
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
        } else if (which.phase != file_phase::ending && which.looked_at - which.active >= options_.orphan_quiet) {
            which.phase = file_phase::ending;
            schedule_.want(tail_step::finish, which);
        }
        return;
    }
    if (has_unsettled) {
        return;
    }
    if (!which.has_name()) {
        table_.drop(which);
    } else if (!which.has_backlog() && now.steady - which.active >= options_.close_older) {
        if (which.progress.handed_to() < which.progress.read_position()) {
            // A half line, of a file that was closed for others.
            which.phase = file_phase::ending;
            schedule_.want(tail_step::finish, which);
        } else {
            table_.drop(which);
        }
    }
}

void tail_set::limit_pinned(now_at now) {
    std::int64_t pinned = 0;
    const auto is_pinned = [](const followed_file& which) {
        return which.names.links == 0 && !which.is_compressed;
    };
    for (const file_key key : schedule_.open_files()) {
        const followed_file& which = *find(key);
        pinned += is_pinned(which) ? which.progress.undelivered() : 0;
    }
    for (const file_key key : schedule_.open_files()) {
        followed_file& which = *find(key);
        const std::int64_t excess = pinned - options_.pinned_size_max;
        if (excess <= 0 || !is_pinned(which) || which.progress.is_broken()) {
            continue;
        }
        const std::int64_t from = which.progress.handed_to();
        const std::int64_t to =
            which.progress.read_position() + std::min(excess, which.progress.unread());
        if (to <= which.progress.read_position()) {
            continue;
        }
        const std::int64_t lost = which.progress.give_up(to, now.wall);
        pinned -= lost;
        which.decoding = {};
        schedule_.plan_flush(which);
        records_.mark(which);
        log_.warn(
            "Deleted files hold more unread bytes than max_pinned_bytes; the oldest are given up "
            "path={} from={} to={} lost_bytes={}",
            which.progress.path(),
            from,
            to,
            lost
        );
    }
    counters_.pinned_bytes.set(pinned);
}

bool tail_set::is_exhausted() const {
    return table_.is_discovered() &&
           std::all_of(files_.begin(), files_.end(), [](const auto& each) {
               const followed_file& which = each.second;
               return which.progress.record().is_complete || which.end.is_stalled ||
                      (!which.is_matched() && !which.is_open());
           });
}

} // namespace logboom::agent
