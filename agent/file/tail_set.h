// All files of one input, as a state machine: which names stand for which files, what to look at,
// open, read and close next, and when the checkpoint must be written before going on. Fed with what
// the disk says (sightings, stats, counts of bytes) and with acks; gives back one action at a time.
// No system calls, no clock of its own, so that every rotation can be played in a test. One thread.
#pragma once

#include "agent/file/sincedb.h"
#include "agent/file/tailed_file.h"
#include "base/metrics.h"

#include <deque>
#include <map>
#include <optional>

namespace logboom::agent {

struct tail_options {
    std::string delimiter = "\n";
    std::size_t line_size_max = std::size_t{16} << 20U;
    /// start_position => beginning, or mode => read.
    bool from_beginning = false;
    bool read_mode = false;
    /// Zero: never.
    clock::duration ignore_older{};
    clock::duration close_older = std::chrono::hours(1);
    std::size_t open_files_max = 4095;
    /// Bytes that one file may read before the next has its turn.
    std::int64_t turn_size = std::int64_t{1} << 20U;
    /// Bytes handed on and not acknowledged, of all files; reading pauses above.
    std::int64_t unacked_size_max = std::int64_t{64} << 20U;
    /// A file that has no name in the glob any more is closed when it has been silent for this
    /// long.
    clock::duration orphan_quiet = std::chrono::seconds(5);
    /// Files born this long before the checkpoint was written may be new to it all the same.
    clock::duration discovery_slack = std::chrono::seconds(2);
};

/// A name and the file behind it.
struct sighting {
    std::string path;
    file_stat stat;
    /// False: the name is outside the glob (a rotated file); only files already known are taken.
    bool is_matched = true;
    /// Its changes are not told by inotify: it is looked at in every stat interval.
    bool is_polled = false;
    /// The name in the glob that it had before; empty when that is not known. Such a file is taken
    /// though its name is outside.
    std::string lineage = {};
};

enum class tail_step {
    /// Stat it (its descriptor if open, else its path) and call checked().
    check,
    /// Open its path, stat the descriptor and call opened().
    open,
    /// Read at read_position() and call was_read().
    read,
    /// Nothing more will come: hand on the partial line and what the codec holds; call finished().
    finish,
    /// Everything is acknowledged (mode => read): delete or log it, then call completed().
    complete,
    /// Close the descriptor.
    close,
    /// Write the sincedb, then call checkpointed(): reading goes on only after it.
    checkpoint,
};
struct tail_action {
    tail_step step;
    file_key key = 0;
};

struct tail_counters {
    explicit tail_counters(metrics& registry, const label_values& labels);
    gauge files;
    gauge open_files;
    counter truncations;
    counter rotations;
    counter rewinds;
    counter bytes_lost;
    gauge lag_bytes;
    gauge unacked_bytes;
};

class tail_set {
  public:
    using time_point = clock::duration;

    struct now_at {
        time_point steady{};
        timestamp_ms wall{0};
    };

    tail_set(tail_options options, sincedb& state, tail_counters counters, logger log);

    // What the disk says.
    void observe(const sighting& seen, now_at now);
    void vanished(const std::string& path, now_at now);
    /// Something was written to the file of this name.
    void touched(const std::string& path);
    /// Between the two, every name in the glob is observed, known files first.
    void discovery_begins() { ++round_; }
    /// The names that were known and have not been observed: stat each, then observe or vanished.
    std::vector<std::string> discovery_ended();
    /// Files of which something is known already.
    [[nodiscard]] bool knows(const file_identity& identity) const;
    /// Every file whose changes are not told, or all files after events were lost.
    void check_files(bool all);
    /// Once per stat interval.
    void tick(now_at now);

    // What became of actions.
    void checked(file_key key, const result<file_stat>& found, now_at now);
    void opened(file_key key, const result<file_stat>& found, now_at now);
    void was_read(file_key key, std::size_t size, now_at now);
    void read_failed(file_key key, now_at now);
    /// What follows can never be read: the file ends here, and is kept.
    void read_damage(file_key key, now_at now);
    void finished(file_key key);
    /// `done` false: it was not, because the file has grown.
    void completed(file_key key, bool done);
    /// Lines up to `end` gave no event.
    void skipped(file_key key, std::int64_t end, now_at now);
    void checkpointed();

    void settled(const handed_range& range, ack_verdict verdict, now_at now);
    void handed_on(const handed_range& range) { unacked_size_ += range.size; }

    /// No more reads for now: the pipeline is full.
    void set_paused(bool is_paused) noexcept { is_paused_ = is_paused; }
    /// The next thing to do; nullopt when there is nothing (now).
    std::optional<tail_action> next_action(time_point now);
    /// When next_action() may say something though nothing has happened; nullopt: never.
    [[nodiscard]] std::optional<time_point> next_wake() const;
    /// Moves what has changed into the sincedb.
    void save_records();
    [[nodiscard]] bool has_unsaved() const noexcept { return !dirty_.empty(); }

    /// Null when the file has been dropped.
    [[nodiscard]] tailed_file* find(file_key key);
    [[nodiscard]] bool is_open(file_key key) const;
    [[nodiscard]] bool is_polled(file_key key) const;
    [[nodiscard]] bool is_compressed(file_key key) const;
    [[nodiscard]] bool is_damaged(file_key key) const;
    [[nodiscard]] const sincedb& state() const noexcept { return state_; }
    [[nodiscard]] std::size_t size() const noexcept { return files_.size(); }
    [[nodiscard]] std::size_t open_count() const noexcept { return open_.size(); }
    [[nodiscard]] std::int64_t unacked_size() const noexcept { return unacked_size_; }
    /// mode => read: every file there is has been read and acknowledged.
    [[nodiscard]] bool is_exhausted() const;

  private:
    struct entry {
        explicit entry(tailed_file made) : file(std::move(made)) {}
        tailed_file file;
        file_key predecessor = 0;
        time_point active{};
        time_point retry_at{};
        clock::duration back_off{};
        std::int64_t turn_left = 0;
        std::uint32_t links = 1;
        std::uint32_t name_count = 0;
        bool is_matched = false;
        bool is_polled = false;
        bool is_open = false;
        /// It may not be opened; its successor does not wait for it.
        bool is_forbidden = false;
        bool is_ready = false;
        bool is_checking = false;
        bool is_dirty = false;
        /// Its generation is in the checkpoint: lines may be named after it.
        bool is_durable = false;
        bool is_orphan = false;
        bool is_finished = false;
        bool is_finishing = false;
        bool is_completing = false;
        /// gz: the size says nothing about what is left to read.
        bool is_compressed = false;
        bool is_damaged = false;
        bool at_end = false;
    };
    struct name_entry {
        file_key key = 0;
        std::uint64_t round = 0;
        bool is_matched = true;
    };

    entry* lookup(file_key key);
    entry* make_entry(const sighting& seen, now_at now);
    [[nodiscard]] checkpoint_record first_record(const sighting& seen, now_at now) const;
    [[nodiscard]] bool is_new_since_last_run(const sighting& seen) const;
    void attach(entry& to, const sighting& seen, now_at now);
    void detach(std::map<std::string, name_entry>::iterator name, now_at now);
    void find_predecessor(entry& of);
    void update_size(entry& of, const file_stat& stat, now_at now);
    void truncate(entry& which, std::int64_t size, now_at now);
    void make_ready(entry& which);
    void mark_dirty(entry& which);
    void check(entry& which);
    void close(entry& which);
    void drop(file_key key);
    [[nodiscard]] bool has_backlog(const entry& which) const;
    [[nodiscard]] bool must_wait(const entry& which, time_point now);
    std::optional<tail_action> next_read(time_point now);
    std::optional<tail_action> open_action(entry& which, time_point now);
    void set_retry(entry& which, time_point now);
    void lower_limit(const error& why);
    void tick_orphan(entry& which, now_at now);
    void tick_open(entry& which, now_at now);
    void finish_if_done(entry& which);

    tail_options options_;
    sincedb& state_;
    tail_counters counters_;
    logger log_;
    std::unordered_map<file_key, entry> files_;
    std::unordered_map<file_identity, file_key> by_identity_;
    std::map<std::string, name_entry> by_path_;
    /// The youngest file of each lineage.
    std::unordered_map<std::string, file_key> by_lineage_;
    std::deque<file_key> ready_;
    std::deque<file_key> checks_;
    std::deque<tail_action> tasks_;
    std::vector<file_key> fresh_;
    std::vector<file_key> dirty_;
    std::vector<file_key> orphans_;
    std::vector<file_key> polled_;
    std::vector<file_key> open_;
    file_key next_key_ = 1;
    std::uint64_t round_ = 0;
    std::int64_t unacked_size_ = 0;
    bool is_paused_ = false;
    bool is_first_discovery_ = true;
    bool is_discovered_ = false;
    /// A generation has begun: remembered at once, since later the sizes may not tell any more.
    bool is_urgent_ = false;
    std::optional<time_point> wake_at_;
    time_point limit_warned_at_ = -std::chrono::hours(1);
};

} // namespace logboom::agent
