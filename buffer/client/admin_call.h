// One admin request and its answer, on any librdkafka client: what topic_ids and the tools share.
// Blocking, bounded by the limit given.
#pragma once

#include "base/result.h"
#include "buffer/client/handle.h"

#include <chrono>
#include <functional>

namespace logboom::client {

using admin_options =
    std::unique_ptr<rd_kafka_AdminOptions_t, destroy_with<rd_kafka_AdminOptions_destroy>>;
/// Issues the request: one of librdkafka's rd_kafka_CreateTopics, rd_kafka_DescribeConfigs, ...
using admin_request = std::function<void(rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;

/// The result event. Fails with the event's own error (no broker, time-out, refused as a whole).
result<event_handle> call_admin(
    rd_kafka_t* client,
    rd_kafka_admin_op_t operation,
    std::chrono::milliseconds limit,
    const admin_request& request
);

} // namespace logboom::client
