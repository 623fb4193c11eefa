// The broker's settings as plain values: what server.properties (server_properties.h) comes down
// to. Names are Kafka's with underscores; the defaults are the tables' (config_key.h). Fixed at
// start.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "buffer/broker/config/topic_settings.h"

#include <chrono>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace logboom::broker {

struct listener_config {
    std::string name;
    /// Empty: every interface.
    std::string host;
    /// 0: any free port (tests).
    std::int32_t port{};
    /// What clients are told; where empty the address they connected to.
    std::string advertised_host;
    /// 0: the listener's own port.
    std::int32_t advertised_port{};
};

/// Settings of the group coordinator.
struct group_config {
    std::chrono::milliseconds min_session_timeout{};
    std::chrono::milliseconds max_session_timeout{};
    std::chrono::milliseconds initial_rebalance_delay{};
    std::int32_t max_size{};
    std::chrono::milliseconds offsets_retention{};
    std::chrono::milliseconds offsets_retention_check_interval{};
    std::int32_t offsets_topic_partitions{};
    std::int16_t offsets_topic_replication_factor{};
    std::int64_t offsets_topic_segment_bytes{};
    std::int32_t offset_metadata_max_bytes{};
};

struct broker_config {
    broker_id node{0};
    std::vector<listener_config> listeners;
    std::vector<std::string> log_dirs;
    std::int32_t num_partitions{};
    std::int16_t default_replication_factor{};
    /// Default of the topic key of that name.
    std::int32_t min_insync_replicas{};
    std::int32_t num_io_threads{};
    std::int32_t socket_send_buffer_bytes{};
    std::int32_t socket_receive_buffer_bytes{};
    std::int32_t socket_request_max_bytes{};
    std::int64_t queued_max_request_bytes{};
    std::int32_t max_connections{};
    std::int32_t max_connections_per_ip{};
    std::chrono::milliseconds connections_max_idle{};
    /// How long the rest of a frame may take once its first byte is here.
    std::chrono::milliseconds frame_timeout{};
    bool auto_create_topics{};
    bool delete_topic{};
    /// acks=all waits for fdatasync (logboom.acks.all.sync).
    bool sync_on_acks_all{};
    std::chrono::milliseconds retention_check_interval{};
    std::chrono::milliseconds checkpoint_interval{};
    /// log.cleaner.enable: compaction of topics with cleanup.policy=compact.
    bool cleaner{};
    std::chrono::milliseconds cleaner_backoff{};
    /// What server.properties says about topics, under the topics' own names of the keys.
    topic_config topic_defaults;
    group_config groups;
    /// Every key that was given, as written, for DescribeConfigs.
    std::map<std::string, std::string, std::less<>> given;
};

} // namespace logboom::broker
