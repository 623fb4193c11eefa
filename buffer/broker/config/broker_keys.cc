// The keys of server.properties that this broker acts on, but for those that topics have too
// (topic_keys.cc).
#include "buffer/broker/config/broker_config.h"
#include "buffer/broker/config/key_rows.h"
#include "buffer/broker/config/stored_value.h"

#include <algorithm>

namespace logboom::broker {
namespace {

using enum config_type;

template <auto Member>
void put(broker_config& to, std::string_view value) {
    store_value(to.*Member, value);
}
template <auto Member>
void put_group(broker_config& to, std::string_view value) {
    store_value(to.groups.*Member, value);
}
void put_node(broker_config& to, std::string_view value) {
    std::int32_t number = 0;
    store_value(number, value);
    to.node = broker_id(std::max(number, 0));
}
void put_io_threads(broker_config& to, std::string_view value) {
    constexpr std::int32_t threads_max = 64;
    store_value(to.num_io_threads, value);
    to.num_io_threads = std::min(to.num_io_threads, threads_max);
}
void put_queued_bytes(broker_config& to, std::string_view value) {
    store_value(to.queued_max_request_bytes, value);
    if (to.queued_max_request_bytes < 0) {
        to.queued_max_request_bytes = std::numeric_limits<std::int64_t>::max();
    }
}
void put_offsets_retention(broker_config& to, std::string_view value) {
    std::int32_t minutes = 0;
    store_value(minutes, value);
    to.groups.offsets_retention = std::chrono::minutes(minutes);
}
/// What listeners and directories come down to is several keys' business (server_properties.cc).
constexpr put_broker_value read_elsewhere = nullptr;

constexpr config_key broker_table[] = {
    key("broker.id", integer, "0", put_node, "This broker's number in Metadata answers; -1 means 0."
    )
        .at_least(-1),
    key("node.id", integer, "", put_node, "KRaft's name for broker.id.").at_least(0),
    key("listeners", text, "PLAINTEXT://:9092", read_elsewhere, "Where to listen; PLAINTEXT only."),
    key("advertised.listeners",
        text,
        "",
        read_elsewhere,
        "What clients are told; without it the address they connected to."),
    key("port",
        integer,
        "9092",
        read_elsewhere,
        "Of old files: the port, where listeners is not given.")
        .between(0, 65535),
    key("host.name",
        text,
        "",
        read_elsewhere,
        "Of old files: the address, where listeners is not given."),
    key("advertised.port", integer, "", read_elsewhere, "Of old files; see advertised.listeners.")
        .between(0, 65535),
    key("advertised.host.name", text, "", read_elsewhere, "Of old files; see advertised.listeners."
    ),
    key("listener.security.protocol.map",
        text,
        "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
        read_elsewhere,
        "NAME:PLAINTEXT for listeners with other names."),
    key("controller.listener.names",
        text,
        "",
        read_elsewhere,
        "Listeners of these names are left out."),
    key("log.dirs",
        text,
        "",
        read_elsewhere,
        "Directories of the log; a new partition goes to the emptiest."),
    key("log.dir",
        text,
        "",
        read_elsewhere,
        "One log directory; log.dirs wins. Without both it lies in the data directory."),
    key("num.partitions",
        integer,
        "1",
        put<&broker_config::num_partitions>,
        "Partitions of a topic that is created without a number.")
        .at_least(1),
    key("default.replication.factor",
        integer,
        "1",
        put<&broker_config::default_replication_factor>,
        "Must be 1 on a single node.")
        .at_least(1),
    key("num.io.threads",
        integer,
        "2",
        put_io_threads,
        "Threads for fdatasync and other slow disk work; at most 64 are started.")
        .at_least(1),
    key("socket.send.buffer.bytes",
        integer,
        "-1",
        put<&broker_config::socket_send_buffer_bytes>,
        "SO_SNDBUF; -1 is the system's default.")
        .at_least(-1),
    key("socket.receive.buffer.bytes",
        integer,
        "-1",
        put<&broker_config::socket_receive_buffer_bytes>,
        "SO_RCVBUF; -1 is the system's default.")
        .at_least(-1),
    key("socket.request.max.bytes",
        integer,
        "104857600",
        put<&broker_config::socket_request_max_bytes>,
        "A larger request ends its connection.")
        .at_least(1),
    key("queued.max.request.bytes",
        long_integer,
        "268435456",
        put_queued_bytes,
        "Memory for requests that are being received; beyond it sockets are not read. -1 is no "
        "limit.")
        .at_least(-1),
    key("max.connections",
        integer,
        "2147483647",
        put<&broker_config::max_connections>,
        "More are closed at once.")
        .at_least(0),
    key("max.connections.per.ip",
        integer,
        "2147483647",
        put<&broker_config::max_connections_per_ip>,
        "More from one address are closed at once.")
        .at_least(0),
    key("connections.max.idle.ms",
        long_integer,
        "600000",
        put<&broker_config::connections_max_idle>,
        "An idle connection is closed; -1 never.")
        .at_least(-1),
    key("auto.create.topics.enable",
        boolean,
        "true",
        put<&broker_config::auto_create_topics>,
        "Asking for a topic creates it."),
    key("delete.topic.enable",
        boolean,
        "true",
        put<&broker_config::delete_topic>,
        "Topics may be deleted."),
    key("log.retention.check.interval.ms",
        long_integer,
        "300000",
        put<&broker_config::retention_check_interval>,
        "How often old segments are looked for.")
        .at_least(1),
    key("log.cleaner.enable",
        boolean,
        "true",
        put<&broker_config::cleaner>,
        "Logs with cleanup.policy=compact are compacted."),
    key("log.cleaner.backoff.ms",
        long_integer,
        "15000",
        put<&broker_config::cleaner_backoff>,
        "How long to wait when no log is dirty enough.")
        .at_least(0),
    key("offsets.topic.num.partitions",
        integer,
        "50",
        put_group<&group_config::offsets_topic_partitions>,
        "Partitions of __consumer_offsets.")
        .at_least(1),
    key("offsets.topic.replication.factor",
        short_integer,
        "1",
        put_group<&group_config::offsets_topic_replication_factor>,
        "Must be 1 on a single node.")
        .at_least(1),
    key("offsets.topic.segment.bytes",
        integer,
        "104857600",
        put_group<&group_config::offsets_topic_segment_bytes>,
        "segment.bytes of __consumer_offsets.")
        .at_least(1),
    key("offsets.retention.minutes",
        integer,
        "10080",
        put_offsets_retention,
        "How long the offsets of an empty group are kept.")
        .at_least(1),
    key("offsets.retention.check.interval.ms",
        long_integer,
        "600000",
        put_group<&group_config::offsets_retention_check_interval>,
        "How often expired offsets go.")
        .at_least(1),
    key("offset.metadata.max.bytes",
        integer,
        "4096",
        put_group<&group_config::offset_metadata_max_bytes>,
        "Longest metadata of a committed offset.")
        .at_least(0),
    key("group.min.session.timeout.ms",
        integer,
        "6000",
        put_group<&group_config::min_session_timeout>,
        "Shortest session timeout of a member.")
        .at_least(1),
    key("group.max.session.timeout.ms",
        integer,
        "1800000",
        put_group<&group_config::max_session_timeout>,
        "Longest session timeout of a member.")
        .at_least(1),
    key("group.initial.rebalance.delay.ms",
        integer,
        "3000",
        put_group<&group_config::initial_rebalance_delay>,
        "How long the first rebalance of an empty group waits for more members.")
        .at_least(0),
    key("group.max.size",
        integer,
        "2147483647",
        put_group<&group_config::max_size>,
        "Members of one group.")
        .at_least(1),
    key("logboom.acks.all.sync",
        boolean,
        "true",
        put<&broker_config::sync_on_acks_all>,
        "acks=all waits for fdatasync, shared by all who wait; false waits for the page cache as "
        "Kafka does."),
    key("logboom.checkpoint.interval.ms",
        long_integer,
        "1000",
        put<&broker_config::checkpoint_interval>,
        "How often the log is flushed and checkpoints written, which bounds recovery.")
        .at_least(10),
    key("logboom.frame.timeout.ms",
        long_integer,
        "30000",
        put<&broker_config::frame_timeout>,
        "How long a started request may take to arrive.")
        .at_least(1),
};

} // namespace

std::span<const config_key> broker_keys() {
    return broker_table;
}

} // namespace logboom::broker
