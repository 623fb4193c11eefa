#include "agent/file/name_table.h"

#include <utility>

namespace logboom::agent {

const name_table::name* name_table::find(const std::string& path) const {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? nullptr : &found->second;
}

bool name_table::bind(const std::string& path, followed_file& to, bool is_matched) {
    const auto [at, is_new] = by_path_.try_emplace(path, name{to.key, round_, false});
    LB_ASSERT(at->second.key == to.key);
    at->second.round = round_;
    to.names.count += is_new ? 1 : 0;
    if (at->second.is_matched != is_matched) {
        at->second.is_matched = is_matched;
        to.names.matched += is_matched ? 1U : -1U;
    }
    return is_new;
}

void name_table::unbind(const std::string& path, followed_file& from) {
    const auto found = by_path_.find(path);
    LB_ASSERT(found != by_path_.end() && found->second.key == from.key && from.names.count > 0);
    from.names.matched -= found->second.is_matched ? 1 : 0;
    --from.names.count;
    by_path_.erase(found);
    if (from.names.count == 0) {
        return;
    }
    // A hard link or a second glob: rare, so a search will do.
    for (const auto& [other, known] : by_path_) {
        if (known.key == from.key && (known.is_matched || !from.is_matched())) {
            from.progress.rename(other);
        }
    }
}

void name_table::forget(const followed_file& which) {
    if (which.names.count == 0) {
        return;
    }
    std::erase_if(by_path_, [&](const auto& each) { return each.second.key == which.key; });
}

std::vector<std::string> name_table::unseen() const {
    std::vector<std::string> out;
    for (const auto& [path, known] : by_path_) {
        if (known.round != round_) {
            out.push_back(path);
        }
    }
    return out;
}

void name_table::join_lineage(followed_file& which) {
    const auto [youngest, is_first] = by_lineage_.try_emplace(which.progress.lineage(), which.key);
    if (!is_first) {
        which.predecessor = std::exchange(youngest->second, which.key);
    }
}

void name_table::leave_lineage(const followed_file& which) {
    const auto youngest = by_lineage_.find(which.progress.lineage());
    if (youngest != by_lineage_.end() && youngest->second == which.key) {
        by_lineage_.erase(youngest);
    }
}

} // namespace logboom::agent
