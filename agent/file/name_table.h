// Under which names files are known, and which file follows which under a name. Says nothing of
// what is in them. Input's thread.
#pragma once

#include "agent/file/followed_file.h"

#include <map>
#include <string>
#include <vector>

namespace logboom::agent {

class name_table {
  public:
    struct name {
        file_key key = 0;
        /// Of the discovery that has last seen it.
        std::uint64_t round = 0;
        bool is_matched = true;
    };

    /// Null when no file is known to have it.
    [[nodiscard]] const name* find(const std::string& path) const;
    /// The name is the file's, as of this round; it was nobody's or the file's already. True when
    /// it is new to the file.
    bool bind(const std::string& path, followed_file& to, bool is_matched);
    /// The name is no longer the file's, whose it was. A name that it has left becomes its path.
    void unbind(const std::string& path, followed_file& from);
    /// All its names.
    void forget(const followed_file& which);

    void begin_round() noexcept { ++round_; }
    /// The names that this round has not seen.
    [[nodiscard]] std::vector<std::string> unseen() const;

    /// The file becomes the youngest of its lineage, and the one before its predecessor.
    void join_lineage(followed_file& which);
    void leave_lineage(const followed_file& which);

  private:
    std::map<std::string, name> by_path_;
    /// The youngest file of each.
    std::unordered_map<std::string, file_key> by_lineage_;
    std::uint64_t round_ = 0;
};

} // namespace logboom::agent
