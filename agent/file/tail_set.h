// All files of one input, as a state machine: fed with what the disk says (through table(): what is
// seen under which name; here: what became of each action) and with acks; gives back one action at
// a time. No system calls, no clock of its own, so that every rotation can be played in a test. One
// thread.
#pragma once

#include "agent/file/file_table.h"

namespace logboom::agent {

/// A file and what its descriptor says.
struct opened_file {
    std::unique_ptr<file_source> source;
    file_stat stat;
    /// Its first content_prefix::reach bytes, or all when it is shorter.
    std::string head;
};

/// What a look at an open file says.
struct file_look {
    file_stat stat;
    writers who = writers::unknown;
};

/// What a read has given: so many bytes have been fed to the file's progress.
struct read_outcome {
    std::size_t size = 0;
    /// Of 0 bytes: more must come before the file can be whole.
    bool is_cut_off = false;
};

class tail_set {
  public:
    tail_set(tail_options options, sincedb& state, tail_counters counters, logger log);

    /// What is seen under which name.
    [[nodiscard]] file_table& table() noexcept { return table_; }
    /// What must be written before going on.
    [[nodiscard]] record_book& records() noexcept { return records_; }
    [[nodiscard]] const record_book& records() const noexcept { return records_; }
    [[nodiscard]] const read_schedule& schedule() const noexcept { return schedule_; }
    /// Null when the file has been dropped.
    [[nodiscard]] followed_file* find(file_key key);

    /// Every file whose changes are not told, or all files after events were lost.
    void check_files(bool all);
    /// Once per stat interval.
    void tick(now_at now);

    // What became of actions.
    void checked(file_key key, const result<file_stat>& found, now_at now);
    void opened(file_key key, result<opened_file> found, now_at now);
    /// errc::damaged_archive: what follows can never be read, the file ends here and is kept.
    void was_read(file_key key, const result<read_outcome>& outcome, now_at now);
    /// Nothing but NULs was read; `run` are those from followed_file::blank_end() on.
    void saw_blank(file_key key, const result<blank_run>& run, now_at now);
    /// What an open file begins with (content_prefix::reach bytes, or all), to be compared with
    /// what is known of that.
    void took_head(followed_file& which, const file_stat& stat, std::string_view head, now_at now);
    /// `bytes` stand at `position`; no lines have been made of them yet.
    void saw(followed_file& which, std::int64_t position, std::string_view bytes);
    /// The bytes before the read position are not those that were read.
    void content_changed(file_key key, const file_stat& stat, now_at now);
    void looked_for_end(file_key key, const result<file_look>& look, now_at now);
    void finished(file_key key, now_at now);
    /// The last look before the completed action. False: not now; it is asked for again.
    bool may_complete(file_key key, const result<file_look>& look, now_at now);
    /// `after`: a look at what was deleted; nullopt when it was not.
    void completed(file_key key, const std::optional<file_look>& after, now_at now);

    /// A range has been taken from the file's progress to be delivered.
    void handed_on(const handed_range& range) { unacked_size_ += range.size; }
    void settled(const handed_range& range, ack_verdict verdict, now_at now);

    /// The next thing to do; nullopt when there is nothing (now). No lines are to be made while the
    /// pipeline is full.
    std::optional<tail_action> next_action(clock::duration now, bool is_full = false) {
        return schedule_.next(now, may_read(is_full));
    }
    /// When next_action() may say something though nothing has happened; nullopt: never.
    [[nodiscard]] std::optional<clock::duration> next_wake(bool is_full = false) const {
        return schedule_.next_wake(may_read(is_full));
    }
    /// The decoder of the file has been used.
    void plan_flush(followed_file& which) { schedule_.plan_flush(which); }

    [[nodiscard]] const followed_files& files() const noexcept { return files_; }
    /// Of all files since the start.
    [[nodiscard]] const ledger_series& bytes() const noexcept { return counters_.bytes; }
    [[nodiscard]] std::size_t size() const noexcept { return files_.size(); }
    [[nodiscard]] std::int64_t unacked_size() const noexcept { return unacked_size_; }
    /// mode => read: every file there is has been read and acknowledged.
    [[nodiscard]] bool is_exhausted() const;

  private:
    [[nodiscard]] bool may_read(bool is_full) const noexcept {
        return !is_full && unacked_size_ < options_.unacked_size_max;
    }
    /// Lines are to be found as its mark says, or the codec.
    void expect(followed_file& which, std::string_view head);
    void open_failed(followed_file& which, const error& why, now_at now);
    void read_failed(followed_file& which, const error& why, now_at now);
    [[nodiscard]] bool is_whole(const followed_file& which, writers who, now_at now) const;
    void wait_on(followed_file& which, writers who, now_at now);
    void complete_if_done(followed_file& which);
    void tick_orphan(followed_file& which, now_at now);
    void limit_pinned(now_at now);

    const tail_options options_;
    tail_counters counters_;
    logger log_;
    followed_files files_;
    record_book records_;
    read_schedule schedule_;
    file_table table_;
    /// Those without a name in the glob.
    std::vector<file_key> orphans_;
    std::int64_t unacked_size_ = 0;
};

} // namespace logboom::agent
