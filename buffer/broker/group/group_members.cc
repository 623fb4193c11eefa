// Requests of members, what becomes of them, and time.
#include "buffer/broker/group/group_members.h"

#include "base/metric_list.h"
#include "buffer/broker/group/records.h"

#include <algorithm>
#include <strings.h>

namespace logboom::broker {

namespace {

bool same_ignoring_case(std::string_view left, std::string_view right) {
    return left.size() == right.size() && strncasecmp(left.data(), right.data(), left.size()) == 0;
}

} // namespace

group_members::group_members(group_table& groups, metrics& counters)
    : groups_(groups), rebalances_count_(counters, declared("logboom_broker_group_rebalances_total")) {}

request_token group_members::join(
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
    const error_code ready = groups_.check(request.group_id, group_table::name_rule::not_empty);
    if (ready != error_code::none) {
        return refuse(ready);
    }
    group_entry* const of = request.member_id.empty() ? groups_.find_or_create(request.group_id)
                                                      : groups_.find(request.group_id);
    if (of == nullptr) {
        return refuse(
            request.member_id.empty() ? error_code::coordinator_not_available
                                      : error_code::unknown_member_id
        );
    }
    parked_joins_[by.token] = {of->state.id(), std::move(answer)};
    group_actions actions;
    of->state.join(request, by, now(), actions);
    carry_out(*of, std::move(actions));
    return by.token;
}

request_token group_members::sync(
    const sync_request& request, group_caller by, answer_call<sync_response> answer
) {
    by.token = request_token(++last_token_);
    const auto refuse = [&](error_code why) {
        sync_response refusal;
        refusal.error = wire(why);
        answer(refusal);
        return by.token;
    };
    error_code ready = groups_.check(request.group_id, group_table::name_rule::not_empty);
    if (ready == error_code::coordinator_load_in_progress) {
        // A rebalance that was under way is lost: start over with JoinGroup.
        ready = error_code::rebalance_in_progress;
    }
    if (ready != error_code::none) {
        return refuse(ready);
    }
    group_entry* const of = groups_.find(request.group_id);
    if (of == nullptr) {
        return refuse(error_code::unknown_member_id);
    }
    parked_syncs_[by.token] = {of->state.id(), std::move(answer)};
    group_actions actions;
    of->state.sync(request, by, now(), actions);
    carry_out(*of, std::move(actions));
    return by.token;
}

void group_members::disconnected(request_token token) {
    std::string group_id;
    if (auto join = parked_joins_.extract(token); !join.empty()) {
        group_id = std::move(join.mapped().first);
    } else if (auto sync = parked_syncs_.extract(token); !sync.empty()) {
        group_id = std::move(sync.mapped().first);
    }
    if (group_entry* const of = groups_.find(group_id); of != nullptr) {
        group_actions actions;
        of->state.disconnected(token, now(), actions);
        carry_out(*of, std::move(actions));
    }
}

error_code group_members::heartbeat(const kafka::heartbeat_api::request& request) {
    const error_code ready = groups_.check(request.group_id, group_table::name_rule::not_empty);
    if (ready != error_code::none) {
        // While groups are read from the log their members are taken at their word.
        return ready == error_code::coordinator_load_in_progress ? error_code::none : ready;
    }
    group_entry* const of = groups_.find(request.group_id);
    return of == nullptr ? error_code::unknown_member_id
                         : of->state.heartbeat(
                               {request.member_id, request.instance_id}, request.generation, now()
                           );
}

group_members::leave_api::response
group_members::leave(const leave_api::request& request, api_version version) {
    constexpr api_version version_with_members{3};
    leave_api::response answer;
    const error_code ready = groups_.check(request.group_id, group_table::name_rule::not_empty);
    if (ready != error_code::none) {
        answer.error = wire(ready);
        return answer;
    }
    group_entry* const of = groups_.find(request.group_id);
    group_actions actions;
    const auto leave_one = [&](member_name who) {
        return of == nullptr ? error_code::unknown_member_id : of->state.leave(who, now(), actions);
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

kafka::describe_groups_api::response::group group_members::describe(std::string_view group_id
) const {
    const error_code ready = groups_.check(group_id, group_table::name_rule::any);
    const group_entry* const of = ready == error_code::none ? groups_.find(group_id) : nullptr;
    if (of != nullptr) {
        return of->state.describe();
    }
    kafka::describe_groups_api::response::group none;
    none.error = wire(ready);
    none.group_id = group_id;
    none.group_state = ready == error_code::none ? "Dead" : "";
    return none;
}

kafka::list_groups_api::response group_members::list(const std::vector<std::string_view>& states
) const {
    kafka::list_groups_api::response answer;
    if (groups_.is_loading()) {
        answer.error = wire(error_code::coordinator_load_in_progress);
    }
    for (const auto& [id, each] : groups_.all()) {
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

void group_members::carry_out(group_entry& of, group_actions actions) {
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

void group_members::store(
    const std::string& group_id, std::uint64_t incarnation, group_actions::store what
) {
    if (what.ticket != 0) {
        rebalances_count_.add();
    }
    groups_.messages().info(
        "The members of a group are stored. group={} generation={} members={} protocol={}",
        group_id,
        what.what.generation.value(),
        what.what.members.size(),
        what.what.protocol.value_or("")
    );
    std::vector<state_record> records;
    records.push_back({encode_key(group_key{group_id}), encode_value(what.what)});
    groups_.append(
        group_id,
        std::move(records),
        [this, group_id, incarnation, ticket = what.ticket](bool done) {
            group_entry* const of = groups_.find(group_id, incarnation);
            if (of != nullptr && ticket != 0) {
                group_actions actions;
                of->state.stored(ticket, done, now(), actions);
                carry_out(*of, std::move(actions));
            }
        }
    );
}

void group_members::set_timer(group_entry& of) {
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

clock::duration group_members::next_deadline() const {
    return timers_.empty() ? never : timers_.begin()->first;
}

void group_members::tick() {
    const moment reached = now();
    while (!timers_.empty() && timers_.begin()->first <= reached.steady) {
        const auto due = timers_.extract(timers_.begin());
        group_entry* const of = groups_.find(due.mapped());
        // An earlier timer of the same group, or of one of that name that is gone.
        if (of == nullptr || of->wake_at != due.key()) {
            continue;
        }
        of->wake_at = never;
        group_actions actions;
        of->state.tick(reached, actions);
        carry_out(*of, std::move(actions));
    }
}

} // namespace logboom::broker
