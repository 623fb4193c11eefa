// A file system in memory that can lose power: what is live, and what of it a crash would leave.
#include "base/memory_env.h"

#include <algorithm>
#include <cerrno>

namespace logboom {

struct memory_env::inode {
    std::string content;
    std::string synced;
};

namespace {

error os_error(int code, std::string context) {
    return {std::error_code(code, std::system_category()), std::move(context)};
}

bool is_below(const std::string& path, const std::string& directory) {
    return path.size() > directory.size() && path.starts_with(directory) &&
           path[directory.size()] == '/';
}

std::string without_slash(std::string path) {
    while (path.size() > 1 && path.back() == '/') {
        path.pop_back();
    }
    return path;
}

} // namespace

class memory_file final : public file {
  public:
    memory_file(
        memory_env& home, std::shared_ptr<memory_env::inode> node, std::string path, open_mode mode
    )
        : home_(home)
        , node_(std::move(node))
        , path_(std::move(path))
        , can_write_(mode != open_mode::read_only)
        , life_(home.life_) {}

    result<std::size_t> pread(mutable_bytes into, std::uint64_t at) const override {
        const std::lock_guard guard(home_.mutex_);
        if (life_ != home_.life_) {
            return os_error(ESTALE, path_);
        }
        if (at >= node_->content.size() || into.empty()) {
            return std::size_t{0};
        }
        const auto count = std::min<std::size_t>(into.size(), node_->content.size() - at);
        std::memcpy(into.data(), node_->content.data() + at, count);
        return count;
    }
    result<void> pwrite(bytes_view from, std::uint64_t at) override {
        return change("write", can_write_ ? 0 : EBADF, [&] {
            if (node_->content.size() < at + from.size()) {
                node_->content.resize(at + from.size());
            }
            std::copy_n(
                reinterpret_cast<const char*>(from.data()),
                from.size(),
                node_->content.begin() + static_cast<std::ptrdiff_t>(at)
            );
        });
    }
    result<void> truncate(std::uint64_t size) override {
        return change("truncate", can_write_ ? 0 : EINVAL, [&] { node_->content.resize(size); });
    }
    result<void> sync() override {
        return change("sync", 0, [&] { node_->synced = node_->content; });
    }
    result<std::uint64_t> size() const override {
        const std::lock_guard guard(home_.mutex_);
        if (life_ != home_.life_) {
            return os_error(ESTALE, path_);
        }
        return std::uint64_t{node_->content.size()};
    }
    int descriptor() const noexcept override { return -1; }

  private:
    template <class Action>
    result<void> change(std::string_view operation, int refusal, Action action) {
        const std::lock_guard guard(home_.mutex_);
        if (life_ != home_.life_) {
            return os_error(ESTALE, path_);
        }
        if (refusal != 0) {
            return os_error(refusal, path_);
        }
        LB_CHECK(home_.check(operation, path_));
        action();
        return {};
    }

    memory_env& home_;
    std::shared_ptr<memory_env::inode> node_;
    std::string path_;
    bool can_write_;
    std::uint64_t life_;
};

class memory_lock final : public file_lock {
  public:
    memory_lock(memory_env& home, std::string path)
        : home_(home), path_(std::move(path)), life_(home.life_) {}
    ~memory_lock() override {
        const std::lock_guard guard(home_.mutex_);
        // The lock of a process that died in the crash is no longer its own.
        if (life_ == home_.life_) {
            home_.locks_.erase(path_);
        }
    }
    memory_lock(const memory_lock&) = delete;
    memory_lock& operator=(const memory_lock&) = delete;

  private:
    memory_env& home_;
    std::string path_;
    std::uint64_t life_;
};

void memory_env::set_fault(fault hook) {
    const std::lock_guard guard(mutex_);
    fault_ = std::move(hook);
}

result<void> memory_env::check(std::string_view operation, const std::string& path) {
    if (fault_) {
        return fault_(operation, path);
    }
    return {};
}

void memory_env::crash(const std::function<std::size_t(std::size_t)>& keep) {
    const std::lock_guard guard(mutex_);
    ++life_;
    locks_.clear();
    moves_.clear();
    live_ = durable_;
    for (auto& [path, node] : live_) {
        std::string after = node->synced;
        const bool appended = node->content.size() > after.size() &&
                              node->content.compare(0, after.size(), after) == 0;
        if (appended && keep) {
            const auto extra = node->content.size() - after.size();
            after = node->content.substr(0, after.size() + std::min(extra, keep(extra)));
        }
        node->content = after;
        node->synced = after;
    }
}

bool memory_env::has_directory(const std::string& path) const {
    return path == "." || path == "/" || directories_.contains(without_slash(path));
}

result<void> memory_env::create(const std::string& path) {
    if (!has_directory(parent_path(path))) {
        return os_error(ENOENT, path);
    }
    LB_CHECK(check("create", path));
    live_.emplace(path, std::make_shared<inode>());
    return {};
}

result<std::unique_ptr<file>> memory_env::open(const std::string& path, open_mode mode) {
    const std::lock_guard guard(mutex_);
    if (directories_.contains(without_slash(path))) {
        return os_error(EISDIR, path);
    }
    if (const auto found = live_.find(path); found == live_.end()) {
        if (mode == open_mode::read_only) {
            return os_error(ENOENT, path);
        }
        LB_CHECK(create(path));
    } else if (mode == open_mode::truncate) {
        LB_CHECK(check("truncate", path));
        found->second->content.clear();
    }
    return std::unique_ptr<file>(std::make_unique<memory_file>(*this, live_.at(path), path, mode));
}

bool memory_env::exists(const std::string& path) {
    const std::lock_guard guard(mutex_);
    return live_.contains(path) || directories_.contains(without_slash(path));
}

bool memory_env::is_directory(const std::string& path) {
    const std::lock_guard guard(mutex_);
    return directories_.contains(without_slash(path));
}

result<unsigned> memory_env::permissions(const std::string& given) {
    const std::lock_guard guard(mutex_);
    const std::string path = without_slash(given);
    if (directories_.contains(path)) {
        return directory_mode;
    }
    return live_.contains(path) ? result<unsigned>(file_mode) : os_error(ENOENT, path);
}

result<std::vector<std::string>> memory_env::list(const std::string& given) {
    const std::lock_guard guard(mutex_);
    const std::string path = without_slash(given);
    if (!directories_.contains(path)) {
        return os_error(live_.contains(path) ? ENOTDIR : ENOENT, path);
    }
    std::vector<std::string> names;
    const auto add = [&](const std::string& each) {
        if (is_below(each, path) && each.find('/', path.size() + 1) == std::string::npos) {
            names.push_back(each.substr(path.size() + 1));
        }
    };
    for (const auto& [each, node] : live_) {
        add(each);
    }
    for (const std::string& each : directories_) {
        add(each);
    }
    return names;
}

result<void> memory_env::make_directories(const std::string& given) {
    const std::lock_guard guard(mutex_);
    std::vector<std::string> missing;
    for (std::string path = without_slash(given); !has_directory(path); path = parent_path(path)) {
        if (live_.contains(path)) {
            return os_error(ENOTDIR, path);
        }
        missing.push_back(path);
    }
    // Directories are durable at once: no code of ours depends on losing one.
    directories_.insert(missing.begin(), missing.end());
    return {};
}

result<void> memory_env::rename_directory(const std::string& from, const std::string& to) {
    const bool is_filled = std::any_of(live_.begin(), live_.end(), [&](const auto& entry) {
        return is_below(entry.first, to);
    });
    if (live_.contains(to) || is_filled) {
        return os_error(is_filled ? ENOTEMPTY : ENOTDIR, from + " -> " + to);
    }
    if (is_below(to, from)) {
        return os_error(EINVAL, from + " -> " + to);
    }
    const auto moved = [&](const std::string& path) {
        const bool is_inside = path == from || is_below(path, from);
        return is_inside ? to + path.substr(from.size()) : path;
    };
    for (directory_entries* entries : {&live_, &durable_}) {
        directory_entries all;
        for (auto& [path, node] : *entries) {
            all.emplace(moved(path), node);
        }
        *entries = std::move(all);
    }
    std::set<std::string> directories;
    for (const std::string& path : directories_) {
        directories.insert(moved(path));
    }
    directories_ = std::move(directories);
    for (pending_move& each : moves_) {
        each = {moved(each.from), moved(each.to), each.node};
    }
    return {};
}

result<void> memory_env::rename(const std::string& given, const std::string& given_to) {
    const std::lock_guard guard(mutex_);
    const std::string from = without_slash(given);
    const std::string to = without_slash(given_to);
    LB_CHECK(check("rename", from));
    const auto found = live_.find(from);
    const bool is_directory = directories_.contains(from);
    if ((found == live_.end() && !is_directory) || !has_directory(parent_path(to))) {
        return os_error(ENOENT, from + " -> " + to);
    }
    if (from == to) {
        return {};
    }
    if (is_directory) {
        return rename_directory(from, to);
    }
    if (directories_.contains(to)) {
        return os_error(EISDIR, from + " -> " + to);
    }
    const auto node = found->second;
    live_.erase(found);
    live_[to] = node;
    if (parent_path(from) != parent_path(to)) {
        moves_.push_back({from, to, node});
    }
    return {};
}

result<void> memory_env::remove(const std::string& path) {
    const std::lock_guard guard(mutex_);
    LB_CHECK(check("remove", path));
    if (live_.erase(path) == 0) {
        return os_error(ENOENT, path);
    }
    return {};
}

result<void> memory_env::remove_tree(const std::string& given) {
    const std::lock_guard guard(mutex_);
    const std::string path = without_slash(given);
    LB_CHECK(check("remove", path));
    const auto inside = [&](const std::string& each) {
        return each == path || is_below(each, path);
    };
    std::erase_if(live_, [&](const auto& entry) { return inside(entry.first); });
    std::erase_if(durable_, [&](const auto& entry) { return inside(entry.first); });
    std::erase_if(directories_, inside);
    return {};
}

result<void> memory_env::sync_directory(const std::string& given) {
    const std::lock_guard guard(mutex_);
    const std::string path = without_slash(given);
    if (!has_directory(path)) {
        return os_error(ENOENT, path);
    }
    LB_CHECK(check("sync", path));
    const auto directly_in = [&](const std::string& each) { return parent_path(each) == path; };
    // A move between directories is one step: syncing either makes both its ends durable.
    std::erase_if(moves_, [&](const pending_move& each) {
        if (!directly_in(each.from) && !directly_in(each.to)) {
            return false;
        }
        durable_.erase(each.from);
        durable_[each.to] = each.node;
        return true;
    });
    std::erase_if(durable_, [&](const auto& entry) { return directly_in(entry.first); });
    for (const auto& [each, node] : live_) {
        if (directly_in(each)) {
            durable_[each] = node;
        }
    }
    return {};
}

result<std::unique_ptr<file_lock>> memory_env::lock(const std::string& path) {
    const std::lock_guard guard(mutex_);
    if (!live_.contains(path)) {
        LB_CHECK(create(path));
    }
    if (!locks_.insert(path).second) {
        return os_error(EWOULDBLOCK, path);
    }
    return std::unique_ptr<file_lock>(std::make_unique<memory_lock>(*this, path));
}

} // namespace logboom
