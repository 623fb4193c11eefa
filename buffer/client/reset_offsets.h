// Where a group's offsets go when they are reset: the arithmetic of `kafka-consumer-groups.sh
// --reset-offsets`, and the texts it reads. Pure functions.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "buffer/client/assignment.h"
#include "buffer/client/topic_pattern.h"

#include <chrono>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

namespace logboom::client {

enum class reset_kind { earliest, latest, to_offset, to_time, shift_by, current };

struct reset_goal {
    reset_kind kind = reset_kind::current;
    /// The offset, or how far to shift.
    std::int64_t number = 0;
};

/// What is known of one partition.
struct reset_facts {
    topic_partition at;
    /// -1: the group has none.
    offset current{-1};
    offset first{-1};
    offset end{-1};
    /// The first record not older than the time asked for; -1: there is none.
    offset at_time{-1};
};

/// Always within [first, end], as Kafka's tool does it. nullopt only for shifting a partition
/// without an offset.
std::optional<offset> reset_to(const reset_goal& goal, const reset_facts& facts);

/// "2024-05-01T00:00:00.000", with "Z" or "+02:00" or neither (UTC); the fraction may be missing.
/// Never below zero.
std::optional<timestamp_ms> parse_reset_time(std::string_view text);
/// "P1DT2H30M10.5S", each part once at most and in this order.
std::optional<std::chrono::milliseconds> parse_iso_duration(std::string_view text);

/// Lines of topic,partition,offset, or group,topic,partition,offset of which those of `group`
/// count. Fails naming the line.
result<std::vector<partition_offset>>
parse_reset_file(std::string_view text, std::string_view group);

/// "topic" or "topic:0,1,2". Fails for anything else. Empty partitions: all.
struct topic_choice {
    std::string topic;
    std::vector<partition_id> partitions;
};
result<topic_choice> parse_topic_choice(std::string_view text);

/// kafka-get-offsets.sh's --topic-partitions: patterns separated by commas, each a regular
/// expression for the whole topic, a colon, and a partition, "2-5" (without 5), "2-" or "-5"; what
/// is left out means all. Fails naming the pattern.
class partition_patterns {
  public:
    static result<partition_patterns> parse(std::string_view text);
    [[nodiscard]] bool matches(const topic_partition& partition) const;

  private:
    struct pattern {
        std::optional<topic_pattern> topic;
        std::int64_t first = 0;
        std::int64_t end = std::numeric_limits<std::int64_t>::max();
    };
    std::vector<pattern> patterns_;
};

} // namespace logboom::client
