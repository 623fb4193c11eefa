// Becoming a member, and coming back as one.
#include "buffer/broker/group/consumer_protocol.h"
#include "buffer/broker/group/group.h"

#include <algorithm>

namespace logboom::broker {

namespace {

/// Ids that were given out and not yet used are bounded too.
constexpr std::size_t pending_count_max = 10'000;
/// From this version on a dynamic member must come back with the id that it was given, so that a
/// client which gives up waiting does not leave a member behind with each try.
constexpr api_version version_with_required_id{4};
/// From this version on a static leader can be told that nothing is to be assigned.
constexpr api_version version_with_skip_assignment{9};

join_response refusal(error_code why, std::string_view member_id) {
    join_response answer;
    answer.error = static_cast<std::int16_t>(why);
    answer.member_id = member_id;
    return answer;
}

std::vector<member_protocol> protocols_of(const join_request& request) {
    std::vector<member_protocol> made;
    made.reserve(request.protocols.size());
    for (const auto& each : request.protocols) {
        made.push_back({std::string(each.name), bytes::copy_of(each.metadata)});
    }
    return made;
}

bool same_protocols(const group_member& member, const join_request& request) {
    return std::equal(
        member.protocols.begin(),
        member.protocols.end(),
        request.protocols.begin(),
        request.protocols.end(),
        [](const member_protocol& known, const auto& given) {
            return known.name == given.name && known.metadata.text() == as_text(given.metadata);
        }
    );
}

/// A static member that comes back may have forgotten what it owned, so its metadata differs; what
/// counts is whether it still wants the same topics.
bool wants_same(const group_member& member, const join_request& request, const std::string& type) {
    if (type != consumer_protocol_type) {
        return true;
    }
    return std::all_of(request.protocols.begin(), request.protocols.end(), [&](const auto& given) {
        const bytes* const known = member.metadata_for(given.name);
        return known == nullptr ||
               subscribed_topics(known->view()) == subscribed_topics(given.metadata);
    });
}

} // namespace

void group::join(
    const join_request& request, const group_caller& by, moment now, group_actions& out
) {
    const auto refuse = [&](error_code why) {
        out.joins.push_back({by.token, refusal(why, request.member_id)});
    };
    const std::chrono::milliseconds session(request.session_timeout_ms);
    if (session < limits_.session_timeout_min || session > limits_.session_timeout_max) {
        return refuse(error_code::invalid_session_timeout);
    }
    if (!has_room_for(request.member_id)) {
        pending_.erase(std::string(request.member_id));
        out.joins.push_back({by.token, refusal(error_code::group_max_size_reached, "")});
        return complete_join_if_all_did(now, out);
    }
    if (!supports(request.protocol_type, request, request.member_id)) {
        return refuse(error_code::inconsistent_group_protocol);
    }
    if (request.member_id.empty()) {
        join_new(request, by, now, out);
    } else if (const auto pending = pending_.find(request.member_id);
               pending != pending_.end() && !request.instance_id) {
        pending_.erase(pending);
        add_member(std::string(request.member_id), request, by, now, out);
    } else {
        join_again(request, by, now, out);
    }
}

bool group::has_room_for(std::string_view member_id) const {
    const auto known = members_.find(member_id);
    switch (state_) {
    case group_state::empty:
        return true;
    case group_state::preparing_rebalance: {
        // First come, first served among those that ask for the new generation.
        const auto joined = std::count_if(members_.begin(), members_.end(), [](const auto& each) {
            return each.second.has_joined;
        });
        return (known != members_.end() && known->second.has_joined) ||
               static_cast<std::size_t>(joined) < limits_.member_count_max;
    }
    case group_state::completing_rebalance:
    case group_state::stable:
        break;
    }
    return known != members_.end() || members_.size() < limits_.member_count_max;
}

bool group::supports(std::string_view type, const join_request& request, std::string_view except)
    const {
    const bool alone = members_.empty() || (members_.size() == 1 && members_.contains(except));
    if (alone) {
        return !type.empty() && !request.protocols.empty();
    }
    if (type != protocol_type_) {
        return false;
    }
    const auto common = common_protocols(except);
    return std::any_of(request.protocols.begin(), request.protocols.end(), [&](const auto& each) {
        return common.contains(each.name);
    });
}

std::string group::make_member_id(std::string_view prefix) const {
    return std::string(prefix) + "-" + limits_.make_id();
}

void group::join_new(
    const join_request& request, const group_caller& by, moment now, group_actions& out
) {
    if (request.instance_id) {
        if (static_members_.contains(*request.instance_id)) {
            return join_static(request, by, now, out);
        }
        return add_member(make_member_id(*request.instance_id), request, by, now, out);
    }
    std::string member_id = make_member_id(by.client_id);
    if (by.version < version_with_required_id) {
        return add_member(std::move(member_id), request, by, now, out);
    }
    if (pending_.size() >= pending_count_max) {
        out.joins.push_back({by.token, refusal(error_code::group_max_size_reached, "")});
        return;
    }
    out.joins.push_back({by.token, refusal(error_code::member_id_required, member_id)});
    pending_[std::move(member_id)] =
        now.steady + std::chrono::milliseconds(request.session_timeout_ms);
}

void group::add_member(
    std::string member_id,
    const join_request& request,
    const group_caller& by,
    moment now,
    group_actions& out
) {
    if (members_.empty()) {
        protocol_type_ = request.protocol_type;
    }
    group_member& member = members_[member_id];
    member.id = std::move(member_id);
    member.is_new = true;
    if (request.instance_id) {
        member.instance_id = std::string(*request.instance_id);
        static_members_[*member.instance_id] = member.id;
    }
    if (leader_.empty()) {
        leader_ = member.id;
    }
    update(member, request, by, out);
    member.deadline = now.steady + group_limits::new_member_join_timeout;
    joined_during_delay_ = joined_during_delay_ || initial_delay_;
    rebalance(now, out);
}

void group::update(
    group_member& of, const join_request& request, const group_caller& by, group_actions& out
) {
    if (of.parked_join) {
        // The member asks again: whoever waits for the first answer has gone away.
        out.joins.push_back({*of.parked_join, refusal(error_code::rebalance_in_progress, of.id)});
    }
    of.client_id = by.client_id;
    of.client_host = by.client_host;
    of.session_timeout = std::chrono::milliseconds(request.session_timeout_ms);
    of.rebalance_timeout = request.rebalance_timeout_ms < 0
                               ? of.session_timeout
                               : std::chrono::milliseconds(request.rebalance_timeout_ms);
    of.protocols = protocols_of(request);
    of.parked_join = by.token;
    of.has_joined = true;
    if (!of.is_new) {
        of.deadline = never;
    }
}

void group::join_again(
    const join_request& request, const group_caller& by, moment now, group_actions& out
) {
    const error_code known = check_member({request.member_id, request.instance_id});
    if (known != error_code::none) {
        out.joins.push_back({by.token, refusal(known, request.member_id)});
        return;
    }
    group_member& member = *find(request.member_id);
    const bool leads = member.id == leader_;
    // Perhaps the answer got lost; nothing has changed, so the generation stands. The leader of a
    // stable group asks again when it wants a new assignment.
    const bool unchanged =
        same_protocols(member, request) &&
        (state_ == group_state::completing_rebalance || (state_ == group_state::stable && !leads));
    if (unchanged) {
        if (!member.parked_sync) {
            keep_alive(member, now);
        }
        out.joins.push_back({by.token, generation_for(member, leads)});
        return;
    }
    update(member, request, by, out);
    rebalance(now, out);
}

void group::join_static(
    const join_request& request, const group_caller& by, moment now, group_actions& out
) {
    const std::string old_leader = leader_;
    auto node = members_.extract(static_members_.find(*request.instance_id)->second);
    group_member& member = node.mapped();
    const bool same_wish = wants_same(member, request, protocol_type_);
    if (member.parked_join) {
        out.joins.push_back(
            {*member.parked_join, refusal(error_code::fenced_instance_id, member.id)}
        );
        member.parked_join.reset();
    }
    if (member.parked_sync) {
        sync_response fenced;
        fenced.error = static_cast<std::int16_t>(error_code::fenced_instance_id);
        out.syncs.push_back({*member.parked_sync, std::move(fenced)});
        member.parked_sync.reset();
    }
    const bool leads = member.id == leader_;
    member.id = make_member_id(*request.instance_id);
    node.key() = member.id;
    static_members_[*member.instance_id] = member.id;
    if (leads) {
        leader_ = member.id;
    }
    members_.insert(std::move(node));
    update(member, request, by, out);
    if (member.is_new) {
        member.deadline = now.steady + group_limits::new_member_join_timeout;
    }
    if (state_ != group_state::stable || !same_wish || choose_protocol() != protocol_) {
        return rebalance(now, out);
    }
    // The generation stands. A leader is told the members and to assign nothing; an older client
    // cannot be told so, and gets the name of the leader that was, which it no longer bears.
    const bool can_skip = by.version >= version_with_skip_assignment;
    join_response answer = generation_for(member, leads && can_skip);
    answer.skip_assignment = leads && can_skip;
    if (!can_skip) {
        answer.leader = old_leader;
    }
    const std::uint64_t ticket = ++last_ticket_;
    replacements_[ticket] = std::move(answer);
    out.stores.push_back({ticket, snapshot()});
}

join_response group::generation_for(const group_member& member, bool with_members) const {
    join_response answer;
    answer.generation = generation_;
    answer.protocol_type = protocol_type_;
    answer.protocol_name = protocol_;
    answer.leader = leader_;
    answer.member_id = member.id;
    if (with_members) {
        for (const auto& [id, each] : members_) {
            const bytes* const metadata = each.metadata_for(protocol_.value_or(""));
            answer.members.push_back(
                {id, each.instance_id, metadata == nullptr ? bytes{} : *metadata}
            );
        }
    }
    return answer;
}

} // namespace logboom::broker
