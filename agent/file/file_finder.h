// Finds the files of the globs on the real disk and tells the file_table: full searches, single
// names that a directory_watch reports, and files that were renamed out of the glob while nobody
// looked. Input's thread only; all calls may block on the disk.
#pragma once

#include "agent/file/directory_watch.h"
#include "agent/file/file_options.h"
#include "agent/file/file_table.h"

#include <set>
#include <unordered_map>

namespace logboom::agent {

class file_finder {
  public:
    file_finder(
        const file_options& options, file_table& files, directory_watch& watch, logger log = {}
    );

    /// Searches all globs.
    void discover(now_at now);
    /// Looks at one name again, wherever it may stand.
    void look_at(const std::string& path, now_at now);

    /// What lies at `to` now had the name `from`.
    void note_rename(const std::string& from, const std::string& to, now_at now);

    /// Of all directories of the last search inotify tells.
    [[nodiscard]] bool is_all_watched() const noexcept { return polled_directories_.empty(); }

  private:
    class collector;
    struct earlier_name {
        std::string path;
        clock::duration noted{};

        [[nodiscard]] bool is_old(now_at now) const noexcept;
    };

    std::vector<sighting> search();
    /// Says, once each, that a glob has found nothing so far and that it has found something.
    void say(const glob& pattern, std::size_t number, std::size_t files);
    /// Files that are unknown may be known under another identity, or copies of what a truncated
    /// one held.
    void identify(std::vector<sighting>& all);
    void identify(sighting& seen, const std::vector<sighting>& others) const;
    /// What a foreign sincedb says of its inode may be of a file that is gone.
    void doubt(sighting& seen);
    /// Known files outside the globs, and what was rotated while nobody looked.
    void find_rotated(const sincedb& state, std::vector<sighting>& into) const;
    [[nodiscard]] bool is_generation(const sincedb& state, const std::string& path) const;
    /// The log that it is a generation of, by its name, which `exists` says of.
    template <class Exists>
    [[nodiscard]] std::string log_of(const sighting& seen, Exists exists) const;
    void find_lineages(std::vector<sighting>& found) const;
    void sort(std::vector<sighting>& found) const;
    /// The generations of one log among themselves: the oldest first.
    void sort_generations(std::vector<sighting>& found) const;
    [[nodiscard]] bool is_polled(const std::string& path) const;

    const file_options& options_;
    file_table& files_;
    directory_watch& watch_;
    /// Those that hold files, from the last search.
    std::set<std::string> directories_;
    std::set<std::string> polled_directories_;
    /// Names outside the globs that something was renamed to which had a name in them, with that
    /// name: files that came and were rotated before they could be looked at.
    std::unordered_map<std::string, earlier_name> rotated_;
    bool has_searched_ = false;
    logger log_;
    /// By the globs' numbers.
    std::vector<bool> has_matched_;
};

} // namespace logboom::agent
