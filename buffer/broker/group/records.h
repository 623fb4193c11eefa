// The records of __consumer_offsets, byte for byte Kafka's (docs/consumer_groups.md has the
// tables): an int16 version before each key and value; key 0 or 1 is a committed offset, key 2 a
// group. Anything else belongs to features we do not have and is left alone. Pure functions.
#pragma once

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace logboom::broker {

/// How far a group has read one partition.
struct committed_offset {
    offset at{-1};
    leader_epoch epoch{-1};
    std::string metadata;
    timestamp_ms committed{-1};
    /// Set by clients of OffsetCommit 2-4 that asked for a retention time; -1: by the broker's
    /// rule.
    timestamp_ms expires{-1};

    friend bool operator==(const committed_offset&, const committed_offset&) = default;
};

/// A group as the log remembers it: the last finished generation.
struct group_metadata {
    struct member {
        std::string id;
        std::optional<std::string> instance_id;
        std::string client_id;
        std::string client_host;
        std::int32_t rebalance_timeout_ms = -1;
        std::int32_t session_timeout_ms = 0;
        /// The metadata that it gave for the chosen protocol.
        bytes subscription;
        bytes assignment;
    };

    std::string protocol_type;
    group_generation generation{0};
    std::optional<std::string> protocol;
    std::optional<std::string> leader;
    timestamp_ms state_since{-1};
    std::vector<member> members;
};

struct offset_key {
    std::string group;
    topic_partition at;
};
struct group_key {
    std::string group;
};
/// Of a kind this program does not know.
struct unknown_key {
    std::int16_t version = 0;
};
using record_key = std::variant<offset_key, group_key, unknown_key>;

bytes encode_key(const offset_key& key);
bytes encode_key(const group_key& key);
bytes encode_value(const committed_offset& value);
bytes encode_value(const group_metadata& value);

result<record_key> decode_key(bytes_view encoded);
/// Versions 0-4.
result<committed_offset> decode_committed_offset(bytes_view encoded);
/// Versions 0-4.
result<group_metadata> decode_group_metadata(bytes_view encoded);

} // namespace logboom::broker
