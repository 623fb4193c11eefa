// Who is who among the files of one input: takes what is seen under a name for the file that it is,
// by identity, old or new; notices renames, new files and truncations, and tells the schedule. Owns
// the followed files. No system calls, no clock of its own. Input's thread.
#pragma once

#include "agent/file/name_table.h"
#include "agent/file/read_schedule.h"
#include "agent/file/record_book.h"

#include <optional>

namespace logboom::agent {

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
    /// The file of this record has another identity now.
    std::optional<file_identity> same_as = {};
    /// Rather, it is a copy of what that file held before it was truncated.
    bool is_copy = false;
    /// Or a copy of what that file still holds.
    bool is_backup = false;
    /// What it held before it was truncated is there in a copy, which is read in its stead.
    bool has_copy = false;
    /// What was known of its inode is of another file, so that nothing of this one has been read.
    bool is_disowned = false;
};

class file_table {
  public:
    file_table(
        const tail_options& options,
        followed_files& files,
        record_book& records,
        read_schedule& schedule,
        tail_counters& counters,
        logger log
    );

    void observe(const sighting& seen, now_at now);
    void vanished(const std::string& path, now_at now);
    /// Something was written to the file of this name.
    void touched(const std::string& path);
    /// Who had it open for writing has closed it.
    void closed(const std::string& path);
    /// Between the two, every name in the glob is observed, known files first.
    void discovery_begins() noexcept { names_.begin_round(); }
    /// The names that were known and have not been observed: stat each, then observe or vanished.
    std::vector<std::string> discovery_ended();
    [[nodiscard]] bool is_discovered() const noexcept { return is_discovered_; }
    /// Something is known of this file already.
    [[nodiscard]] bool knows(const file_identity& identity) const;
    [[nodiscard]] const sincedb& state() const noexcept { return records_.state(); }

    /// What is known of its inode is of another file.
    void disown(const file_identity& identity);

    /// What was found at the path of the file, which is another one.
    void found_other(const followed_file& which, const file_stat& other, now_at now);
    /// What a stat of the file itself says.
    void measured(followed_file& which, const file_stat& stat, now_at now);
    /// It has no names in the glob, or none at all. Changes hands: tail_set's list.
    std::vector<file_key> take_orphans() noexcept { return std::exchange(new_orphans_, {}); }
    /// The files whose changes are not told.
    [[nodiscard]] const std::vector<file_key>& polled();
    /// Its contents are not what they were: it has begun anew, of this size now.
    void truncate(followed_file& which, std::int64_t size, now_at now);
    void drop(followed_file& which);

  private:
    followed_file* lookup(file_key key);
    followed_file* lookup(const std::string& path);
    /// Whether the NULs at its end are to be looked at again.
    static void measure_blank(followed_file& which, const file_stat& stat);
    void measure_archive(followed_file& which, std::int64_t size, now_at now);
    followed_file* make(const sighting& seen, now_at now);
    /// What the sincedb says of it; null when it says nothing.
    [[nodiscard]] const checkpoint_record* known_record(const sighting& seen) const;
    /// The file of this record was truncated, and what it held is read elsewhere.
    void begin_anew(checkpoint_record& record, now_at now);
    /// The file of this record has another identity now: its lines keep their names.
    void take_over(checkpoint_record& record, const sighting& seen);
    [[nodiscard]] checkpoint_record first_record(const sighting& seen, now_at now) const;
    [[nodiscard]] bool is_new_since_last_run(const sighting& seen) const;
    void attach(followed_file& to, const sighting& seen, now_at now);
    void detach(const std::string& path, now_at now);
    void note_if_orphan(followed_file& which);

    const tail_options& options_;
    followed_files& files_;
    record_book& records_;
    read_schedule& schedule_;
    tail_counters& counters_;
    logger log_;
    std::unordered_map<file_identity, file_key> by_identity_;
    name_table names_;
    std::vector<file_key> new_orphans_;
    std::vector<file_key> polled_;
    file_key next_key_ = 1;
    bool is_discovered_ = false;
};

} // namespace logboom::agent
