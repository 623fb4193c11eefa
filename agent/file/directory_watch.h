// Tells of changes in directories through inotify: one watch per directory, none per file. What it
// cannot watch (no watches left, a network file system) must be polled. One thread; another one
// empties the kernel's queue while that is kept from it (a long search): the queue is short, and
// what it drops is a rotation that nobody hears of.
#pragma once

#include "base/log.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

struct inotify_event;

namespace logboom::agent {

struct directory_change {
    enum class kind {
        written,
        /// Closed by somebody who could write to it; told only when asked for.
        closed,
        /// Created or renamed to this name.
        appeared,
        /// Deleted or renamed to another name.
        gone,
        /// A directory came, went or moved: discover again.
        directories,
        /// Changes were lost: look at everything.
        overflow,
    };
    kind what = kind::overflow;
    std::string path;
    /// appeared: the name it had before, when that lay in a watched directory too.
    std::string from;
};

class directory_watch {
  public:
    /// `hears_closing`: that files are closed is told too.
    explicit directory_watch(logger log, bool hears_closing = false);
    ~directory_watch();
    directory_watch(const directory_watch&) = delete;
    directory_watch& operator=(const directory_watch&) = delete;

    /// False when the directory has to be polled. Again when it is watched already: another one may
    /// have its name now.
    bool add(const std::string& directory, bool holds_files);
    /// -1 when there is no inotify.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    /// From now on nothing is dropped while nobody calls take(). `tell` wakes who does: the
    /// descriptor may not be readable any more. Called by the other thread.
    void keep_reading(std::function<void()> tell);
    /// Appends what has happened, a file that was written to once; does not block.
    void take(std::vector<directory_change>& into);

  private:
    struct watched {
        std::string path;
        bool holds_files = false;
    };

    void drain();
    void translate(const inotify_event& head, const char* name);
    void forget(int watch);

    logger log_;
    std::uint32_t files_mask_;
    int descriptor_;
    std::unordered_map<int, watched> by_watch_;
    std::unordered_map<std::string, int> by_path_;
    /// Of the last name that something was moved away from; the name it got comes next.
    std::uint32_t move_cookie_ = 0;
    std::string moved_from_;
    bool has_complained_ = false;

    /// Guards all but the descriptor.
    std::mutex mutex_;
    std::vector<directory_change> pending_;
    /// The files that are in pending_ as written, and not as closed after that.
    std::unordered_set<std::string> written_;
    std::condition_variable_any stopped_;
    std::jthread reader_;
};

} // namespace logboom::agent
