// The group coordinator at work in a broker: its timers and its state_topic, __consumer_offsets.
// The topic is created when a client first looks for a coordinator; at start its partitions are
// read in the background, and until a group's partition is read its members are told to wait. Owned
// by the server; on the loop. Handlers of the group apis call the coordinator.
#pragma once

#include "buffer/broker/config/broker_config.h"
#include "buffer/broker/core/broker_context.h"
#include "buffer/broker/group/coordinator.h"
#include "buffer/broker/state/state_topic.h"

namespace logboom::broker {

class group_service {
  public:
    using opened = std::function<void(bool)>;

    /// `context` outlives it.
    explicit group_service(broker_context& context);
    group_service(const group_service&) = delete;
    group_service& operator=(const group_service&) = delete;

    /// Before the first connection: begins to load groups.
    void start();
    /// After the last one: no timer and no callback does anything any more.
    void stop();

    [[nodiscard]] group_coordinator& coordinator() noexcept { return coordinator_; }
    /// `done(true)` when __consumer_offsets is there, which it is made for; perhaps at once.
    void open(opened done);
    /// The client that waits for the answer of a join or sync is gone.
    void disconnected(request_token token);
    /// disconnected() when the client of `answer` goes while it is pending.
    template <class Reply>
    void watch(Reply& answer, request_token token) {
        if (answer.pending()) {
            answer.on_disconnect(while_running([this, token] { disconnected(token); }));
        }
    }

    /// `call` with each offset that a group has committed.
    using offset_visitor = group_coordinator::offset_visitor;
    void visit_offsets(const offset_visitor& call) const { coordinator_.visit_offsets(call); }

  private:
    void load(partition_id which);
    void take(partition_id which, group_loader& loader);
    void load_ended();
    void forget_missing_topics();
    /// Wraps a callback so that it does nothing after stop().
    template <class Call>
    auto while_running(Call call) {
        return [alive = std::weak_ptr<int>(alive_), call = std::move(call)](auto&&... values) {
            if (!alive.expired()) {
                call(std::forward<decltype(values)>(values)...);
            }
        };
    }
    void arm();
    void arm_expiry();

    broker_context& context_;
    state_topic topic_;
    group_coordinator coordinator_;
    const counter unreadable_count_;
    std::int32_t loads_pending_ = 0;
    std::unique_ptr<net::loop_timer> timer_;
    clock::duration timer_at_ = never;
    std::unique_ptr<net::loop_timer> expiry_timer_;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

} // namespace logboom::broker
