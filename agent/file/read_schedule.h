// What is to be done next with which file: what to look at, open and read, in turns, with retries
// and within the number of files that may be open. Knows nothing of names. Gives back one action at
// a time; no system calls, no clock of its own. Input's thread.
#pragma once

#include "agent/file/followed_file.h"
#include "agent/file/tail_counters.h"
#include "base/log.h"

#include <deque>
#include <set>
#include <vector>

namespace logboom::agent {

enum class tail_step {
    /// Stat it (its descriptor if open, else its path) and call checked().
    check,
    /// Open its path, stat the descriptor and call opened().
    open,
    /// Read at read_position() and call was_read().
    read,
    /// No line has come for as long as the decoder may hold those it has: hand those on.
    flush,
    /// mode => read: find out who writes it, stat it and call looked_for_end().
    prove,
    /// Nothing more will come: hand on the partial line and what the codec holds; call finished().
    finish,
    /// Everything is acknowledged (mode => read): look as for `prove`; if may_complete(), delete or
    /// log it, look again and call completed().
    complete,
    /// Write the sincedb, then call record_book::saved(): reading goes on only after it.
    checkpoint,
};
struct tail_action {
    tail_step step;
    file_key key = 0;
};

class read_schedule {
  public:
    using time_point = clock::duration;

    read_schedule(
        const tail_options& options, followed_files& files, tail_counters& counters, logger log
    );

    void want_check(followed_file& which);
    void want_read(followed_file& which);
    /// All that is known of it has been read. mode => read: find out whether that is all.
    void want_end(followed_file& which);
    /// Those of which that is not known yet.
    void prove_waiting();
    /// Before all checks and reads; nothing comes of it when the file has another phase by then.
    void want(tail_step step, const followed_file& which) { tasks_.push_back({step, which.key}); }
    /// Before all reads.
    void want_checkpoint() noexcept { is_checkpoint_wanted_ = true; }
    /// Its decoder has been used.
    void plan_flush(followed_file& which);

    void opened(followed_file& which, std::unique_ptr<file_source> source, time_point now);
    void close(followed_file& which);
    /// It leaves: nothing is due for it any more.
    void forget(followed_file& which);
    /// After a failure, not at once.
    void retry_later(followed_file& which, time_point now);
    /// It has had what it may read before others.
    void end_turn(followed_file& which);
    /// No more descriptors are to be had.
    void lower_limit(const error& why);

    /// nullopt when there is nothing (now). `may_read` false: no lines are to be made.
    std::optional<tail_action> next(time_point now, bool may_read);
    /// When next() may say something though nothing has happened; nullopt: never.
    [[nodiscard]] std::optional<time_point> next_wake(bool may_read) const;
    [[nodiscard]] const std::vector<file_key>& open_files() const noexcept { return open_; }
    [[nodiscard]] std::int64_t lag() const;
    /// The longest that something has not been delivered.
    [[nodiscard]] clock::duration lag_time(time_point now) const;

  private:
    followed_file* lookup(file_key key);
    /// What could not be done, and may be tried again now.
    void take_retries(time_point now);
    [[nodiscard]] bool must_wait(const followed_file& which, time_point now);
    std::optional<tail_action> next_open(time_point now);
    std::optional<tail_action> next_flush(time_point now);
    std::optional<tail_action> next_read(time_point now);
    /// Closes another one when too many are open; false when none can be.
    bool make_room(time_point now);

    const tail_options& options_;
    followed_files& files_;
    tail_counters& counters_;
    logger log_;
    std::size_t open_files_max_;
    std::deque<tail_action> tasks_;
    std::deque<file_key> checks_;
    /// Files with something to read that are not open: whoever has their last name may delete it.
    std::deque<file_key> opens_;
    std::deque<file_key> ready_;
    std::vector<file_key> waiting_;
    /// The files whose decoders must be flushed if no more lines come, by when.
    std::set<std::pair<time_point, file_key>> flushes_;
    std::vector<file_key> open_;
    bool is_checkpoint_wanted_ = false;
    std::set<std::pair<time_point, file_key>> retries_;
    time_point limit_warned_at_ = -std::chrono::hours(1);
};

} // namespace logboom::agent
