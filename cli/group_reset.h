// The reset of `logboom groups --reset-offsets`: which partitions, and where to. The arithmetic is
// in buffer/client/reset_offsets.h; this asks the cluster for what it needs.
#pragma once

#include "buffer/client/admin.h"
#include "buffer/client/reset_offsets.h"

#include <optional>
#include <string>
#include <vector>

namespace logboom::cli {

struct reset_request {
    std::string group;
    /// "topic" or "topic:0,1".
    std::vector<std::string> topics;
    bool all_topics = false;
    client::reset_goal goal;
    /// For to_time.
    timestamp_ms when{-1};
    /// Instead of all the above.
    std::optional<std::string> file;
};

/// The new offsets by partition. Fails when the group has members (errc::group_is_active).
result<std::vector<client::partition_offset>>
plan_reset(client::admin& cluster, const reset_request& request);

} // namespace logboom::cli
