// Membership, views and time; coordinator_offsets.cc has the offsets.
#include "buffer/broker/group/coordinator.h"

#include <algorithm>
#include <strings.h>

namespace logboom::broker {

namespace {

bool same_ignoring_case(std::string_view left, std::string_view right) {
    return left.size() == right.size() && strncasecmp(left.data(), right.data(), left.size()) == 0;
}

} // namespace

group_coordinator::group_coordinator(
    coordinator_options options,
    const clock& time,
    append_call append,
    metrics& counters,
    logger messages
)
    : options_(std::move(options))
    , time_(time)
    , append_(std::move(append))
    , log_(std::move(messages))
    , groups_count_(counters.get("logboom_broker_groups"))
    , rebalances_count_(counters.get("logboom_broker_group_rebalances_total"))
    , commits_count_(counters.get("logboom_broker_group_committed_offsets_total"))
    , expired_count_(counters.get("logboom_broker_group_expired_offsets_total"))
    , append_failures_count_(counters.get("logboom_broker_group_append_failures_total")) {
    LB_ASSERT(options_.limits.make_id);
}

void group_coordinator::open(std::int32_t partition_count) {
    LB_ASSERT(!is_open() && partition_count > 0);
    homes_.assign(static_cast<std::size_t>(partition_count), home_state::loading);
}

void group_coordinator::loaded(partition_id partition, group_loader::images groups) {
    const auto index = static_cast<std::size_t>(partition.value());
    LB_ASSERT(index < homes_.size() && homes_[index] == home_state::loading);
    const moment now = moment::of(time_);
    for (auto& [id, image] : groups) {
        if (home_of(id) != partition) {
            log_.warn(
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
        entry made{group(id, options_.limits, std::move(metadata), now), std::move(image.offsets)};
        made.incarnation = ++last_incarnation_;
        set_timer(entries_.emplace(id, std::move(made)).first->second);
    }
    homes_[index] = home_state::ready;
    count_groups();
}

void group_coordinator::load_failed(partition_id partition) {
    const auto index = static_cast<std::size_t>(partition.value());
    LB_ASSERT(index < homes_.size() && homes_[index] == home_state::loading);
    homes_[index] = home_state::failed;
}

void group_coordinator::count_groups() {
    groups_count_.set(static_cast<std::int64_t>(entries_.size()));
}

partition_id group_coordinator::home_of(std::string_view group_id) const {
    return partition_of_state(group_id, static_cast<std::int32_t>(homes_.size()));
}

error_code group_coordinator::check_group(std::string_view group_id, name_rule rule) const {
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

group_coordinator::entry* group_coordinator::find(std::string_view group_id) {
    const auto found = entries_.find(group_id);
    return found == entries_.end() ? nullptr : &found->second;
}

const group_coordinator::entry* group_coordinator::find(std::string_view group_id) const {
    const auto found = entries_.find(group_id);
    return found == entries_.end() ? nullptr : &found->second;
}

group_coordinator::entry*
group_coordinator::find(const std::string& group_id, std::uint64_t incarnation) {
    entry* const found = find(group_id);
    return found != nullptr && found->incarnation == incarnation ? found : nullptr;
}

group_coordinator::entry* group_coordinator::find_or_create(std::string_view group_id) {
    if (entry* const known = find(group_id); known != nullptr) {
        return known;
    }
    if (entries_.size() >= options_.group_count_max) {
        return nullptr;
    }
    std::string id(group_id);
    entry made{group(id, options_.limits, moment::of(time_)), {}};
    made.incarnation = ++last_incarnation_;
    entry& added = entries_.emplace(std::move(id), std::move(made)).first->second;
    count_groups();
    return &added;
}

request_token group_coordinator::join(
    const join_request& request, group_caller by, answer_call<join_response> answer
) {
    by.token = request_token(++last_token_);
    const auto refuse = [&](error_code why) {
        join_response refusal;
        refusal.error = wire(why);
        refusal.member_id = request.member_id;
        answer(refusal);
        return by.token;
    };
    const error_code ready = check_group(request.group_id, name_rule::not_empty);
    if (ready != error_code::none) {
        return refuse(ready);
    }
    entry* const of =
        request.member_id.empty() ? find_or_create(request.group_id) : find(request.group_id);
    if (of == nullptr) {
        return refuse(
            request.member_id.empty() ? error_code::coordinator_not_available
                                      : error_code::unknown_member_id
        );
    }
    parked_joins_[by.token] = {of->state.id(), std::move(answer)};
    group_actions actions;
    of->state.join(request, by, moment::of(time_), actions);
    carry_out(*of, std::move(actions));
    return by.token;
}

request_token group_coordinator::sync(
    const sync_request& request, group_caller by, answer_call<sync_response> answer
) {
    by.token = request_token(++last_token_);
    const auto refuse = [&](error_code why) {
        sync_response refusal;
        refusal.error = wire(why);
        answer(refusal);
        return by.token;
    };
    error_code ready = check_group(request.group_id, name_rule::not_empty);
    if (ready == error_code::coordinator_load_in_progress) {
        // A rebalance that was under way is lost: start over with JoinGroup.
        ready = error_code::rebalance_in_progress;
    }
    if (ready != error_code::none) {
        return refuse(ready);
    }
    entry* const of = find(request.group_id);
    if (of == nullptr) {
        return refuse(error_code::unknown_member_id);
    }
    parked_syncs_[by.token] = {of->state.id(), std::move(answer)};
    group_actions actions;
    of->state.sync(request, by, moment::of(time_), actions);
    carry_out(*of, std::move(actions));
    return by.token;
}

void group_coordinator::disconnected(request_token token) {
    std::string group_id;
    if (auto join = parked_joins_.extract(token); !join.empty()) {
        group_id = std::move(join.mapped().first);
    } else if (auto sync = parked_syncs_.extract(token); !sync.empty()) {
        group_id = std::move(sync.mapped().first);
    }
    if (entry* const of = find(group_id); of != nullptr) {
        group_actions actions;
        of->state.disconnected(token, moment::of(time_), actions);
        carry_out(*of, std::move(actions));
    }
}

error_code group_coordinator::heartbeat(const kafka::heartbeat_api::request& request) {
    const error_code ready = check_group(request.group_id, name_rule::not_empty);
    if (ready != error_code::none) {
        // While groups are read from the log their members are taken at their word.
        return ready == error_code::coordinator_load_in_progress ? error_code::none : ready;
    }
    entry* const of = find(request.group_id);
    return of == nullptr
               ? error_code::unknown_member_id
               : of->state.heartbeat(
                     {request.member_id, request.instance_id}, request.generation, moment::of(time_)
                 );
}

group_coordinator::leave_api::response
group_coordinator::leave(const leave_api::request& request, api_version version) {
    constexpr api_version version_with_members{3};
    leave_api::response answer;
    const error_code ready = check_group(request.group_id, name_rule::not_empty);
    if (ready != error_code::none) {
        answer.error = wire(ready);
        return answer;
    }
    entry* const of = find(request.group_id);
    group_actions actions;
    const auto leave_one = [&](member_name who) {
        return of == nullptr ? error_code::unknown_member_id
                             : of->state.leave(who, moment::of(time_), actions);
    };
    if (version < version_with_members) {
        answer.error = wire(leave_one({request.member_id, std::nullopt}));
    } else {
        for (const auto& each : request.members) {
            auto& told = answer.members.emplace_back();
            told.member_id = each.member_id;
            told.instance_id = each.instance_id;
            told.error = wire(leave_one({each.member_id, each.instance_id}));
        }
    }
    if (of != nullptr) {
        carry_out(*of, std::move(actions));
    }
    return answer;
}

kafka::describe_groups_api::response::group group_coordinator::describe(std::string_view group_id
) const {
    const error_code ready = check_group(group_id, name_rule::any);
    const entry* const of = ready == error_code::none ? find(group_id) : nullptr;
    if (of != nullptr) {
        return of->state.describe();
    }
    kafka::describe_groups_api::response::group none;
    none.error = wire(ready);
    none.group_id = group_id;
    none.group_state = ready == error_code::none ? "Dead" : "";
    return none;
}

kafka::list_groups_api::response group_coordinator::list(const std::vector<std::string_view>& states
) const {
    kafka::list_groups_api::response answer;
    if (std::find(homes_.begin(), homes_.end(), home_state::loading) != homes_.end()) {
        answer.error = wire(error_code::coordinator_load_in_progress);
    }
    for (const auto& [id, each] : entries_) {
        const std::string_view state = name_of(each.state.state());
        const bool wanted =
            states.empty() || std::any_of(states.begin(), states.end(), [&](std::string_view name) {
                return same_ignoring_case(name, state);
            });
        if (wanted) {
            auto& shown = answer.groups.emplace_back();
            shown.group_id = id;
            shown.protocol_type = each.state.protocol_type();
            shown.group_state = state;
        }
    }
    return answer;
}

void group_coordinator::carry_out(entry& of, group_actions actions) {
    set_timer(of);
    const std::string group_id = of.state.id();
    const std::uint64_t incarnation = of.incarnation;
    for (auto& each : actions.stores) {
        store(group_id, incarnation, std::move(each));
    }
    // Answers come last: what they make the client do must find the group as it now is. The group
    // may have been removed by then, but never its parked requests.
    for (auto& each : actions.joins) {
        if (auto parked = parked_joins_.extract(each.to); !parked.empty()) {
            parked.mapped().second(each.body);
        }
    }
    for (auto& each : actions.syncs) {
        if (auto parked = parked_syncs_.extract(each.to); !parked.empty()) {
            parked.mapped().second(each.body);
        }
    }
}

void group_coordinator::store(
    const std::string& group_id, std::uint64_t incarnation, group_actions::store what
) {
    if (what.ticket != 0) {
        rebalances_count_.add();
    }
    log_.info(
        "The members of a group are stored. group={} generation={} members={} protocol={}",
        group_id,
        what.what.generation.value(),
        what.what.members.size(),
        what.what.protocol.value_or("")
    );
    std::vector<state_record> records;
    records.push_back({encode_key(group_key{group_id}), encode_value(what.what)});
    append_(
        home_of(group_id),
        std::move(records),
        [this, group_id, incarnation, ticket = what.ticket](bool done) {
            if (!done) {
                append_failures_count_.add();
            }
            entry* const of = find(group_id, incarnation);
            if (of != nullptr && ticket != 0) {
                group_actions actions;
                of->state.stored(ticket, done, moment::of(time_), actions);
                carry_out(*of, std::move(actions));
            }
        }
    );
}

void group_coordinator::set_timer(entry& of) {
    const clock::duration next = of.state.next_deadline();
    if (next >= of.wake_at) {
        return;
    }
    of.wake_at = next;
    const auto added = timers_.emplace(next, of.state.id());
    if (added == timers_.begin() && earlier_deadline_) {
        earlier_deadline_();
    }
}

clock::duration group_coordinator::next_deadline() const {
    return timers_.empty() ? never : timers_.begin()->first;
}

void group_coordinator::tick() {
    const moment now = moment::of(time_);
    while (!timers_.empty() && timers_.begin()->first <= now.steady) {
        const auto due = timers_.extract(timers_.begin());
        entry* const of = find(due.mapped());
        // An earlier timer of the same group, or of one of that name that is gone.
        if (of == nullptr || of->wake_at != due.key()) {
            continue;
        }
        of->wake_at = never;
        group_actions actions;
        of->state.tick(now, actions);
        carry_out(*of, std::move(actions));
    }
}

} // namespace logboom::broker
