// Who is in which group: joins and syncs that wait for others, heartbeats, timers, and what is
// shown of groups. Answers are callbacks; time is asked of a clock. One owner, one thread.
#pragma once

#include "buffer/broker/group/group_table.h"
#include "codecs/kafka/messages/16_list_groups.h"

namespace logboom::broker {

class group_members {
  public:
    template <class Response>
    using answer_call = std::function<void(const Response&)>;
    using leave_api = kafka::leave_group_api;

    /// `groups` outlives it.
    group_members(group_table& groups, metrics& counters);
    group_members(const group_members&) = delete;
    group_members& operator=(const group_members&) = delete;

    // Requests. Those with a callback may be answered later; the token that they give is for
    // disconnected(), that of the caller is filled in here.
    request_token
    join(const join_request& request, group_caller by, answer_call<join_response> answer);
    request_token
    sync(const sync_request& request, group_caller by, answer_call<sync_response> answer);
    void disconnected(request_token token);
    error_code heartbeat(const kafka::heartbeat_api::request& request);
    leave_api::response leave(const leave_api::request& request, api_version version);
    kafka::describe_groups_api::response::group describe(std::string_view group_id) const;
    kafka::list_groups_api::response list(const std::vector<std::string_view>& states) const;

    // Time.
    /// `call` when next_deadline() has become earlier.
    void on_deadline(std::function<void()> call) { earlier_deadline_ = std::move(call); }
    [[nodiscard]] clock::duration next_deadline() const;
    void tick();
    /// A group came from the log.
    void watch(group_entry& of) { set_timer(of); }

  private:
    void carry_out(group_entry& of, group_actions actions);
    void set_timer(group_entry& of);
    void store(const std::string& group_id, std::uint64_t incarnation, group_actions::store what);
    [[nodiscard]] moment now() const { return moment::of(groups_.time()); }

    group_table& groups_;
    counter rebalances_count_;
    std::uint64_t last_token_ = 0;
    std::map<request_token, std::pair<std::string, answer_call<join_response>>> parked_joins_;
    std::map<request_token, std::pair<std::string, answer_call<sync_response>>> parked_syncs_;
    /// Group ids by the time at which they want tick(); lazily moved later.
    std::multimap<clock::duration, std::string> timers_;
    std::function<void()> earlier_deadline_;
};

} // namespace logboom::broker
