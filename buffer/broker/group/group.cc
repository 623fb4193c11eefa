// What members do while they are members: heartbeats, SyncGroup, LeaveGroup, commits; and the views
// of a group. See group_join.cc for becoming one and group_rebalance.cc for changing generations.
#include "buffer/broker/group/group.h"

#include "buffer/broker/group/consumer_protocol.h"

#include <algorithm>

namespace logboom::broker {

namespace {

sync_response refusal(error_code why) {
    sync_response answer;
    answer.error = wire(why);
    return answer;
}

std::int32_t in_ms(std::chrono::milliseconds span) noexcept {
    return static_cast<std::int32_t>(span.count());
}

} // namespace

const char* name_of(group_state state) noexcept {
    switch (state) {
    case group_state::empty:
        return "Empty";
    case group_state::preparing_rebalance:
        return "PreparingRebalance";
    case group_state::completing_rebalance:
        return "CompletingRebalance";
    case group_state::stable:
        return "Stable";
    }
    return "Unknown";
}

group::group(std::string id, const group_limits& limits, moment now)
    : id_(std::move(id)), limits_(limits), state_since_(now.wall) {}

group::group(std::string id, const group_limits& limits, group_metadata from, moment now)
    : id_(std::move(id))
    , limits_(limits)
    , state_since_(from.state_since)
    , generation_(from.generation)
    , protocol_type_(std::move(from.protocol_type))
    , protocol_(std::move(from.protocol))
    , leader_(from.leader.value_or("")) {
    if (state_since_.value() < 0) {
        state_since_ = now.wall;
    }
    for (auto& each : from.members) {
        group_member member;
        member.id = each.id;
        member.instance_id = std::move(each.instance_id);
        member.client_id = std::move(each.client_id);
        member.client_host = std::move(each.client_host);
        member.rebalance_timeout = std::chrono::milliseconds(each.rebalance_timeout_ms);
        member.session_timeout = std::chrono::milliseconds(each.session_timeout_ms);
        member.protocols = {{protocol_.value_or(""), std::move(each.subscription)}};
        member.assignment = std::move(each.assignment);
        keep_alive(member, now);
        if (member.instance_id) {
            static_members_[*member.instance_id] = member.id;
        }
        members_.emplace(each.id, std::move(member));
    }
    if (!members_.empty()) {
        state_ = group_state::stable;
        if (find(leader_) == nullptr) {
            leader_ = members_.begin()->first;
        }
    }
}

group_member* group::find(std::string_view member_id) {
    const auto found = members_.find(member_id);
    return found == members_.end() ? nullptr : &found->second;
}

error_code group::check_member(member_name who) const {
    if (who.instance_id) {
        const auto known = static_members_.find(*who.instance_id);
        if (known == static_members_.end()) {
            return error_code::unknown_member_id;
        }
        if (known->second != who.id) {
            return error_code::fenced_instance_id;
        }
    }
    return members_.contains(who.id) ? error_code::none : error_code::unknown_member_id;
}

void group::keep_alive(group_member& member, moment now) {
    member.deadline = now.steady + member.session_timeout;
}

error_code group::heartbeat(member_name who, group_generation generation, moment now) {
    const error_code known = check_member(who);
    if (known != error_code::none) {
        return known;
    }
    if (generation != generation_) {
        return error_code::illegal_generation;
    }
    group_member& member = *find(who.id);
    // A member with a request parked is alive as long as its connection: see disconnected().
    if (!member.parked_join && !member.parked_sync) {
        keep_alive(member, now);
    }
    return state_ == group_state::preparing_rebalance ? error_code::rebalance_in_progress
                                                      : error_code::none;
}

error_code group::may_commit(member_name who, group_generation generation, moment now) {
    const bool names_member = !who.id.empty() || who.instance_id;
    if (generation.value() < 0 && state_ == group_state::empty) {
        return error_code::none;
    }
    if (generation.value() < 0 && !names_member) {
        return error_code::unknown_member_id;
    }
    const error_code beat = heartbeat(who, generation, now);
    if (state_ == group_state::completing_rebalance && beat == error_code::none) {
        return error_code::rebalance_in_progress;
    }
    // While the next generation gathers, this one may still save where it got to.
    return beat == error_code::rebalance_in_progress ? error_code::none : beat;
}

error_code group::leave(member_name who, moment now, group_actions& out) {
    std::string_view member_id = who.id;
    if (member_id.empty()) {
        // An administrator removes a static member without knowing its current id.
        const auto known =
            who.instance_id ? static_members_.find(*who.instance_id) : static_members_.end();
        if (known == static_members_.end()) {
            return error_code::unknown_member_id;
        }
        member_id = known->second;
    } else if (const auto pending = pending_.find(member_id); pending != pending_.end()) {
        pending_.erase(pending);
        complete_join_if_all_did(now, out);
        return error_code::none;
    } else if (const error_code known = check_member(who); known != error_code::none) {
        return known;
    }
    remove(members_.find(member_id), error_code::unknown_member_id, out);
    after_removal(now, out);
    return error_code::none;
}

void group::sync(
    const sync_request& request, const group_caller& by, moment now, group_actions& out
) {
    const auto refuse = [&](error_code why) { out.syncs.push_back({by.token, refusal(why)}); };
    const error_code known = check_member({request.member_id, request.instance_id});
    if (known != error_code::none) {
        return refuse(known);
    }
    if (request.generation != generation_) {
        return refuse(error_code::illegal_generation);
    }
    if ((request.protocol_type && *request.protocol_type != protocol_type_) ||
        (request.protocol_name && request.protocol_name != protocol_)) {
        return refuse(error_code::inconsistent_group_protocol);
    }
    if (state_ == group_state::preparing_rebalance) {
        return refuse(error_code::rebalance_in_progress);
    }
    LB_ASSERT(state_ != group_state::empty);
    group_member& member = *find(request.member_id);
    member.owes_sync = false;
    if (state_ == group_state::stable) {
        keep_alive(member, now);
        out.syncs.push_back({by.token, assignment_for(member)});
        return;
    }
    if (member.parked_sync) {
        out.syncs.push_back({*member.parked_sync, refusal(error_code::rebalance_in_progress)});
    }
    member.parked_sync = by.token;
    member.deadline = never;
    if (member.id == leader_ && assignment_ticket_ == 0) {
        take_assignment(request, out);
    }
}

void group::take_assignment(const sync_request& request, group_actions& out) {
    for (auto& [id, member] : members_) {
        member.assignment = {};
    }
    for (const auto& each : request.assignments) {
        if (group_member* const member = find(each.member_id); member != nullptr) {
            member->assignment = bytes::copy_of(each.assignment);
        }
    }
    for (auto& [id, member] : members_) {
        if (member.assignment.empty() && protocol_type_ == consumer_protocol_type) {
            // Some clients fail to read zero bytes as "nothing"; spell it out.
            member.assignment = empty_consumer_assignment();
        }
    }
    assignment_ticket_ = ++last_ticket_;
    out.stores.push_back({assignment_ticket_, snapshot()});
}

void group::stored(std::uint64_t ticket, bool done, moment now, group_actions& out) {
    if (replacements_.contains(ticket)) {
        return replacement_stored(ticket, done, now, out);
    }
    if (ticket != assignment_ticket_ || state_ != group_state::completing_rebalance) {
        return;
    }
    assignment_ticket_ = 0;
    if (!done) {
        end_syncs(error_code::coordinator_not_available, now, out);
        rebalance(now, out);
        return;
    }
    enter(group_state::stable, now);
    for (auto& [id, member] : members_) {
        if (member.parked_sync) {
            out.syncs.push_back({*member.parked_sync, assignment_for(member)});
            member.parked_sync.reset();
            keep_alive(member, now);
        }
    }
}

void group::replacement_stored(std::uint64_t ticket, bool done, moment now, group_actions& out) {
    join_response answer = std::move(replacements_.extract(ticket).mapped());
    group_member* const member = find(answer.member_id);
    // In a rebalance that began meanwhile, the parked request is answered at its end.
    if (member == nullptr || state_ != group_state::stable) {
        return;
    }
    member->has_joined = false;
    if (!member->parked_join) {
        return;
    }
    if (!done) {
        answer.error = wire(error_code::coordinator_not_available);
    }
    out.joins.push_back({*member->parked_join, std::move(answer)});
    member->parked_join.reset();
    keep_alive(*member, now);
}

void group::end_syncs(error_code why, moment now, group_actions& out) {
    assignment_ticket_ = 0;
    for (auto& [id, member] : members_) {
        member.assignment = {};
        if (member.parked_sync) {
            out.syncs.push_back({*member.parked_sync, refusal(why)});
            member.parked_sync.reset();
            if (!member.parked_join) {
                keep_alive(member, now);
            }
        }
    }
}

sync_response group::assignment_for(const group_member& member) const {
    sync_response answer;
    answer.protocol_type = protocol_type_;
    answer.protocol_name = protocol_;
    answer.assignment = member.assignment;
    return answer;
}

group_metadata group::snapshot() const {
    group_metadata made;
    made.protocol_type = protocol_type_;
    made.generation = generation_;
    made.protocol = protocol_;
    if (!leader_.empty()) {
        made.leader = leader_;
    }
    made.state_since = state_since_;
    for (const auto& [id, member] : members_) {
        const bytes* const subscription = member.metadata_for(protocol_.value_or(""));
        made.members.push_back(
            {id,
             member.instance_id,
             member.client_id,
             member.client_host,
             in_ms(member.rebalance_timeout),
             in_ms(member.session_timeout),
             subscription == nullptr ? bytes{} : *subscription,
             member.assignment}
        );
    }
    return made;
}

kafka::describe_groups_api::response::group group::describe() const {
    kafka::describe_groups_api::response::group made;
    made.group_id = id_;
    made.group_state = name_of(state_);
    made.protocol_type = protocol_type_;
    const bool stable = state_ == group_state::stable;
    if (stable) {
        made.protocol_data = protocol_.value_or("");
    }
    for (const auto& [id, member] : members_) {
        auto& shown = made.members.emplace_back();
        shown.member_id = id;
        shown.instance_id = member.instance_id;
        shown.client_id = member.client_id;
        shown.client_host = member.client_host;
        if (const bytes* const metadata = member.metadata_for(made.protocol_data);
            stable && metadata != nullptr) {
            shown.member_metadata = *metadata;
            shown.member_assignment = member.assignment;
        }
    }
    return made;
}

bool group::subscribes_to(std::string_view topic) const {
    if (protocol_type_ != consumer_protocol_type) {
        return !members_.empty();
    }
    return std::any_of(members_.begin(), members_.end(), [&](const auto& each) {
        return std::any_of(
            each.second.protocols.begin(),
            each.second.protocols.end(),
            [&](const member_protocol& known) {
                const auto topics = subscribed_topics(known.metadata.view());
                return !topics || std::binary_search(topics->begin(), topics->end(), topic);
            }
        );
    });
}

} // namespace logboom::broker
