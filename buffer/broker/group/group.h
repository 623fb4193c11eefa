// One consumer group under the classic protocol, as a state machine without I/O: requests and time
// go in, answers and things to store come out (group_actions). States and rules are Kafka's:
//
//   Empty -> PreparingRebalance (members ask to join; ends when all have, or by time-out)
//         -> CompletingRebalance (all know the generation; the leader owes the assignment)
//         -> Stable (assignment stored and handed out) -> PreparingRebalance ...
//
// A group that is Dead does not exist: the coordinator answers for it. Every parked request is
// answered exactly once, or its token is given back by disconnected(). Owned by the coordinator,
// one thread. An event that arms or moves a timer shows in next_deadline(); call tick() then.
#pragma once

#include "buffer/broker/group/group_actions.h"
#include "codecs/kafka/error_code.h"
#include "codecs/kafka/messages/12_heartbeat.h"
#include "codecs/kafka/messages/13_leave_group.h"
#include "codecs/kafka/messages/15_describe_groups.h"

#include <functional>
#include <map>
#include <set>

namespace logboom::broker {

using kafka::error_code;

enum class group_state { empty, preparing_rebalance, completing_rebalance, stable };

/// As Kafka's tools print it.
const char* name_of(group_state state) noexcept;

/// From group.* of the configuration: see make_coordinator_options.
struct group_limits {
    /// A member that has not been answered yet cannot send heartbeats: it has this long.
    static constexpr std::chrono::milliseconds new_member_join_timeout{300'000};

    std::chrono::milliseconds session_timeout_min{};
    std::chrono::milliseconds session_timeout_max{};
    std::chrono::milliseconds initial_rebalance_delay{};
    std::size_t member_count_max{};
    /// Makes the part of a member id behind the client's name; unique.
    std::function<std::string()> make_id;
};

/// Who sent a request, and where its answer goes if it has to wait.
struct group_caller {
    std::string_view client_id;
    std::string_view client_host;
    api_version version{0};
    request_token token{0};
};

/// A member as a request names it.
struct member_name {
    std::string_view id;
    std::optional<std::string_view> instance_id;
};

class group {
  public:
    /// `limits` outlives the group.
    group(std::string id, const group_limits& limits, moment now);
    /// As the log remembers it: with members it is Stable, and they have one session to be heard
    /// of.
    group(std::string id, const group_limits& limits, group_metadata from, moment now);

    /// The answer comes in `out`, now or later.
    void join(const join_request& request, const group_caller& by, moment now, group_actions& out);
    void sync(const sync_request& request, const group_caller& by, moment now, group_actions& out);
    error_code heartbeat(member_name who, group_generation generation, moment now);
    error_code leave(member_name who, moment now, group_actions& out);
    /// May this caller commit offsets now? Counts as a heartbeat.
    error_code may_commit(member_name who, group_generation generation, moment now);

    /// The connection of a parked request is gone; it is not to be answered any more.
    void disconnected(request_token token, moment now, group_actions& out);
    /// The outcome of group_actions::store with this ticket.
    void stored(std::uint64_t ticket, bool done, moment now, group_actions& out);
    void tick(moment now, group_actions& out);
    [[nodiscard]] clock::duration next_deadline() const;

    [[nodiscard]] const std::string& id() const noexcept { return id_; }
    [[nodiscard]] group_state state() const noexcept { return state_; }
    [[nodiscard]] group_generation generation() const noexcept { return generation_; }
    /// Empty until the first member joined; kept when the last one left.
    [[nodiscard]] const std::string& protocol_type() const noexcept { return protocol_type_; }
    [[nodiscard]] timestamp_ms state_since() const noexcept { return state_since_; }
    [[nodiscard]] const std::map<std::string, group_member, std::less<>>& members() const noexcept {
        return members_;
    }
    /// No member, and none on its way.
    [[nodiscard]] bool is_vacant() const noexcept {
        return state_ == group_state::empty && pending_.empty();
    }
    /// DescribeGroups' answer: metadata and assignments are shown while Stable.
    [[nodiscard]] kafka::describe_groups_api::response::group describe() const;
    /// Does a member of a "consumer" group read this topic? Also yes when that cannot be told.
    [[nodiscard]] bool subscribes_to(std::string_view topic) const;

  private:
    using member_map = std::map<std::string, group_member, std::less<>>;

    // Joining (group_join.cc).
    [[nodiscard]] bool has_room_for(std::string_view member_id) const;
    [[nodiscard]] bool
    supports(std::string_view type, const join_request& request, std::string_view except) const;
    void
    join_new(const join_request& request, const group_caller& by, moment now, group_actions& out);
    void
    join_again(const join_request& request, const group_caller& by, moment now, group_actions& out);
    void join_static(
        const join_request& request, const group_caller& by, moment now, group_actions& out
    );
    void add_member(
        std::string member_id,
        const join_request& request,
        const group_caller& by,
        moment now,
        group_actions& out
    );
    void update(
        group_member& of, const join_request& request, const group_caller& by, group_actions& out
    );
    [[nodiscard]] join_response generation_for(const group_member& member, bool with_members) const;
    [[nodiscard]] std::string make_member_id(std::string_view prefix) const;

    // The rebalance (group_rebalance.cc).
    void rebalance(moment now, group_actions& out);
    void complete_join_if_all_did(moment now, group_actions& out);
    void complete_join(moment now, group_actions& out);
    bool elect_leader();
    [[nodiscard]] std::string choose_protocol() const;
    [[nodiscard]] std::set<std::string, std::less<>> common_protocols(std::string_view except
    ) const;
    [[nodiscard]] clock::duration rebalance_timeout() const;
    void remove(member_map::iterator which, error_code why, group_actions& out);
    void after_removal(moment now, group_actions& out);
    void enter(group_state next, moment now);
    void tick_rebalance(moment now, group_actions& out);

    // Being a member (group.cc).
    [[nodiscard]] error_code check_member(member_name who) const;
    [[nodiscard]] group_member* find(std::string_view member_id);
    void take_assignment(const sync_request& request, group_actions& out);
    void replacement_stored(std::uint64_t ticket, bool done, moment now, group_actions& out);
    void end_syncs(error_code why, moment now, group_actions& out);
    [[nodiscard]] sync_response assignment_for(const group_member& member) const;
    static void keep_alive(group_member& member, moment now);
    [[nodiscard]] group_metadata snapshot() const;

    std::string id_;
    const group_limits& limits_;
    group_state state_ = group_state::empty;
    timestamp_ms state_since_;
    group_generation generation_{0};
    std::string protocol_type_;
    std::optional<std::string> protocol_;
    std::string leader_;
    member_map members_;
    std::map<std::string, std::string, std::less<>> static_members_;
    /// Ids given out with MEMBER_ID_REQUIRED, until they come back or their time is up.
    std::map<std::string, clock::duration, std::less<>> pending_;

    /// Preparing: when to go on without those that did not join.
    clock::duration join_deadline_ = never;
    /// The group was Empty: wait for more members even when all known ones have joined.
    bool initial_delay_ = false;
    bool joined_during_delay_ = false;
    clock::duration delay_left_{};
    /// Completing or Stable: when members that owe a SyncGroup count as gone.
    clock::duration sync_deadline_ = never;

    std::uint64_t last_ticket_ = 0;
    /// The store of this generation's assignment; 0 when none is under way.
    std::uint64_t assignment_ticket_ = 0;
    /// By ticket: what static members that came back are told once their new id is stored.
    std::map<std::uint64_t, join_response> replacements_;
};

} // namespace logboom::broker
