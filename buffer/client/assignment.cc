// How far each partition may be committed: the arithmetic of leases and gaps.
#include "buffer/client/assignment.h"

#include "base/assertion.h"

#include <algorithm>

namespace logboom::client {

lease assignment::assign(const topic_partition& at, offset committed) {
    revoke(at);
    const lease given(++last_lease_);
    leases_.emplace(at, given);
    owned_.emplace(given, ownership{at, committed, std::nullopt, false, false});
    return given;
}

void assignment::revoke(const topic_partition& at) {
    const auto found = leases_.find(at);
    if (found != leases_.end()) {
        owned_.erase(found->second);
        leases_.erase(found);
    }
}

lease assignment::lease_of(const topic_partition& at) const {
    const auto found = leases_.find(at);
    return found == leases_.end() ? no_lease : found->second;
}

assignment::ownership* assignment::find(lease of) {
    const auto found = owned_.find(of);
    return found == owned_.end() ? nullptr : &found->second;
}

const assignment::ownership* assignment::find(const topic_partition& at) const {
    const auto found = owned_.find(lease_of(at));
    return found == owned_.end() ? nullptr : &found->second;
}

offset assignment::committed(lease of) const {
    const auto found = owned_.find(of);
    return found == owned_.end() ? no_offset : found->second.committed;
}

const topic_partition* assignment::partition_of(lease of) const {
    const auto found = owned_.find(of);
    return found == owned_.end() ? nullptr : &found->second.at;
}

offset assignment::position(lease of) const {
    const auto found = owned_.find(of);
    return found == owned_.end() || !found->second.window ? no_offset
                                                          : offset(found->second.window->end());
}

std::optional<hand_over> assignment::begin(lease of, offset first, offset end) {
    ownership* owned = find(of);
    if (owned == nullptr) {
        return std::nullopt;
    }
    if (!owned->window) {
        owned->window.emplace(first.value());
    }
    LB_ASSERT(first.value() >= owned->window->end() && first <= end);
    return hand_over{of, owned->window->begin(end.value())};
}

void assignment::finish(const hand_over& batch) {
    ownership* owned = find(batch.lease);
    if (owned != nullptr && owned->window->finish(batch.ticket)) {
        owned->is_dirty = true;
    }
}

void assignment::lose(const hand_over& batch) {
    if (ownership* owned = find(batch.lease)) {
        owned->has_lost = true;
    }
}

std::vector<partition_offset> assignment::take_commits() {
    std::vector<partition_offset> taken;
    for (auto& [id, owned] : owned_) {
        if (owned.is_dirty) {
            owned.is_dirty = false;
            taken.push_back({owned.at, offset(owned.window->watermark())});
        }
    }
    return taken;
}

void assignment::commit_failed(const topic_partition& at) {
    ownership* owned = find(lease_of(at));
    if (owned != nullptr && owned->window) {
        owned->is_dirty = true;
    }
}

lease assignment::renew(lease held) {
    const topic_partition* at = partition_of(held);
    // A copy: assign() takes the one in its place away.
    return at == nullptr ? no_lease : assign(topic_partition(*at), no_offset);
}

bool assignment::has_rewinds() const {
    return std::any_of(owned_.begin(), owned_.end(), [](const auto& each) {
        return each.second.has_lost;
    });
}

std::vector<partition_offset> assignment::take_rewinds() {
    std::vector<partition_offset> taken;
    for (const auto& [id, owned] : owned_) {
        if (owned.has_lost) {
            taken.push_back({owned.at, offset(owned.window->watermark())});
        }
    }
    for (const partition_offset& each : taken) {
        const bool was_dirty = find(lease_of(each.at))->is_dirty;
        const lease renewed = assign(each.at, each.offset);
        ownership* owned = find(renewed);
        owned->window.emplace(each.offset.value());
        owned->is_dirty = was_dirty;
    }
    return taken;
}

void assignment::rewind_failed(const topic_partition& at) {
    ownership* owned = find(lease_of(at));
    if (owned != nullptr && owned->window) {
        // A batch that never ends, as gaps in what follows are no reason to hold a commit.
        owned->window->begin(owned->window->watermark());
        owned->has_lost = true;
    }
}

std::size_t assignment::open_count(std::span<const topic_partition> of) const {
    std::size_t count = 0;
    for (const topic_partition& at : of) {
        const ownership* owned = find(at);
        count += owned != nullptr && owned->window ? owned->window->open_count() : 0;
    }
    return count;
}

std::size_t assignment::open_count() const {
    std::size_t count = 0;
    for (const auto& [id, owned] : owned_) {
        count += owned.window ? owned.window->open_count() : 0;
    }
    return count;
}

std::vector<topic_partition> assignment::partitions() const {
    std::vector<topic_partition> all;
    for (const auto& [at, id] : leases_) {
        all.push_back(at);
    }
    return all;
}

offset assignment::watermark(const topic_partition& at) const {
    const ownership* owned = find(at);
    return owned != nullptr && owned->window ? offset(owned->window->watermark()) : no_offset;
}

} // namespace logboom::client
