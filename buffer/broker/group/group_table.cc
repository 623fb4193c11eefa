// Groups by name: which can be served, making and erasing them, and what is written of them.
#include "buffer/broker/group/group_table.h"

#include "base/metric_list.h"
#include "buffer/broker/group/records.h"

#include <algorithm>

namespace logboom::broker {

std::set<topic_partition> group_entry::kept() const {
    std::set<topic_partition> all(in_flight.begin(), in_flight.end());
    for (const auto& [at, value] : offsets) {
        all.insert(at);
    }
    return all;
}

coordinator_options make_coordinator_options(const group_config& config) {
    coordinator_options made;
    made.limits.session_timeout_min = config.min_session_timeout;
    made.limits.session_timeout_max = config.max_session_timeout;
    made.limits.initial_rebalance_delay = config.initial_rebalance_delay;
    made.limits.member_count_max = static_cast<std::size_t>(std::max(config.max_size, 1));
    made.offset_metadata_size_max =
        static_cast<std::size_t>(std::max(config.offset_metadata_max_bytes, 0));
    made.offsets_retention = config.offsets_retention;
    return made;
}

group_table::group_table(
    coordinator_options options,
    const clock& time,
    append_call append,
    metrics& counters,
    logger messages
)
    : options_(std::move(options))
    , time_(time)
    , append_(std::move(append))
    , messages_(std::move(messages))
    , groups_count_(counters, declared("logboom_broker_groups"))
    , append_failures_count_(counters, declared("logboom_broker_group_append_failures_total")) {
    LB_ASSERT(options_.limits.make_id);
}

void group_table::open(std::int32_t partition_count) {
    LB_ASSERT(!is_open() && partition_count > 0);
    homes_.assign(static_cast<std::size_t>(partition_count), home_state::loading);
}

std::vector<group_entry*> group_table::loaded(partition_id partition, group_loader::images groups) {
    const auto index = static_cast<std::size_t>(partition.value());
    LB_ASSERT(index < homes_.size() && homes_[index] == home_state::loading);
    const moment now = moment::of(time_);
    std::vector<group_entry*> came;
    for (auto& [id, image] : groups) {
        if (home_of(id) != partition) {
            messages_.warn(
                "A group in the wrong partition of __consumer_offsets is left out; the topic's "
                "partition count must not change. group={} partition={}",
                id,
                partition.value()
            );
            continue;
        }
        group_metadata metadata = image.metadata.value_or(group_metadata{});
        if (!image.metadata) {
            metadata.state_since = timestamp_ms(-1);
        }
        group_entry made{
            group(id, options_.limits, std::move(metadata), now), std::move(image.offsets)};
        made.incarnation = ++last_incarnation_;
        came.push_back(&entries_.emplace(id, std::move(made)).first->second);
    }
    homes_[index] = home_state::ready;
    count_groups();
    return came;
}

bool group_table::is_loading() const noexcept {
    return std::find(homes_.begin(), homes_.end(), home_state::loading) != homes_.end();
}

std::vector<std::string> group_table::ids() const {
    std::vector<std::string> all;
    all.reserve(entries_.size());
    for (const auto& [id, each] : entries_) {
        all.push_back(id);
    }
    return all;
}

void group_table::load_failed(partition_id partition) {
    const auto index = static_cast<std::size_t>(partition.value());
    LB_ASSERT(index < homes_.size() && homes_[index] == home_state::loading);
    homes_[index] = home_state::failed;
}

void group_table::count_groups() {
    groups_count_.set(static_cast<std::int64_t>(entries_.size()));
}

partition_id group_table::home_of(std::string_view group_id) const {
    return partition_of_state(group_id, partition_count());
}

error_code group_table::check(std::string_view group_id, name_rule rule) const {
    if (rule == name_rule::not_empty && group_id.empty()) {
        return error_code::invalid_group_id;
    }
    if (!is_open()) {
        return error_code::coordinator_not_available;
    }
    switch (homes_[static_cast<std::size_t>(home_of(group_id).value())]) {
    case home_state::loading:
        return error_code::coordinator_load_in_progress;
    case home_state::failed:
        return error_code::coordinator_not_available;
    case home_state::ready:
        break;
    }
    return error_code::none;
}

group_entry* group_table::find(std::string_view group_id) {
    const auto found = entries_.find(group_id);
    return found == entries_.end() ? nullptr : &found->second;
}

const group_entry* group_table::find(std::string_view group_id) const {
    const auto found = entries_.find(group_id);
    return found == entries_.end() ? nullptr : &found->second;
}

group_entry* group_table::find(std::string_view group_id, std::uint64_t incarnation) {
    group_entry* const found = find(group_id);
    return found != nullptr && found->incarnation == incarnation ? found : nullptr;
}

group_entry* group_table::find_or_create(std::string_view group_id) {
    if (group_entry* const known = find(group_id); known != nullptr) {
        return known;
    }
    if (entries_.size() >= coordinator_options::group_count_max) {
        return nullptr;
    }
    std::string id(group_id);
    group_entry made{group(id, options_.limits, moment::of(time_)), {}};
    made.incarnation = ++last_incarnation_;
    group_entry& added = entries_.emplace(std::move(id), std::move(made)).first->second;
    count_groups();
    return &added;
}

void group_table::append(
    std::string_view group_id, std::vector<state_record> records, std::function<void(bool)> done
) {
    append_(home_of(group_id), std::move(records), [this, done = std::move(done)](bool written) {
        if (!written) {
            append_failures_count_.add();
        }
        done(written);
    });
}

void group_table::erase(const std::string& group_id, std::function<void(bool)> done) {
    const auto found = entries_.find(group_id);
    LB_ASSERT(found != entries_.end());
    std::vector<state_record> records;
    for (const topic_partition& at : found->second.kept()) {
        records.push_back({encode_key(offset_key{group_id, at}), std::nullopt});
    }
    // A group that never had a generation was never written down.
    if (found->second.state.generation().value() > 0) {
        records.push_back({encode_key(group_key{group_id}), std::nullopt});
    }
    entries_.erase(found);
    count_groups();
    if (records.empty()) {
        return done(true);
    }
    append(group_id, std::move(records), std::move(done));
}

void group_table::visit_offsets(const offset_visitor& call) const {
    for (const auto& [id, each] : entries_) {
        for (const auto& [place, committed] : each.offsets) {
            call(id, place, committed.at);
        }
    }
}

} // namespace logboom::broker
