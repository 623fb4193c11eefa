// Kafka's checkpoint files: text of a version line "0", a count, and so many lines. Written by
// replace_file, so a reader finds the old or the new one. Stateless.
#pragma once

#include "base/env.h"
#include "base/ids.h"

#include <map>
#include <string_view>
#include <vector>

namespace logboom::log {

using offset_checkpoint = std::map<topic_partition, offset>;

/// A missing file is an empty one. Errors: malformed_file.
result<offset_checkpoint> read_offset_checkpoint(env& files, const std::string& path);
result<void>
write_offset_checkpoint(env& files, const std::string& path, const offset_checkpoint& values);

struct epoch_start {
    leader_epoch epoch;
    offset start;
    friend bool operator==(const epoch_start&, const epoch_start&) = default;
};

constexpr std::string_view epoch_checkpoint_name = "leader-epoch-checkpoint";

/// In the order of the file. A missing file is an empty one.
result<std::vector<epoch_start>> read_epoch_checkpoint(env& files, const std::string& path);
result<void>
write_epoch_checkpoint(env& files, const std::string& path, const std::vector<epoch_start>& values);

} // namespace logboom::log
