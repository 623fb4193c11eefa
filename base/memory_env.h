// A file system in memory that can lose power: what was not synced is gone after crash(). For tests
// of everything that promises durability. Semantics of ext4 with data=ordered, made strict: bytes
// survive from the last sync() of their file (a torn tail of the unsynced bytes may survive too, by
// seed), names survive from the last sync_directory() of their parent. A rename survives
// atomically. Thread-safe. Owned by the test; files it opened must not outlive it.
#pragma once

#include "base/env.h"

#include <functional>
#include <map>
#include <mutex>
#include <set>

namespace logboom {

class memory_env final : public env {
  public:
    /// Called before each write, truncate, sync, rename and remove with the operation's name and
    /// the path; an error it returns is what the caller gets, and nothing is done.
    using fault = std::function<result<void>(std::string_view operation, const std::string& path)>;

    memory_env() = default;

    void set_fault(fault hook);
    /// Forgets unsynced bytes and names. Of unsynced bytes appended past the synced size a prefix
    /// survives whose length `keep` chooses (given the number of such bytes). Open files go stale:
    /// using them is an error.
    void crash(const std::function<std::size_t(std::size_t)>& keep = {});

    result<std::unique_ptr<file>> open(const std::string& path, open_mode mode) override;
    bool exists(const std::string& path) override;
    result<std::vector<std::string>> list(const std::string& path) override;
    bool is_directory(const std::string& path) override;
    result<unsigned> permissions(const std::string& path) override;
    result<void> make_directories(const std::string& path) override;
    result<void> rename(const std::string& from, const std::string& to) override;
    result<void> remove(const std::string& path) override;
    result<void> remove_tree(const std::string& path) override;
    result<void> sync_directory(const std::string& path) override;
    result<std::unique_ptr<file_lock>> lock(const std::string& path) override;

    struct inode;

  private:
    friend class memory_file;
    friend class memory_lock;
    using directory_entries = std::map<std::string, std::shared_ptr<inode>>;

    /// A rename between directories of which neither was synced since.
    struct pending_move {
        std::string from;
        std::string to;
        std::shared_ptr<inode> node;
    };

    // All with the mutex held.
    result<void> check(std::string_view operation, const std::string& path);
    [[nodiscard]] bool has_directory(const std::string& path) const;
    result<void> create(const std::string& path);
    result<void> rename_directory(const std::string& from, const std::string& to);

    std::mutex mutex_;
    fault fault_;
    /// Full path to inode; what a running program sees, and what survives a crash.
    directory_entries live_;
    directory_entries durable_;
    std::vector<pending_move> moves_;
    std::set<std::string> directories_;
    std::set<std::string> locks_;
    std::uint64_t life_ = 0;
};

} // namespace logboom
