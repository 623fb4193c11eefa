#include "agent/file/sincedb_claim.h"

#include <mutex>
#include <set>

namespace logboom::agent {
namespace {

struct claims {
    std::mutex mutex;
    std::set<std::string> paths;
};

claims& all_claims() {
    static claims all;
    return all;
}

} // namespace

sincedb_claim::sincedb_claim(const std::string& wanted) {
    if (wanted.empty()) {
        return;
    }
    claims& all = all_claims();
    const std::lock_guard guard(all.mutex);
    path_ = wanted;
    for (int number = 2; !all.paths.insert(path_).second; ++number) {
        path_ = wanted + "." + std::to_string(number);
    }
}

sincedb_claim::~sincedb_claim() {
    claims& all = all_claims();
    const std::lock_guard guard(all.mutex);
    all.paths.erase(path_);
}

bool sincedb_claim::try_lock(env& disk) {
    if (path_.empty() || held_ || disk.make_directories(parent_path(path_)).has_error()) {
        return true;
    }
    auto taken = disk.lock(path_ + ".lock");
    if (taken.has_error()) {
        return taken.error().code != std::errc::resource_unavailable_try_again;
    }
    held_ = *std::move(taken);
    return true;
}

} // namespace logboom::agent
