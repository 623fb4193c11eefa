// How the files of positions are called, and who has claimed and locked which.
#include "agent/file/sincedb_claim.h"

#include "agent/file/sincedb.h"
#include "base/assertion.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>

namespace logboom::agent {
namespace {

constexpr std::string_view state_directory = "plugins/inputs/file";
constexpr std::string_view state_prefix = ".sincedb_";

/// Of the inputs that are there.
struct claims {
    std::mutex mutex;
    std::set<std::string> paths;
    std::set<std::string> earlier_paths;
};

claims& all_claims() {
    static claims all;
    return all;
}

/// As part of a file's name: no slash, no dot (behind one are the names of copies and locks), and
/// no colon (it stands between pipeline and plugin).
std::string name_part(std::string_view id) {
    std::string out;
    for (const char each : id) {
        const bool is_plain = (each >= '0' && each <= '9') || (each >= 'a' && each <= 'z') ||
                              (each >= 'A' && each <= 'Z') || each == '-' || each == '_';
        if (is_plain) {
            out.push_back(each);
        } else {
            out += fmt::format("%{:02x}", static_cast<unsigned char>(each));
        }
    }
    return out;
}

std::string name_of(std::string_view pipeline, std::string_view plugin) {
    return name_part(pipeline) + ":" + name_part(plugin);
}

bool is_held(const error& why) {
    return why.code == std::errc::resource_unavailable_try_again;
}

/// In the order of the config, as versions before this one gave out one name to several inputs.
std::string take_first_free(std::set<std::string>& taken, const std::string& wanted) {
    std::string out = wanted;
    for (int number = 2; !taken.insert(out).second; ++number) {
        out = wanted + "." + std::to_string(number);
    }
    return out;
}

} // namespace

sincedb_place sincedb_place::beneath(
    const std::string& data_directory, std::string_view pipeline, std::string_view plugin
) {
    const std::string directory = join_path(data_directory, state_directory);
    const std::string begin = join_path(directory, state_prefix);
    sincedb_place out;
    out.path = begin + name_of(pipeline, plugin);
    out.own_path = out.path;
    out.family = begin + name_of(pipeline, {});
    return out;
}

sincedb_place
sincedb_place::at(std::string path, std::string_view pipeline, std::string_view plugin) {
    sincedb_place out;
    if (!path.empty()) {
        out.own_path = path + ":" + name_of(pipeline, plugin);
        out.family = path + ":" + name_of(pipeline, {});
        out.earlier_path = path;
    }
    out.path = std::move(path);
    return out;
}

sincedb_claim::sincedb_claim(env& disk, const sincedb_place& place) : disk_(disk) {
    if (place.path.empty()) {
        return;
    }
    claims& all = all_claims();
    const std::lock_guard guard(all.mutex);
    const bool has_own = place.own_path != place.path && disk.exists(place.own_path);
    path_ = place.path;
    if (has_own || !all.paths.insert(path_).second) {
        path_ = place.own_path;
        const bool is_new = all.paths.insert(path_).second;
        LB_ASSERT(is_new);
    }
    if (!place.earlier_path.empty()) {
        earlier_path_ = take_first_free(all.earlier_paths, place.earlier_path);
    }
}

sincedb_claim::~sincedb_claim() {
    claims& all = all_claims();
    const std::lock_guard guard(all.mutex);
    all.paths.erase(path_);
    all.earlier_paths.erase(earlier_path_);
}

bool sincedb_claim::is_claimed(const std::string& path) {
    claims& all = all_claims();
    const std::lock_guard guard(all.mutex);
    return all.paths.contains(path);
}

result<void> sincedb_claim::try_lock() {
    if (path_.empty() || held_ || disk_.make_directories(parent_path(path_)).has_error()) {
        return {};
    }
    auto taken = disk_.lock(path_ + std::string(lock_suffix));
    if (taken.has_error()) {
        return is_held(taken.error()) ? taken.error() : result<void>();
    }
    LB_CHECK(take_earlier());
    held_ = *std::move(taken);
    return {};
}

result<void> sincedb_claim::take_earlier() {
    if (disk_.exists(path_) || earlier_path_.empty() || earlier_path_ == path_ ||
        !disk_.exists(earlier_path_) || is_claimed(earlier_path_)) {
        return {};
    }
    const std::string lock_path = earlier_path_ + std::string(lock_suffix);
    LB_TRY(const auto held, disk_.lock(lock_path));
    // The copy first: without the file itself it says nothing.
    const std::string copy = earlier_path_ + std::string(sincedb::copy_suffix);
    if (disk_.exists(copy)) {
        LB_CHECK(disk_.rename(copy, path_ + std::string(sincedb::copy_suffix)));
    }
    LB_CHECK(disk_.rename(earlier_path_, path_));
    LB_CHECK(disk_.sync_directory(parent_path(path_)));
    static_cast<void>(disk_.remove(lock_path));
    return {};
}

} // namespace logboom::agent
