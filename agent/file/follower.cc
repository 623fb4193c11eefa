// The loop of a file input: take acks and changes, run timers, carry out what the tail_set wants
// done.
#include "agent/file/follower.h"

#include "agent/agent_id.h"
#include "agent/errc.h"
#include "base/metric_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <poll.h>
#include <unistd.h>

namespace logboom::agent {
namespace {

using namespace std::chrono_literals;

/// A turn of work ends after this long, so that changes, acks and stop are seen in time.
constexpr auto work_turn = 20ms;
/// After reading, changes are left to gather for this long: fewer and larger batches.
constexpr auto gather_time = 1ms;
constexpr auto checkpoint_interval_max = 1s;
constexpr auto complaint_interval = 60s;
constexpr auto stop_latency = 50ms;
constexpr int lock_retry_ms = 200;
constexpr std::size_t read_size_min = std::size_t{4} * 1024;

} // namespace

follower::follower(const plugin_context& context, file_options options, std::unique_ptr<env> disk)
    : time_(context.time)
    , log_(context.log)
    , options_(std::move(options))
    , data_directory_(context.data_directory)
    , disk_(std::move(disk))
    , inbox_(std::make_shared<ack_inbox>())
    , claim_(options_.sincedb_path)
    , state_(*disk_, claim_.path(), options_.sincedb_clean_after, log_)
    , files_(options_.tail, state_, tail_counters(context.counters, context.labels()), log_)
    , watch_(log_)
    , finder_(options_, files_, watch_, log_)
    , batcher_(context, inbox_, line_counters(context.counters, context.labels()))
    , counters_(context.counters, context.labels())
    , checkpoint_failures_(
          context.counters, declared("logboom_agent_checkpoint_failures_total"), context.labels()
      ) {
    if (claim_.path() != options_.sincedb_path) {
        log_.warn(
            "Two file inputs name the same sincedb; this one keeps its positions in path={}",
            claim_.path()
        );
    }
}

bool follower::take_sincedb(const std::stop_token& stop) {
    duration complain_at = time_.steady();
    while (!claim_.try_lock(*disk_)) {
        if (time_.steady() >= complain_at) {
            complain_at += complaint_interval;
            log_.error(
                "Another process keeps its positions in this sincedb; nothing is read until it has "
                "ended. To run both give one its own path.data or sincedb_path. path={}",
                claim_.path()
            );
        }
        if (stop.stop_requested()) {
            return false;
        }
        pollfd woken{inbox_->descriptor(), POLLIN, 0};
        ::poll(&woken, 1, lock_retry_ms);
    }
    return true;
}

void follower::start() {
    auto id = load_agent_id(*disk_, data_directory_);
    if (id.has_error()) {
        log_.error(
            "The agent's id cannot be kept; lines read again after a restart will have new ids "
            "error=\"{}\"",
            id.error().text()
        );
        id = uuid::random().text();
    }
    batcher_.set_agent_id(*id);
    state_.load(time_.wall_ms());
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
    batcher_.attach(into, files_);
    is_stopping_ = false;
    wants_discovery_ = true;
    next_checkpoint_ = time_.steady();
    loop(stop);
    batcher_.drop_waiting();
}

void follower::loop(const std::stop_token& stop) {
    while (!stop.stop_requested() && !is_stopping_) {
        take_changes();
        take_acks();
        if (inbox_->take_room() && !batcher_.hand_over()) {
            return;
        }
        run_timers();
        has_read_ = false;
        const bool has_more = work(stop);
        if (!has_more) {
            flush_held();
        }
        if (options_.exit_after_read && !has_more && !batcher_.is_held_up() &&
            files_.is_exhausted()) {
            return;
        }
        if (!has_more && !stop.stop_requested()) {
            wait(has_read_);
        }
    }
}

void follower::close() {
    take_acks();
    write_checkpoint();
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
            files_.touched(each.path);
            break;
        case kind::appeared:
            if (!each.from.empty()) {
                finder_.note_rename(each.from, each.path, now());
            }
            finder_.look_at(each.path, now());
            break;
        case kind::gone:
            files_.vanished(each.path, now());
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
    if (at >= next_checkpoint_ && (files_.has_unsaved() || state_.has_changes())) {
        write_checkpoint();
    }
}

void follower::write_checkpoint() {
    files_.save_records();
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
    }
    files_.checkpointed();
}

bool follower::work(const std::stop_token& stop) {
    const duration until = time_.steady() + work_turn;
    while (!stop.stop_requested() && !is_stopping_) {
        const duration at = time_.steady();
        if (at >= until) {
            return true;
        }
        files_.set_paused(batcher_.is_held_up());
        const auto action = files_.next_action(at);
        if (!action) {
            return false;
        }
        act(*action);
    }
    return false;
}

void follower::act(const tail_action& action) {
    switch (action.step) {
    case tail_step::check:
        check(action.key);
        break;
    case tail_step::open:
        open(action.key);
        break;
    case tail_step::read:
        read(action.key);
        break;
    case tail_step::finish:
        finish(action.key);
        break;
    case tail_step::complete:
        complete(action.key);
        break;
    case tail_step::close:
        close_file(action.key);
        break;
    case tail_step::checkpoint:
        write_checkpoint();
        break;
    }
    if (files_.find(action.key) == nullptr) {
        forget(action.key);
    }
}

void follower::forget(file_key key) {
    if (const auto held = open_.find(key); held != open_.end()) {
        schedule_flush(key, held->second, std::nullopt);
        open_.erase(held);
    }
}

void follower::schedule_flush(file_key key, open_file& of, std::optional<duration> at) {
    if (of.flush_at == at) [[likely]] {
        return;
    }
    if (of.flush_at) {
        flushes_.erase({*of.flush_at, key});
    }
    if (at) {
        flushes_.emplace(*at, key);
    }
    of.flush_at = at;
}

void follower::flush_held() {
    const duration at = time_.steady();
    while (!flushes_.empty() && flushes_.begin()->first <= at && !batcher_.is_held_up()) {
        const file_key key = flushes_.begin()->second;
        tailed_file* const file = files_.find(key);
        if (file == nullptr) {
            forget(key);
            continue;
        }
        open_file& held = open_.at(key);
        // Lines that have come and cannot be read yet may belong to those that are held.
        const bool has_more = files_.is_compressed(key) || file->unread() > 0;
        if (has_more) {
            held.decoding.flush_at = flush_due(*held.decoding.lines, at);
        } else if (!batcher_.flush(*file, held.decoding)) {
            is_stopping_ = true;
        }
        schedule_flush(key, held, held.decoding.flush_at);
    }
}

void follower::close_file(file_key key) {
    const auto held = open_.find(key);
    if (held == open_.end()) {
        return;
    }
    held->second.source.reset();
    if (held->second.decoding.held_from < 0) {
        forget(key);
    }
}

void follower::check(file_key key) {
    const std::string path = files_.find(key)->path();
    const auto held = open_.find(key);
    const bool is_open = held != open_.end() && held->second.source;
    files_.checked(key, is_open ? held->second.source->stat() : stat_path(path), now());
    if (files_.is_polled(key)) {
        finder_.look_at(path, now());
    }
}

void follower::open(file_key key) {
    const std::string path = files_.find(key)->path();
    const bool is_archive = files_.is_compressed(key);
    if (is_archive && options_.check_archives && !is_archive_valid(path)) {
        log_.error("A compressed file is damaged and is not read path={}", path);
        files_.completed(key, true);
        return;
    }
    auto source = file_source::open(path, is_archive);
    if (source.has_error()) {
        files_.opened(key, source.error(), now());
        return;
    }
    const auto found = (*source)->stat();
    files_.opened(key, found, now());
    if (files_.is_open(key)) {
        open_[key].source = std::move(*source);
    }
}

void follower::read(file_key key) {
    tailed_file& file = *files_.find(key);
    open_file& held = open_.at(key);
    const std::int64_t at = file.read_position();
    const std::size_t size_max = std::min(options_.read_size, read_buffers::block_size);
    std::size_t wanted = size_max;
    if (!files_.is_compressed(key)) {
        const auto unread = static_cast<std::size_t>(std::max<std::int64_t>(file.unread(), 0));
        wanted = std::min(std::max(unread, read_size_min), size_max);
    }
    const read_buffers::space space = buffers_.get(wanted, wanted);
    const auto count = held.source->read(space.data, space.size, at);
    if (count.has_error()) {
        const bool is_damaged = count.error().code == make_error_code(errc::damaged_archive);
        log_.error(
            "A file cannot be read path={} position={} error=\"{}\"{}",
            file.path(),
            at,
            count.error().text(),
            is_damaged ? "; the rest of it is left out" : "; trying again"
        );
        if (is_damaged) {
            files_.read_damage(key, now());
        } else {
            files_.read_failed(key, now());
        }
        return;
    }
    buffers_.use(*count);
    has_read_ = true;
    if (*count > 0 && !batcher_.add(file, held.decoding, {space.data, *count}, space.owner)) {
        is_stopping_ = true;
        return;
    }
    schedule_flush(key, held, held.decoding.flush_at);
    files_.was_read(key, *count, now());
}

void follower::finish(file_key key) {
    if (tailed_file* const file = files_.find(key)) {
        const bool is_cut = !options_.tail.read_mode || files_.is_damaged(key);
        open_file& held = open_[key];
        if (!batcher_.finish(*file, held.decoding, is_cut)) {
            is_stopping_ = true;
            return;
        }
        schedule_flush(key, held, held.decoding.flush_at);
        files_.finished(key);
    }
}

void follower::complete(file_key key) {
    const tailed_file* const file = files_.find(key);
    if (file == nullptr) {
        return;
    }
    if (files_.is_damaged(key)) {
        files_.completed(key, true);
        return;
    }
    const auto found = stat_path(file->path());
    const bool has_grown = found.has_value() && found->identity == file->identity() &&
                           !files_.is_compressed(key) && found->size > file->read_position();
    const bool is_it = found.has_value() && found->identity == file->identity();
    if (has_grown) {
        files_.completed(key, false);
        return;
    }
    const bool is_noted =
        options_.when_completed == completed_action::remove || write_completed(file->path());
    if (is_it && is_noted && options_.when_completed != completed_action::log) {
        if (::unlink(file->path().c_str()) != 0) {
            log_.warn(
                "A completed file cannot be deleted path={} error=\"{}\"",
                file->path(),
                last_os_error("").text()
            );
        } else if (const auto held = open_.find(key); held != open_.end() && held->second.source) {
            // That it has no name any more lets the sincedb forget it.
            files_.checked(key, held->second.source->stat(), now());
        }
    }
    files_.completed(key, true);
}

bool follower::write_completed(const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> to(
        std::fopen(options_.completed_log_path.c_str(), "ae"), &std::fclose
    );
    const std::string text = path + "\n";
    if (!to || std::fwrite(text.data(), 1, text.size(), to.get()) != text.size() ||
        std::fflush(to.get()) != 0) {
        log_.error(
            "Cannot note a completed file; it is kept path={} log={} error=\"{}\"",
            path,
            options_.completed_log_path,
            last_os_error("").text()
        );
        return false;
    }
    return true;
}

follower::duration follower::next_timer() const {
    duration at = std::min(next_stat_, next_discovery_);
    if (files_.has_unsaved() || state_.has_changes()) {
        at = std::min(at, next_checkpoint_);
    }
    if (wants_discovery_) {
        at = std::min(at, time_.steady() + stop_latency);
    }
    if (!flushes_.empty() && !batcher_.is_held_up()) {
        at = std::min(at, flushes_.begin()->first);
    }
    if (const auto wake = files_.next_wake()) {
        at = std::min(at, *wake);
    }
    return at;
}

void follower::wait(bool was_productive) {
    pollfd sources[2] = {{inbox_->descriptor(), POLLIN, 0}, {watch_.descriptor(), POLLIN, 0}};
    const duration left = std::max<duration>(next_timer() - time_.steady(), duration::zero());
    if (was_productive) {
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
