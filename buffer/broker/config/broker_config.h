// The broker's settings as plain values: what server.properties (server_properties.h) comes down
// to. Names are Kafka's with underscores. Fixed at start.
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
    std::string name = "PLAINTEXT";
    /// Empty: every interface.
    std::string host;
    /// 0: any free port (tests).
    std::int32_t port = 9092;
    /// What clients are told; where empty the address they connected to.
    std::string advertised_host;
    /// 0: the listener's own port.
    std::int32_t advertised_port = 0;
};

/// Settings of the group coordinator.
struct group_config {
    std::chrono::milliseconds min_session_timeout{6000};
    std::chrono::milliseconds max_session_timeout{1'800'000};
    std::chrono::milliseconds initial_rebalance_delay{3000};
    std::int32_t max_size = std::numeric_limits<std::int32_t>::max();
    std::chrono::milliseconds offsets_retention{std::chrono::minutes(10080)};
    std::chrono::milliseconds offsets_retention_check_interval{600'000};
    std::int32_t offsets_topic_partitions = 50;
    std::int16_t offsets_topic_replication_factor = 1;
    std::int64_t offsets_topic_segment_bytes = 104'857'600;
    std::int32_t offset_metadata_max_bytes = 4096;
};

struct broker_config {
    broker_id node{0};
    std::vector<listener_config> listeners{listener_config{}};
    std::vector<std::string> log_dirs;
    std::int32_t num_partitions = 1;
    std::int16_t default_replication_factor = 1;
    std::int32_t min_insync_replicas = 1;
    std::int32_t num_io_threads = 8;
    std::int32_t socket_send_buffer_bytes = -1;
    std::int32_t socket_receive_buffer_bytes = -1;
    std::int32_t socket_request_max_bytes = 104'857'600;
    std::int64_t queued_max_request_bytes = 268'435'456;
    std::int32_t max_connections = std::numeric_limits<std::int32_t>::max();
    std::int32_t max_connections_per_ip = std::numeric_limits<std::int32_t>::max();
    std::chrono::milliseconds connections_max_idle{600'000};
    /// How long the rest of a frame may take once its first byte is here.
    std::chrono::milliseconds frame_timeout{30'000};
    bool auto_create_topics = true;
    bool delete_topic = true;
    /// acks=all waits for fdatasync (logboom.acks.all.sync).
    bool sync_on_acks_all = true;
    std::chrono::milliseconds retention_check_interval{300'000};
    std::chrono::milliseconds checkpoint_interval{1000};
    /// log.cleaner.enable: compaction of topics with cleanup.policy=compact.
    bool cleaner = true;
    std::chrono::milliseconds cleaner_backoff{15'000};
    /// What server.properties says about topics, under the topics' own names of the keys.
    topic_config topic_defaults;
    group_config groups;
    /// Every key that was given, as written, for DescribeConfigs.
    std::map<std::string, std::string, std::less<>> given;
};

} // namespace logboom::broker
