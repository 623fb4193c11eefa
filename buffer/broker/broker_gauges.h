// What only a look at the broker's state tells: where each partition's log begins and ends, how
// large it is, what groups have committed and how far behind they are. Looked at every few seconds
// on the loop, so that who asks for /metrics need not wait for it. A series goes with its partition
// or group.
#pragma once

#include "base/metrics.h"
#include "buffer/broker/group/group_service.h"
#include "buffer/broker/topics/topic_catalog.h"
#include "net/event_loop.h"

#include <map>
#include <utility>

namespace logboom::broker {

class broker_gauges {
  public:
    /// References outlive it.
    struct services {
        net::event_loop& loop;
        const topic_catalog& topics;
        const group_service& groups;
        metrics& counters;
    };
    explicit broker_gauges(services with) : with_(with) {}

    /// Looks now, and again every few seconds.
    void start();
    void stop() { timer_.reset(); }
    void look();

  private:
    struct group_series {
        gauge committed;
        gauge lag;
    };
    using group_partition = std::pair<std::string, topic_partition>;

    void look_at_logs();
    void look_at_groups();

    services with_;
    std::map<group_partition, group_series> groups_;
    std::unique_ptr<net::loop_timer> timer_;
};

} // namespace logboom::broker
