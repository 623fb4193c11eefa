// What survives a crash: for each file identity the generation and the position up to which it has
// been delivered. Held in memory and written to the file that sincedb_path names, by appending what
// changed (one fsync for all of it) and by writing the whole anew, with a copy, when that got long.
// A write that fails leaves the old state in place and is tried again. Owned by the input's thread.
#pragma once

#include "agent/file/sincedb_format.h"
#include "base/env.h"
#include "base/log.h"

#include <chrono>
#include <memory>
#include <unordered_map>

namespace logboom::agent {

class sincedb {
  public:
    static constexpr std::string_view copy_suffix = ".copy";

    /// `path` empty: nothing is read or written (/dev/null). `clean_after`: how long the record of
    /// a file that is gone is kept.
    sincedb(env& disk, std::string path, std::chrono::nanoseconds clean_after, logger log);

    /// Reads what there is, ours or Logstash's. Never fails: what cannot be read is put aside, and
    /// what it may have said is taken from the copy. `written`: when somebody has last written to
    /// it, where that is known; a record of Logstash's may not have a time of its own.
    void load(timestamp_ms now, std::optional<timestamp_ms> written = {});

    /// The record of this file: of the same birth time, or a foreign one; null when unknown.
    [[nodiscard]] const checkpoint_record* find(const file_identity& identity) const;
    /// The record of a file of this device and inode that does not say when it was born: imported,
    /// and perhaps of another file (foreign_record.h). Null when there is none.
    [[nodiscard]] const checkpoint_record* find_foreign(const file_identity& identity) const;
    /// It was loaded that a file had this name.
    [[nodiscard]] bool knows_path(const std::string& path) const;
    /// The record of a file that has not been seen since it was loaded and that had this inode and
    /// birth time on a device of another number; null when there is none.
    [[nodiscard]] const checkpoint_record* find_moved(const file_identity& identity) const;
    /// The records of files that had this name and have not been seen since they were loaded.
    [[nodiscard]] std::vector<const checkpoint_record*> missing_at(const std::string& path) const;
    /// When the state that was loaded was written; nullopt when there was none.
    [[nodiscard]] std::optional<timestamp_ms> loaded_from() const noexcept { return loaded_from_; }
    [[nodiscard]] const auto& records() const noexcept { return records_; }

    /// Takes over the record that another input has left; false when there is one of this file.
    bool inherit(const checkpoint_record& record);
    /// When what was inherited was written; without effect where something was loaded.
    void inherit_time(std::optional<timestamp_ms> written);
    /// Those of files that are gone for longer than clean_after.
    void forget_expired(timestamp_ms now);

    /// The record of a file that exists. Replaces one without birth time of the same inode.
    void put(checkpoint_record record);
    /// The file of this record is there, and nothing has changed.
    void revive(const file_identity& identity);
    /// The file is out of sight: its record stays until clean_after has passed.
    void retire(const file_identity& identity);
    /// The file is gone for good.
    void remove(const file_identity& identity);

    [[nodiscard]] bool has_changes() const noexcept { return !changed_.empty() || is_unsynced_; }
    /// Makes all changes durable, or none that are not yet. Writes all when the file is gone.
    result<void> write(timestamp_ms now);
    /// Puts all changes where they survive this process, though not a loss of power before the next
    /// write(). Cheap; does nothing before the first write(). Returns how many there were.
    result<std::size_t> note(timestamp_ms now);

  private:
    struct held_record {
        checkpoint_record record;
        bool is_live = false;
    };

    void take(checkpoint_entry entry);
    /// What an empty sincedb means is not known to everybody.
    void say_empty() const;
    void index(const checkpoint_record& record);
    /// Null when it has been seen, or removed.
    [[nodiscard]] const checkpoint_record* find_missing(const file_identity& identity) const;
    /// Not all of `found` could be read: takes what the copy has, and says so.
    void mend(const parsed_sincedb& found, std::string_view text, std::string_view copy);
    void put_aside(std::string_view suffix, std::string_view text);
    result<void> keep_aside();
    [[nodiscard]] bool has_expired(const held_record& held, timestamp_ms now) const;
    result<void> rewrite(timestamp_ms now);
    result<void> append(timestamp_ms now);

    env& disk_;
    std::string path_;
    std::chrono::nanoseconds clean_after_;
    logger log_;
    std::unordered_map<file_identity, held_record> records_;
    // Of the records that were loaded.
    std::unordered_multimap<std::string, file_identity> loaded_by_path_;
    std::unordered_multimap<std::uint64_t, file_identity> loaded_by_inode_;
    /// Identities whose line in the file is old, and what became of them (false: removed).
    std::unordered_map<file_identity, bool> changed_;
    std::optional<timestamp_ms> loaded_from_;
    bool has_loaded_ = false;
    /// What the file was, to be kept there before it is written anew.
    std::string aside_;
    std::string aside_path_;
    std::unique_ptr<file> appending_;
    std::uint64_t file_size_ = 0;
    std::uint64_t size_after_rewrite_ = 0;
    bool is_unsynced_ = false;
    bool is_read_only_ = false;
};

} // namespace logboom::agent
