// What group_module is made of: coordinator, topic and timers here, handlers in group_handlers.cc.
// All on the loop.
#pragma once

#include "buffer/broker/config/broker_config.h"
#include "buffer/broker/group/coordinator.h"
#include "buffer/broker/group/group_module.h"

namespace logboom::broker {

class group_service final : public broker_module {
  public:
    explicit group_service(broker_context& context);

    void add_handlers(handler_table& to) override;
    result<void> start() override;
    void stop() override;

  private:
    struct load_job;
    using opened = std::function<void(bool)>;

    // The topic (group_module.cc).
    void with_topic(opened done);
    void topic_created(bool done, std::int32_t partition_count);
    void load(std::shared_ptr<load_job> job);
    void load_done(load_job& job);
    void load_ended();
    void forget_missing_topics();
    void append(partition_id to, std::vector<group_record> records, std::function<void(bool)> done);
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

    // Handlers (group_handlers.cc).
    void add_membership(handler_table& to);
    void add_offsets(handler_table& to);
    void add_views(handler_table& to);
    [[nodiscard]] error_code check_partition(std::string_view topic, partition_id index) const;

    broker_context& context_;
    group_coordinator coordinator_;
    std::vector<opened> waiting_for_topic_;
    std::size_t loads_pending_ = 0;
    std::unique_ptr<net::loop_timer> timer_;
    clock::duration timer_at_ = never;
    std::unique_ptr<net::loop_timer> expiry_timer_;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

} // namespace logboom::broker
