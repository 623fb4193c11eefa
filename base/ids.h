// The numbers that this program must never mix up. Names and widths are Kafka's.
#pragma once

#include "base/strong.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace logboom {

/// Position of a record in a partition; -1 stands for "none" where Kafka says so.
using offset = strong<std::int64_t, struct offset_tag>;
using partition_id = strong<std::int32_t, struct partition_id_tag>;
using leader_epoch = strong<std::int32_t, struct leader_epoch_tag>;
using broker_id = strong<std::int32_t, struct broker_id_tag>;
using producer_id = strong<std::int64_t, struct producer_id_tag>;
using producer_epoch = strong<std::int16_t, struct producer_epoch_tag>;
using api_version = strong<std::int16_t, struct api_version_tag>;
/// Generation of a consumer group; -1 for a consumer without membership.
using group_generation = strong<std::int32_t, struct group_generation_tag>;
/// Byte position in a file that is tailed.
using file_position = strong<std::int64_t, struct file_position_tag>;
/// How often a file identity has begun anew (truncated, or its inode reused).
using file_generation = strong<std::int64_t, struct file_generation_tag>;

/// Milliseconds since the epoch, as on the wire and in the log; -1 stands for "none".
using timestamp_ms = strong<std::int64_t, struct timestamp_ms_tag>;

constexpr offset no_offset{-1};

/// 128-bit id of a topic, cluster or log directory (KIP-516). Text form: 22 characters base64url,
/// as Kafka's Uuid.toString.
struct uuid {
    std::array<std::uint8_t, 16> octets{};

    friend auto operator<=>(const uuid&, const uuid&) = default;

    [[nodiscard]] bool is_zero() const noexcept { return *this == uuid{}; }
    [[nodiscard]] std::string text() const;
    /// Random (version 4); never begins with '-' in text form, as Kafka's does not.
    static uuid random();
    /// False when `text` is not 22 characters of base64url.
    static bool parse(std::string_view text, uuid& out);
};

struct topic_partition {
    std::string topic;
    partition_id partition;

    friend auto operator<=>(const topic_partition&, const topic_partition&) = default;
};

} // namespace logboom

template <>
struct std::hash<logboom::topic_partition> {
    std::size_t operator()(const logboom::topic_partition& at) const noexcept {
        return std::hash<std::string>{}(at.topic) * 31 +
               static_cast<std::size_t>(at.partition.value());
    }
};
