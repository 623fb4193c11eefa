// The group coordinator at work in a broker: its handlers, its timers, and its log, the topic
// __consumer_offsets. The topic is created when a client first looks for a coordinator; at start
// its partitions are read in the background, and until a group's partition is read its members are
// told to wait. Created by the server, on the loop.
#pragma once

#include "buffer/broker/core/broker_context.h"

#include <memory>

namespace logboom::broker {

/// `context` outlives the module.
std::unique_ptr<broker_module> make_group_module(broker_context& context);

} // namespace logboom::broker
