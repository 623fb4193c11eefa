// inotify: one watch a directory, the kernel's records turned into changes, and the thread that
// keeps its queue short.
#include "agent/file/directory_watch.h"

#include "agent/file/file_identity.h"
#include "base/env.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <sys/inotify.h>
#include <unistd.h>
#include <utility>

namespace logboom::agent {
namespace {

constexpr std::uint32_t self_mask = IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;
constexpr std::uint32_t directories_mask = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | self_mask;
constexpr std::uint32_t files_mask = directories_mask | IN_MODIFY | IN_DELETE;
constexpr std::size_t buffer_size = std::size_t{64} * 1024;

} // namespace

directory_watch::directory_watch(logger log, bool hears_closing)
    : log_(std::move(log))
    , files_mask_(files_mask | (hears_closing ? IN_CLOSE_WRITE : 0U))
    , descriptor_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

directory_watch::~directory_watch() {
    reader_ = {};
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

void directory_watch::keep_reading(std::function<void()> tell) {
    static constexpr auto interval = std::chrono::milliseconds(250);
    if (descriptor_ < 0 || reader_.joinable()) {
        return;
    }
    reader_ = std::jthread([this, tell = std::move(tell)](const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        while (!stop.stop_requested()) {
            stopped_.wait_for(lock, stop, interval, [] { return false; });
            drain();
            if (!pending_.empty()) {
                tell();
            }
        }
    });
}

bool directory_watch::add(const std::string& directory, bool holds_files) {
    const std::lock_guard lock(mutex_);
    const auto known = by_path_.find(directory);
    if (descriptor_ < 0 || (known == by_path_.end() && is_remote(directory))) {
        return false;
    }
    const bool has_files =
        holds_files || (known != by_path_.end() && by_watch_.at(known->second).holds_files);
    const std::uint32_t mask = has_files ? files_mask_ : directories_mask;
    const int watch = inotify_add_watch(descriptor_, directory.c_str(), mask);
    if (watch < 0) {
        const int why = errno;
        if (why != ENOENT && why != ENOTDIR && !has_complained_) {
            has_complained_ = true;
            log_.warn(
                "A directory cannot be watched and is polled instead path={} error=\"{}\"{}",
                directory,
                std::strerror(why),
                why == ENOSPC ? "; raise fs.inotify.max_user_watches" : ""
            );
        }
        return false;
    }
    // The same directory may have been known under another name (a link, or it was moved).
    if (const auto old = by_watch_.find(watch); old != by_watch_.end()) {
        if (old->second.path != directory) {
            return false;
        }
    }
    // Another directory has this name now: a link was turned, or one above it was moved or mounted.
    if (known != by_path_.end() && known->second != watch) {
        forget(known->second);
    }
    by_watch_[watch] = {directory, has_files};
    by_path_[directory] = watch;
    return true;
}

void directory_watch::forget(int watch) {
    const auto found = by_watch_.find(watch);
    if (found == by_watch_.end()) {
        return;
    }
    by_path_.erase(found->second.path);
    by_watch_.erase(found);
    inotify_rm_watch(descriptor_, watch);
}

void directory_watch::translate(const inotify_event& head, const char* name) {
    using kind = directory_change::kind;
    const int watch = head.wd;
    const std::uint32_t mask = head.mask;
    if ((mask & IN_Q_OVERFLOW) != 0) {
        pending_.push_back({kind::overflow, {}, {}});
        return;
    }
    if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0) {
        if (by_watch_.contains(watch)) {
            forget(watch);
            pending_.push_back({kind::directories, {}, {}});
        }
        return;
    }
    const auto found = by_watch_.find(watch);
    if (found == by_watch_.end()) {
        return;
    }
    if ((mask & IN_ISDIR) != 0) {
        pending_.push_back({kind::directories, {}, {}});
        return;
    }
    if (!found->second.holds_files) {
        return;
    }
    const kind what = (mask & IN_MODIFY) != 0                   ? kind::written
                      : (mask & IN_CLOSE_WRITE) != 0            ? kind::closed
                      : (mask & (IN_CREATE | IN_MOVED_TO)) != 0 ? kind::appeared
                                                                : kind::gone;
    std::string path = join_path(found->second.path, name);
    if (what == kind::written && !written_.insert(path).second) {
        return;
    }
    if (what == kind::closed) {
        written_.erase(path);
    }
    pending_.push_back({what, std::move(path), {}});
    if ((mask & IN_MOVED_FROM) != 0) {
        move_cookie_ = head.cookie;
        moved_from_ = pending_.back().path;
    } else if ((mask & IN_MOVED_TO) != 0 && head.cookie == move_cookie_) {
        pending_.back().from = std::exchange(moved_from_, {});
    }
}

void directory_watch::drain() {
    alignas(inotify_event) std::array<char, buffer_size> buffer;
    // Bounded, so that a flood of changes cannot keep the thread from reading.
    constexpr int rounds_max = 16;
    constexpr std::size_t pending_max = 50'000;
    for (int round = 0; round < rounds_max && pending_.size() < pending_max; ++round) {
        const auto size = ::read(descriptor_, buffer.data(), buffer.size());
        if (size <= 0) {
            return;
        }
        for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
            inotify_event head{};
            std::memcpy(&head, buffer.data() + at, sizeof head);
            const char* name = buffer.data() + at + sizeof head;
            translate(head, head.len > 0 ? name : "");
            at += sizeof head + head.len;
        }
    }
}

void directory_watch::take(std::vector<directory_change>& into) {
    if (descriptor_ < 0) {
        return;
    }
    const std::lock_guard lock(mutex_);
    drain();
    std::move(pending_.begin(), pending_.end(), std::back_inserter(into));
    pending_.clear();
    written_.clear();
}

} // namespace logboom::agent
