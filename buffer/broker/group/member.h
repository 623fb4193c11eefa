// One member of a consumer group: what it said when it joined, what the leader gave it, and which
// of its requests is waiting for an answer. Plain data, owned and kept consistent by group.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace logboom::broker {

/// Names a parked request; whoever parked it knows what stands behind it. Never reused.
using request_token = strong<std::uint64_t, struct request_token_tag>;

/// Both clocks at one instant: `steady` (clock::steady) for time-outs, `wall` for what is stored.
struct moment {
    clock::duration steady{};
    timestamp_ms wall{0};

    static moment of(const clock& time) { return {time.steady(), time.wall_ms()}; }
};

constexpr clock::duration never = clock::duration::max();

/// A way to assign partitions that a member knows ("range", "cooperative-sticky"), with what it
/// wants the leader to know. Opaque to the broker.
struct member_protocol {
    std::string name;
    bytes metadata;

    friend bool operator==(const member_protocol& left, const member_protocol& right) {
        return left.name == right.name && left.metadata.text() == right.metadata.text();
    }
};

struct group_member {
    std::string id;
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string client_host;
    std::chrono::milliseconds rebalance_timeout{0};
    std::chrono::milliseconds session_timeout{0};
    /// In the member's order of preference.
    std::vector<member_protocol> protocols;
    bytes assignment;

    /// Has not yet been told a generation.
    bool is_new = false;
    /// Has asked for the generation that is being prepared.
    bool has_joined = false;
    /// Was told the current generation and has not yet asked for its assignment.
    bool owes_sync = false;
    /// The request itself, unless its connection is gone.
    std::optional<request_token> parked_join;
    std::optional<request_token> parked_sync;
    /// When the member counts as gone.
    clock::duration deadline = never;

    /// nullptr when it does not know the protocol.
    [[nodiscard]] const bytes* metadata_for(std::string_view protocol) const {
        for (const member_protocol& each : protocols) {
            if (each.name == protocol) {
                return &each.metadata;
            }
        }
        return nullptr;
    }
};

} // namespace logboom::broker
