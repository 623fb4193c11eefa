// The loop of a file input: take acks and changes, run timers, carry out what the tail_set wants
// done.
#include "agent/file/follower.h"

#include "agent/agent_id.h"
#include "base/metric_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <poll.h>

namespace logboom::agent {
namespace {

using namespace std::chrono_literals;

/// A turn of work ends after this long, so that changes, acks and stop are seen in time.
constexpr auto work_turn = 20ms;
/// After reading, changes are left to gather for this long: fewer and larger batches.
constexpr auto gather_time = 1ms;
constexpr auto checkpoint_interval_max = 1s;
/// Positions are noted at most so often, and less often when there are many of them.
constexpr auto note_interval_min = 10ms;
constexpr std::int64_t notes_per_interval = 64;
constexpr auto complaint_interval = 60s;
constexpr auto stop_latency = 50ms;
constexpr int lock_retry_ms = 200;

} // namespace

follower::follower(const plugin_context& context, file_options options, std::unique_ptr<env> disk)
    : time_(context.time)
    , log_(context.log)
    , options_(std::move(options))
    , data_directory_(context.data_directory)
    , disk_(std::move(disk))
    , inbox_(std::make_shared<ack_inbox>())
    , claim_(*disk_, options_.sincedb)
    , state_(*disk_, claim_.path(), options_.sincedb_clean_after, log_)
    , heritage_(*disk_, options_.sincedb_clean_after, log_)
    , files_(options_.tail, state_, tail_counters(context.counters, context.labels()), log_)
    , watch_(log_, options_.tail.read_mode)
    , finder_(options_, files_.table(), watch_, log_)
    , out_(inbox_)
    , actions_(
          options_,
          files_,
          finder_,
          line_batcher(context, line_counters(context.counters, context.labels())),
          out_,
          time_,
          log_
      )
    , checkpoint_failures_(
          context.counters, declared("logboom_agent_checkpoint_failures_total"), context.labels()
      ) {
    if (claim_.path() != options_.sincedb.path) {
        log_.warn(
            "Several file inputs name the same sincedb; this one keeps its positions in path={}",
            claim_.path()
        );
    }
}

bool follower::take_sincedb(const std::stop_token& stop) {
    duration complain_at = time_.steady();
    while (true) {
        const auto locked = claim_.try_lock();
        if (locked.has_value()) {
            return true;
        }
        if (time_.steady() >= complain_at) {
            complain_at += complaint_interval;
            complain_of_sincedb(locked.error());
        }
        if (stop.stop_requested()) {
            return false;
        }
        pollfd woken{inbox_->descriptor(), POLLIN, 0};
        ::poll(&woken, 1, lock_retry_ms);
    }
}

void follower::complain_of_sincedb(const error& why) const {
    if (why.code == std::errc::resource_unavailable_try_again) {
        log_.error(
            "Another process keeps its positions in this sincedb; nothing is read until it has "
            "ended. To run both give one its own path.data or sincedb_path. path={}",
            claim_.path()
        );
    } else {
        log_.error(
            "The sincedb cannot get its new name; nothing is read until it can path={} "
            "error=\"{}\"",
            claim_.path(),
            why.text()
        );
    }
}

void follower::start() {
    auto id = load_agent_id(*disk_, data_directory_, log_);
    if (id.has_error()) {
        log_.error(
            "The agent's id cannot be kept; lines read again after a restart will have new ids "
            "error=\"{}\"",
            id.error().text()
        );
        id = uuid::random().text();
    }
    actions_.set_agent_id(*id);
    std::optional<timestamp_ms> written;
    if (const auto found = stat_path(claim_.path()); found.has_value()) {
        const auto at = std::chrono::nanoseconds(found->modified_ns);
        written = timestamp_ms(std::chrono::duration_cast<std::chrono::milliseconds>(at).count());
    }
    state_.load(time_.wall_ms(), written);
    const auto is_ours = [this](const checkpoint_record& record) {
        return record.path.empty() || options_.is_matched(record.path) ||
               options_.is_matched(record.lineage);
    };
    heritage_.take(state_, options_.sincedb.family, is_ours, time_.wall_ms());
    if (heritage_.has_unsettled()) {
        write_checkpoint();
    }
    watch_.keep_reading([inbox = inbox_] { inbox->wake(); });
    has_started_ = true;
}

void follower::run(batch_sink& into, std::stop_token stop) {
    const std::stop_callback wake(stop, [inbox = inbox_.get()] { inbox->wake(); });
    if (!has_started_) {
        if (!take_sincedb(stop)) {
            return;
        }
        start();
    }
    out_.attach(into);
    is_stopping_ = false;
    wants_discovery_ = true;
    next_checkpoint_ = time_.steady();
    loop(stop);
    out_.drop();
}

void follower::loop(const std::stop_token& stop) {
    while (!stop.stop_requested() && !is_stopping_) {
        take_changes();
        take_acks();
        answer_questions();
        if (inbox_->take_room() && !out_.hand_over()) {
            return;
        }
        run_timers();
        const bool has_more = work(stop);
        if (options_.exit_after_read && !has_more && !out_.is_full() && files_.is_exhausted()) {
            return;
        }
        if (!has_more && !stop.stop_requested()) {
            wait();
        }
    }
}

void follower::close() {
    take_acks();
    write_checkpoint();
}

std::optional<files_status> follower::describe_files(std::size_t count_max) {
    constexpr std::chrono::milliseconds answer_limit{800};
    return desk_.ask(count_max, answer_limit, [&] { inbox_->wake(); }).value_or(files_status());
}

void follower::answer_questions() {
    if (desk_.is_asked()) {
        desk_.answer(status_report(files_, desk_.count_max(), time_.steady()));
    }
}

void follower::take_acks() {
    inbox_->take(reports_);
    for (const ack_inbox::report& each : reports_) {
        files_.settled(each.range, each.verdict, now());
    }
}

void follower::take_changes() {
    using kind = directory_change::kind;
    changes_.clear();
    watch_.take(changes_);
    for (const directory_change& each : changes_) {
        switch (each.what) {
        case kind::written:
            files_.table().touched(each.path);
            break;
        case kind::closed:
            files_.table().closed(each.path);
            break;
        case kind::appeared:
            if (!each.from.empty()) {
                finder_.note_rename(each.from, each.path, now());
            }
            finder_.look_at(each.path, now());
            break;
        case kind::gone:
            files_.table().vanished(each.path, now());
            break;
        case kind::overflow:
            log_.warn("The kernel dropped file changes; looking at all files again");
            files_.check_files(true);
            [[fallthrough]];
        case kind::directories:
            wants_discovery_ = true;
            break;
        }
    }
}

void follower::run_timers() {
    const duration at = time_.steady();
    // A search may be dear, and directories may come and go all the time: at most a tenth of the
    // time.
    constexpr int rest_factor = 10;
    const bool has_rested = at >= last_discovery_ + rest_factor * discovery_cost_;
    if (at >= next_discovery_ || (wants_discovery_ && has_rested)) {
        wants_discovery_ = false;
        finder_.discover(now());
        last_discovery_ = time_.steady();
        discovery_cost_ = last_discovery_ - at;
        // When the kernel tells everything the search is but a safety net.
        constexpr int watched_factor = 4;
        const int factor = finder_.is_all_watched() ? watched_factor : 1;
        next_discovery_ =
            last_discovery_ + options_.stat_interval * options_.discover_every * factor;
    }
    if (at >= next_stat_) {
        next_stat_ = at + options_.stat_interval;
        files_.check_files(false);
        files_.tick(now());
    }
    if (at >= next_checkpoint_ && (files_.records().has_unsaved() || state_.has_changes())) {
        write_checkpoint();
    } else if (at >= next_note_ && files_.records().has_unsaved()) {
        note_positions();
    }
}

void follower::note_positions() {
    files_.records().save();
    const auto noted = state_.note(time_.wall_ms());
    const auto count = static_cast<std::int64_t>(noted.has_value() ? *noted : 0);
    const duration pause = note_interval_min * (1 + count / notes_per_interval);
    next_note_ = time_.steady() + std::min<duration>(pause, checkpoint_interval_max);
    if (noted.has_error()) {
        // The next checkpoint writes the whole, and tells if that fails too.
        next_note_ = next_checkpoint_ + note_interval_min;
    }
}

void follower::write_checkpoint() {
    files_.records().save();
    const auto written = state_.write(time_.wall_ms());
    const duration at = time_.steady();
    next_checkpoint_ =
        at + std::min<duration>(options_.sincedb_write_interval, checkpoint_interval_max);
    if (written.has_error()) {
        checkpoint_failures_.add();
        next_checkpoint_ = at + checkpoint_interval_max;
        if (at - checkpoint_complained_at_ >= complaint_interval) {
            checkpoint_complained_at_ = at;
            log_.error(
                "The sincedb cannot be written; reading goes on and a restart will read lines "
                "again "
                "error=\"{}\"",
                written.error().text()
            );
        }
    } else if (heritage_.has_unsettled()) {
        heritage_.settle(time_.wall_ms());
    }
    files_.records().saved();
}

bool follower::work(const std::stop_token& stop) {
    const duration until = time_.steady() + work_turn;
    while (!stop.stop_requested() && !is_stopping_) {
        const duration at = time_.steady();
        if (at >= until) {
            return true;
        }
        const auto action = files_.next_action(at, out_.is_full());
        if (!action) {
            return false;
        }
        if (action->step == tail_step::checkpoint) {
            write_checkpoint();
        } else if (!actions_.run(*action)) {
            is_stopping_ = true;
        }
    }
    return false;
}

follower::duration follower::next_timer() const {
    duration at = std::min(next_stat_, next_discovery_);
    if (files_.records().has_unsaved() || state_.has_changes()) {
        at = std::min(at, next_checkpoint_);
    }
    if (files_.records().has_unsaved()) {
        at = std::min(at, next_note_);
    }
    if (wants_discovery_) {
        at = std::min(at, time_.steady() + stop_latency);
    }
    if (const auto wake = files_.next_wake(out_.is_full())) {
        at = std::min(at, *wake);
    }
    return at;
}

void follower::wait() {
    pollfd sources[2] = {{inbox_->descriptor(), POLLIN, 0}, {watch_.descriptor(), POLLIN, 0}};
    const duration at = time_.steady();
    // Positions were noted just now: what is acknowledged until they are noted again wakes nobody.
    const bool acks_can_wait = next_note_ > at;
    if (inbox_->let_wait(acks_can_wait) && !acks_can_wait) {
        return;
    }
    const duration timer = acks_can_wait ? std::min(next_timer(), next_note_) : next_timer();
    const duration left = std::max<duration>(timer - at, duration::zero());
    if (actions_.take_has_read()) {
        // Not the changes: they gather meanwhile.
        const timespec gather{
            0, std::chrono::nanoseconds(std::min<duration>(left, gather_time)).count()};
        ::ppoll(sources, 1, &gather, nullptr);
        return;
    }
    const timespec limit{
        std::chrono::duration_cast<std::chrono::seconds>(left).count(),
        (left % std::chrono::seconds(1)).count()};
    ::ppoll(sources, watch_.descriptor() >= 0 ? 2 : 1, &limit, nullptr);
}

} // namespace logboom::agent
