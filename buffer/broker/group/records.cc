// Keys and values of __consumer_offsets, as Kafka's coordinator writes and reads them.
#include "buffer/broker/group/records.h"

#include "buffer/broker/group/errc.h"
#include "codecs/kafka/description.h"

namespace logboom::broker {

namespace {

using kafka::field;
using kafka::field_list;
using kafka::nullable;
using kafka::since;
using kafka::until;

constexpr std::int16_t offset_key_version_max = 1;
constexpr std::int16_t group_key_version = 2;
/// From 4 on values have tagged fields; Kafka 3.9 writes 3.
constexpr std::int16_t value_version_flexible = 4;
constexpr std::int16_t value_version = 3;
/// The one version that can say when an offset expires.
constexpr std::int16_t offset_value_version_with_expiry = 1;

struct wire_offset_key {
    std::string group;
    std::string topic;
    partition_id partition{0};
    static constexpr auto fields() {
        return field_list(
            field<&wire_offset_key::group>("group"),
            field<&wire_offset_key::topic>("topic"),
            field<&wire_offset_key::partition>("partition")
        );
    }
};

struct wire_group_key {
    std::string group;
    static constexpr auto fields() { return field_list(field<&wire_group_key::group>("group")); }
};

struct wire_offset_value {
    offset at{-1};
    leader_epoch epoch{-1};
    std::string metadata;
    timestamp_ms committed{-1};
    timestamp_ms expires{-1};
    static constexpr auto fields() {
        return field_list(
            field<&wire_offset_value::at>("offset"),
            field<&wire_offset_value::epoch>("leader_epoch", since(3)),
            field<&wire_offset_value::metadata>("metadata"),
            field<&wire_offset_value::committed>("commit_timestamp"),
            field<&wire_offset_value::expires>("expire_timestamp", since(1), until(1))
        );
    }
};

struct wire_group_value {
    struct member {
        std::string id;
        std::optional<std::string> instance_id;
        std::string client_id;
        std::string client_host;
        std::int32_t rebalance_timeout_ms = -1;
        std::int32_t session_timeout_ms = 0;
        bytes subscription;
        bytes assignment;
        static constexpr auto fields() {
            return field_list(
                field<&member::id>("member_id"),
                field<&member::instance_id>("group_instance_id", since(3), nullable(3)),
                field<&member::client_id>("client_id"),
                field<&member::client_host>("client_host"),
                field<&member::rebalance_timeout_ms>("rebalance_timeout", since(1)),
                field<&member::session_timeout_ms>("session_timeout"),
                field<&member::subscription>("subscription"),
                field<&member::assignment>("assignment")
            );
        }
    };
    std::string protocol_type;
    group_generation generation{0};
    std::optional<std::string> protocol;
    std::optional<std::string> leader;
    timestamp_ms state_since{-1};
    std::vector<member> members;
    static constexpr auto fields() {
        return field_list(
            field<&wire_group_value::protocol_type>("protocol_type"),
            field<&wire_group_value::generation>("generation"),
            field<&wire_group_value::protocol>("protocol", nullable()),
            field<&wire_group_value::leader>("leader", nullable()),
            field<&wire_group_value::state_since>("current_state_timestamp", since(2)),
            field<&wire_group_value::members>("members")
        );
    }
};

template <class Wire>
bytes encode_versioned(const Wire& value, std::int16_t version) {
    kafka::wire_writer to;
    to.integer(version);
    kafka::encode(value, {version, version >= value_version_flexible}, to);
    return bytes::copy_of(to.view());
}

template <class Wire>
result<Wire> decode_value(bytes_view encoded) {
    kafka::wire_reader from(encoded);
    const auto version = from.integer<std::int16_t>();
    if (!from.failed() && (version < 0 || version > value_version_flexible)) {
        return error(group_errc::unknown_record_version);
    }
    Wire value;
    kafka::decode(from, {version, version >= value_version_flexible}, value);
    LB_CHECK(from.finish());
    return value;
}

} // namespace

bytes encode_key(const offset_key& key) {
    return encode_versioned(
        wire_offset_key{key.group, key.at.topic, key.at.partition}, offset_key_version_max
    );
}

bytes encode_key(const group_key& key) {
    return encode_versioned(wire_group_key{key.group}, group_key_version);
}

bytes encode_value(const committed_offset& value) {
    const bool expires = value.expires.value() >= 0;
    return encode_versioned(
        wire_offset_value{value.at, value.epoch, value.metadata, value.committed, value.expires},
        expires ? offset_value_version_with_expiry : value_version
    );
}

bytes encode_value(const group_metadata& value) {
    wire_group_value wire{
        value.protocol_type, value.generation, value.protocol, value.leader, value.state_since, {}};
    for (const auto& each : value.members) {
        wire.members.push_back(
            {each.id,
             each.instance_id,
             each.client_id,
             each.client_host,
             each.rebalance_timeout_ms,
             each.session_timeout_ms,
             each.subscription,
             each.assignment}
        );
    }
    return encode_versioned(wire, value_version);
}

result<record_key> decode_key(bytes_view encoded) {
    kafka::wire_reader from(encoded);
    const auto version = from.integer<std::int16_t>();
    LB_CHECK(from.status());
    if (version >= 0 && version <= offset_key_version_max) {
        wire_offset_key key;
        kafka::decode(from, {version, false}, key);
        LB_CHECK(from.finish());
        return record_key(offset_key{std::move(key.group), {std::move(key.topic), key.partition}});
    }
    if (version == group_key_version) {
        wire_group_key key;
        kafka::decode(from, {version, false}, key);
        LB_CHECK(from.finish());
        return record_key(group_key{std::move(key.group)});
    }
    return record_key(unknown_key{version});
}

result<committed_offset> decode_committed_offset(bytes_view encoded) {
    LB_TRY(wire_offset_value wire, decode_value<wire_offset_value>(encoded));
    return committed_offset{
        wire.at, wire.epoch, std::move(wire.metadata), wire.committed, wire.expires};
}

result<group_metadata> decode_group_metadata(bytes_view encoded) {
    LB_TRY(wire_group_value wire, decode_value<wire_group_value>(encoded));
    group_metadata value{
        std::move(wire.protocol_type),
        wire.generation,
        std::move(wire.protocol),
        std::move(wire.leader),
        wire.state_since,
        {}};
    for (auto& each : wire.members) {
        // Before there was a time-out for rebalances, the session's stood for both.
        const std::int32_t rebalance =
            each.rebalance_timeout_ms < 0 ? each.session_timeout_ms : each.rebalance_timeout_ms;
        value.members.push_back(
            {std::move(each.id),
             std::move(each.instance_id),
             std::move(each.client_id),
             std::move(each.client_host),
             rebalance,
             each.session_timeout_ms,
             std::move(each.subscription),
             std::move(each.assignment)}
        );
    }
    return value;
}

} // namespace logboom::broker
