// What the topics of internal state hold: records by key, the newest counts, and which partition a
// key lies in. Pure.
#pragma once

#include "base/bytes.h"
#include "base/ids.h"

#include <optional>
#include <string_view>

namespace logboom::broker {

/// A record to append; without a value it is a tombstone.
struct state_record {
    bytes key;
    std::optional<bytes> value;
};

/// The partition that keeps `key` (a group, a transactional id): Java's String.hashCode (over
/// UTF-16), its absolute value, modulo `partition_count`.
partition_id partition_of_state(std::string_view key, std::int32_t partition_count);

} // namespace logboom::broker
