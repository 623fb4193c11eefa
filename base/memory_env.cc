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
    memory_file(memory_env& home, std::shared_ptr<memory_env::inode> node, std::string path)
        : home_(home), node_(std::move(node)), path_(std::move(path)), life_(home.life_) {}

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
        return change("write", [&] {
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
        return change("truncate", [&] { node_->content.resize(size); });
    }
    result<void> sync() override {
        return change("sync", [&] { node_->synced = node_->content; });
    }
    result<std::uint64_t> size() const override {
        const std::lock_guard guard(home_.mutex_);
        return std::uint64_t{node_->content.size()};
    }
    int descriptor() const noexcept override { return -1; }

  private:
    template <class Action>
    result<void> change(std::string_view operation, Action action) {
        const std::lock_guard guard(home_.mutex_);
        if (life_ != home_.life_) {
            return os_error(ESTALE, path_);
        }
        LB_CHECK(home_.check(operation, path_));
        action();
        return {};
    }

    memory_env& home_;
    std::shared_ptr<memory_env::inode> node_;
    std::string path_;
    std::uint64_t life_;
};

class memory_lock final : public file_lock {
  public:
    memory_lock(memory_env& home, std::string path) : home_(home), path_(std::move(path)) {}
    ~memory_lock() override {
        const std::lock_guard guard(home_.mutex_);
        home_.locks_.erase(path_);
    }
    memory_lock(const memory_lock&) = delete;
    memory_lock& operator=(const memory_lock&) = delete;

  private:
    memory_env& home_;
    std::string path_;
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

result<std::unique_ptr<file>> memory_env::open(const std::string& path, open_mode mode) {
    const std::lock_guard guard(mutex_);
    auto found = live_.find(path);
    if (found == live_.end()) {
        if (mode == open_mode::read_only) {
            return os_error(ENOENT, path);
        }
        if (!directories_.contains(without_slash(parent_path(path))) && parent_path(path) != ".") {
            return os_error(ENOENT, path);
        }
        LB_CHECK(check("create", path));
        found = live_.emplace(path, std::make_shared<inode>()).first;
    } else if (mode == open_mode::truncate) {
        LB_CHECK(check("truncate", path));
        found->second->content.clear();
    }
    return std::unique_ptr<file>(std::make_unique<memory_file>(*this, found->second, path));
}

bool memory_env::exists(const std::string& path) {
    const std::lock_guard guard(mutex_);
    return live_.contains(path) || directories_.contains(without_slash(path));
}

bool memory_env::is_directory(const std::string& path) {
    const std::lock_guard guard(mutex_);
    return directories_.contains(without_slash(path));
}

result<std::vector<std::string>> memory_env::list(const std::string& given) {
    const std::lock_guard guard(mutex_);
    const std::string path = without_slash(given);
    if (!directories_.contains(path)) {
        return os_error(ENOENT, path);
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
    std::string path = without_slash(given);
    // Directories are durable at once: no code of ours depends on losing one.
    while (!path.empty() && path != "." && path != "/") {
        directories_.insert(path);
        path = parent_path(path);
    }
    return {};
}

result<void> memory_env::rename(const std::string& given, const std::string& to) {
    const std::lock_guard guard(mutex_);
    const std::string from = without_slash(given);
    LB_CHECK(check("rename", from));
    if (directories_.contains(from)) {
        const auto move_entries = [&](directory_entries& entries) {
            directory_entries moved;
            for (auto& [path, node] : entries) {
                moved.emplace(is_below(path, from) ? to + path.substr(from.size()) : path, node);
            }
            entries = std::move(moved);
        };
        move_entries(live_);
        move_entries(durable_);
        std::set<std::string> moved;
        for (const std::string& path : directories_) {
            const bool inside = path == from || is_below(path, from);
            moved.insert(inside ? to + path.substr(from.size()) : path);
        }
        directories_ = std::move(moved);
        return {};
    }
    const auto found = live_.find(from);
    if (found == live_.end()) {
        return os_error(ENOENT, from);
    }
    live_[to] = found->second;
    live_.erase(found);
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
    LB_CHECK(check("sync", path));
    const auto directly_in = [&](const std::string& each) { return parent_path(each) == path; };
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
    if (!locks_.insert(path).second) {
        return os_error(EWOULDBLOCK, path);
    }
    return std::unique_ptr<file_lock>(std::make_unique<memory_lock>(*this, path));
}

} // namespace logboom
