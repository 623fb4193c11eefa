#include "agent/file/sincedb_heritage.h"

#include <tuple>

namespace logboom::agent {
namespace {

bool is_behind(const checkpoint_record& left, const checkpoint_record& right) {
    return std::tie(left.generation, left.position) < std::tie(right.generation, right.position);
}

} // namespace

void sincedb_heritage::take(
    sincedb& heir,
    const std::string& family,
    const std::function<bool(const checkpoint_record&)>& wanted,
    timestamp_ms now
) {
    const auto names = disk_.list(parent_path(family));
    if (family.empty() || names.has_error()) {
        return;
    }
    const std::string_view begin = std::string_view(family).substr(family.rfind('/') + 1);
    for (const std::string& name : *names) {
        std::string path = join_path(parent_path(family), name);
        // With a dot: a lock, a copy, what was put aside.
        if (!name.starts_with(begin) || name.find('.', begin.size()) != std::string::npos ||
            sincedb_claim::is_claimed(path)) {
            continue;
        }
        if (auto held = disk_.lock(path + std::string(sincedb_claim::lock_suffix));
            held.has_value()) {
            auto state = std::make_unique<sincedb>(disk_, path, clean_after_, log_);
            state->load(now);
            left_.push_back({std::move(path), *std::move(held), std::move(state)});
        }
    }
    // A crash may have left a record in two of them: the one that is further counts.
    std::unordered_map<file_identity, checkpoint_record> records;
    for (const left_behind& each : left_) {
        for (const auto& [identity, held] : each.state->records()) {
            const auto [known, is_new] = records.try_emplace(identity, held.record);
            if (!is_new && is_behind(known->second, held.record)) {
                known->second = held.record;
            }
        }
    }
    std::erase_if(records, [&](const auto& each) {
        // The very same is of a crash between write and settle.
        const auto own = heir.records().find(each.first);
        const bool is_left_over = own != heir.records().end() && own->second.record == each.second;
        return !is_left_over && (!wanted(each.second) || !heir.inherit(each.second));
    });
    std::erase_if(left_, [&](left_behind& each) { return !take_from(each, records, heir, now); });
}

bool sincedb_heritage::take_from(
    left_behind& from,
    const std::unordered_map<file_identity, checkpoint_record>& taken,
    sincedb& heir,
    timestamp_ms now
) {
    std::size_t count = 0;
    for (const auto& [identity, record] : taken) {
        if (from.state->records().contains(identity)) {
            from.state->remove(identity);
            ++count;
        }
    }
    if (count > 0) {
        heir.inherit_time(from.state->loaded_from());
        log_.info(
            "Positions of an input that is there no more are gone on with: its id or its settings "
            "were changed. path={} files={}",
            from.path,
            count
        );
    }
    from.state->forget_expired(now);
    return count > 0 || from.state->records().empty();
}

void sincedb_heritage::settle(timestamp_ms now) {
    for (const left_behind& each : left_) {
        if (!each.state->records().empty()) {
            static_cast<void>(each.state->write(now));
            continue;
        }
        // The copy last: without the file itself it says nothing.
        for (const std::string_view suffix :
             {std::string_view(), sincedb::copy_suffix, sincedb_claim::lock_suffix}) {
            static_cast<void>(disk_.remove(each.path + std::string(suffix)));
        }
        static_cast<void>(disk_.sync_directory(parent_path(each.path)));
    }
    left_.clear();
}

} // namespace logboom::agent
