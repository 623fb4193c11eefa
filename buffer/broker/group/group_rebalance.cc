// From one generation to the next: who is in, who is out, who leads, and what time does.
#include "buffer/broker/group/group.h"

#include <algorithm>

namespace logboom::broker {

void group::enter(group_state next, moment now) {
    state_ = next;
    state_since_ = now.wall;
}

clock::duration group::rebalance_timeout() const {
    clock::duration longest{};
    for (const auto& [id, member] : members_) {
        longest = std::max<clock::duration>(longest, member.rebalance_timeout);
    }
    return longest;
}

void group::rebalance(moment now, group_actions& out) {
    if (state_ == group_state::preparing_rebalance) {
        return complete_join_if_all_did(now, out);
    }
    if (state_ == group_state::completing_rebalance) {
        end_syncs(error_code::rebalance_in_progress, now, out);
    }
    const clock::duration all = rebalance_timeout();
    const clock::duration delay = std::min<clock::duration>(limits_.initial_rebalance_delay, all);
    initial_delay_ = state_ == group_state::empty && delay > clock::duration::zero();
    joined_during_delay_ = false;
    delay_left_ = all - delay;
    join_deadline_ = now.steady + (initial_delay_ ? delay : all);
    sync_deadline_ = never;
    for (auto& [id, member] : members_) {
        member.owes_sync = false;
    }
    enter(group_state::preparing_rebalance, now);
    complete_join_if_all_did(now, out);
}

void group::complete_join_if_all_did(moment now, group_actions& out) {
    if (state_ != group_state::preparing_rebalance || !pending_.empty()) {
        return;
    }
    const bool all = std::all_of(members_.begin(), members_.end(), [](const auto& each) {
        return each.second.has_joined;
    });
    if (all && (!initial_delay_ || members_.empty())) {
        complete_join(now, out);
    }
}

bool group::elect_leader() {
    const auto can_lead = [](const group_member& member) { return member.parked_join.has_value(); };
    const group_member* const current = find(leader_);
    if (current != nullptr && can_lead(*current)) {
        return true;
    }
    const auto next = std::find_if(members_.begin(), members_.end(), [&](const auto& each) {
        return can_lead(each.second);
    });
    if (next == members_.end()) {
        return false;
    }
    leader_ = next->first;
    return true;
}

void group::complete_join(moment now, group_actions& out) {
    for (auto at = members_.begin(); at != members_.end();) {
        const auto each = at++;
        if (!each->second.has_joined && !each->second.instance_id) {
            remove(each, error_code::unknown_member_id, out);
        }
    }
    initial_delay_ = false;
    if (!members_.empty() && !elect_leader()) {
        // Only static members that are away: wait on, until one is back or their sessions end.
        join_deadline_ =
            now.steady + std::max<clock::duration>(rebalance_timeout(), std::chrono::seconds(1));
        return;
    }
    join_deadline_ = never;
    ++generation_;
    if (members_.empty()) {
        protocol_.reset();
        leader_.clear();
        enter(group_state::empty, now);
        out.stores.push_back({0, snapshot()});
        return;
    }
    protocol_ = choose_protocol();
    enter(group_state::completing_rebalance, now);
    sync_deadline_ = now.steady + rebalance_timeout();
    for (auto& [id, member] : members_) {
        if (!member.has_joined) {
            continue;
        }
        member.has_joined = false;
        member.owes_sync = true;
        member.is_new = false;
        if (member.parked_join) {
            out.joins.push_back({*member.parked_join, generation_for(member, id == leader_)});
            member.parked_join.reset();
            keep_alive(member, now);
        }
    }
}

std::set<std::string, std::less<>> group::common_protocols(std::string_view except) const {
    std::map<std::string, std::size_t> known_by;
    std::size_t members = 0;
    for (const auto& [id, member] : members_) {
        if (id == except) {
            continue;
        }
        ++members;
        std::set<std::string_view> mine;
        for (const member_protocol& each : member.protocols) {
            if (mine.insert(each.name).second) {
                ++known_by[each.name];
            }
        }
    }
    std::set<std::string, std::less<>> common;
    for (const auto& [name, count] : known_by) {
        if (count == members) {
            common.insert(name);
        }
    }
    return common;
}

std::string group::choose_protocol() const {
    const auto common = common_protocols("");
    std::map<std::string_view, std::size_t> votes;
    for (const auto& [id, member] : members_) {
        const auto vote = std::find_if(
            member.protocols.begin(),
            member.protocols.end(),
            [&](const member_protocol& each) { return common.contains(each.name); }
        );
        // join() lets nobody in who shares no protocol with all others.
        LB_ASSERT(vote != member.protocols.end());
        ++votes[vote->name];
    }
    const auto most = std::max_element(votes.begin(), votes.end(), [](auto& left, auto& right) {
        return left.second < right.second;
    });
    LB_ASSERT(most != votes.end());
    return std::string(most->first);
}

void group::remove(member_map::iterator which, error_code why, group_actions& out) {
    LB_ASSERT(which != members_.end());
    const group_member& member = which->second;
    if (member.parked_join) {
        join_response answer;
        answer.error = static_cast<std::int16_t>(why);
        answer.member_id = member.id;
        out.joins.push_back({*member.parked_join, std::move(answer)});
    }
    if (member.parked_sync) {
        sync_response answer;
        answer.error = static_cast<std::int16_t>(why);
        out.syncs.push_back({*member.parked_sync, std::move(answer)});
    }
    if (member.instance_id) {
        static_members_.erase(*member.instance_id);
    }
    const bool led = member.id == leader_;
    members_.erase(which);
    if (led) {
        leader_ = members_.empty() ? "" : members_.begin()->first;
    }
}

void group::after_removal(moment now, group_actions& out) {
    if (state_ != group_state::empty) {
        rebalance(now, out);
    }
}

void group::disconnected(request_token token, moment now, group_actions& out) {
    const auto of = std::find_if(members_.begin(), members_.end(), [&](const auto& each) {
        return each.second.parked_join == token || each.second.parked_sync == token;
    });
    if (of == members_.end()) {
        return;
    }
    group_member& member = of->second;
    const bool was_joining = member.parked_join == token;
    (was_joining ? member.parked_join : member.parked_sync).reset();
    if (was_joining && member.is_new && !member.instance_id) {
        // It owns nothing and was promised nothing; a client that is still alive starts over.
        remove(of, error_code::unknown_member_id, out);
        after_removal(now, out);
        return;
    }
    keep_alive(member, now);
}

void group::tick(moment now, group_actions& out) {
    std::erase_if(pending_, [&](const auto& each) { return each.second <= now.steady; });
    bool removed = false;
    for (auto at = members_.begin(); at != members_.end();) {
        const auto each = at++;
        if (each->second.deadline <= now.steady) {
            remove(each, error_code::unknown_member_id, out);
            removed = true;
        }
    }
    if (removed) {
        after_removal(now, out);
    }
    complete_join_if_all_did(now, out);
    tick_rebalance(now, out);
}

void group::tick_rebalance(moment now, group_actions& out) {
    if (state_ == group_state::preparing_rebalance && join_deadline_ <= now.steady) {
        if (initial_delay_ && joined_during_delay_ && delay_left_ > clock::duration::zero()) {
            const clock::duration more =
                std::min<clock::duration>(limits_.initial_rebalance_delay, delay_left_);
            delay_left_ -= more;
            joined_during_delay_ = false;
            join_deadline_ = now.steady + more;
            return;
        }
        complete_join(now, out);
    }
    if (sync_deadline_ > now.steady) {
        return;
    }
    sync_deadline_ = never;
    bool removed = false;
    for (auto at = members_.begin(); at != members_.end();) {
        const auto each = at++;
        if (each->second.owes_sync) {
            remove(each, error_code::unknown_member_id, out);
            removed = true;
        }
    }
    if (removed) {
        after_removal(now, out);
    }
}

clock::duration group::next_deadline() const {
    clock::duration next = std::min(join_deadline_, sync_deadline_);
    for (const auto& [id, member] : members_) {
        next = std::min(next, member.deadline);
    }
    for (const auto& [id, deadline] : pending_) {
        next = std::min(next, deadline);
    }
    return next;
}

} // namespace logboom::broker
