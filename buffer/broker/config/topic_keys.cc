// The keys of a topic, each with its default in server.properties.
#include "buffer/broker/config/broker_config.h"
#include "buffer/broker/config/key_rows.h"
#include "buffer/broker/config/stored_value.h"

namespace logboom::broker {
namespace {

using enum config_type;
using topic_values = log::log_config;

template <auto Member>
void put_log(topic_values& to, std::string_view value) {
    store_value(to.*Member, value);
}
void put_cleanup(topic_values& to, std::string_view value) {
    to.cleanup_delete = value.find("delete") != std::string_view::npos;
    to.cleanup_compact = value.find("compact") != std::string_view::npos;
}
void put_timestamp_type(topic_values& to, std::string_view value) {
    to.message_timestamp_type = value == "LogAppendTime" ? kafka::timestamp_type::log_append_time
                                                         : kafka::timestamp_type::create_time;
}
void put_validation(topic_values& to, std::string_view value) {
    to.validate_deep = value == "deep";
}

void put_insync_replicas(broker_config& to, std::string_view value) {
    store_value(to.min_insync_replicas, value);
}

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 60 * minute_ms;

/// The topic's name, the broker's, and the rest of key().
constexpr config_key topic_key(
    std::string_view topic_name,
    std::string_view name,
    config_type type,
    std::string_view fallback,
    put_log_value put,
    std::string_view doc
) {
    config_key made = key(name, type, fallback, nullptr, doc);
    made.topic_name = topic_name;
    made.to_log = put;
    return made;
}
/// Accepted for compatibility, changes nothing in the log.
constexpr put_log_value no_effect = nullptr;

constexpr config_key topic_table[] = {
    topic_key(
        "cleanup.policy",
        "log.cleanup.policy",
        list,
        "delete",
        put_cleanup,
        "What happens to old segments: delete drops them, compact keeps the last record of each "
        "key."
    )
        .one_of("delete|compact"),
    topic_key(
        "compression.type",
        "compression.type",
        text,
        "producer",
        no_effect,
        "How batches are stored; only producer, as they came, is done by this broker."
    )
        .one_of("uncompressed|zstd|lz4|snappy|gzip|producer"),
    topic_key(
        "delete.retention.ms",
        "log.cleaner.delete.retention.ms",
        long_integer,
        "86400000",
        put_log<&topic_values::delete_retention_ms>,
        "How long tombstones stay in a compacted topic."
    )
        .at_least(0),
    topic_key(
        "file.delete.delay.ms",
        "log.segment.delete.delay.ms",
        long_integer,
        "60000",
        put_log<&topic_values::file_delete_delay_ms>,
        "How long a deleted segment's files stay on disk."
    )
        .at_least(0),
    topic_key(
        "flush.messages",
        "log.flush.interval.messages",
        long_integer,
        "9223372036854775807",
        put_log<&topic_values::flush_messages>,
        "After how many records an fdatasync is due; 1 syncs before every acknowledgement."
    )
        .at_least(1),
    topic_key(
        "flush.ms",
        "log.flush.interval.ms",
        long_integer,
        "9223372036854775807",
        put_log<&topic_values::flush_ms>,
        "How long a record may wait for its fdatasync."
    )
        .at_least(0),
    topic_key(
        "follower.replication.throttled.replicas",
        "",
        list,
        "",
        no_effect,
        "Accepted; one node replicates nothing."
    ),
    topic_key(
        "index.interval.bytes",
        "log.index.interval.bytes",
        integer,
        "4096",
        put_log<&topic_values::index_interval_bytes>,
        "Bytes of records for each entry of the offset index."
    )
        .at_least(0),
    topic_key(
        "leader.replication.throttled.replicas",
        "",
        list,
        "",
        no_effect,
        "Accepted; one node replicates nothing."
    ),
    topic_key(
        "max.compaction.lag.ms",
        "log.cleaner.max.compaction.lag.ms",
        long_integer,
        "9223372036854775807",
        put_log<&topic_values::max_compaction_lag_ms>,
        "How long a record in a full segment may wait for compaction, whatever the dirty ratio."
    )
        .at_least(1),
    topic_key(
        "max.message.bytes",
        "message.max.bytes",
        integer,
        "1048588",
        put_log<&topic_values::max_message_bytes>,
        "The largest batch that is taken."
    )
        .at_least(0),
    topic_key(
        "message.downconversion.enable",
        "log.message.downconversion.enable",
        boolean,
        "true",
        no_effect,
        "Accepted."
    ),
    topic_key(
        "message.format.version",
        "log.message.format.version",
        text,
        "3.0-IV1",
        no_effect,
        "Accepted; records are always stored in format 2."
    ),
    topic_key(
        "message.timestamp.after.max.ms",
        "log.message.timestamp.after.max.ms",
        long_integer,
        "9223372036854775807",
        put_log<&topic_values::message_timestamp_after_max_ms>,
        "How far ahead of the broker's clock a record's time may be."
    )
        .at_least(0),
    topic_key(
        "message.timestamp.before.max.ms",
        "log.message.timestamp.before.max.ms",
        long_integer,
        "9223372036854775807",
        put_log<&topic_values::message_timestamp_before_max_ms>,
        "How far behind the broker's clock a record's time may be."
    )
        .at_least(0),
    topic_key(
        "message.timestamp.difference.max.ms",
        "log.message.timestamp.difference.max.ms",
        long_integer,
        "9223372036854775807",
        no_effect,
        "Accepted; the two keys above took its place."
    )
        .at_least(0),
    topic_key(
        "message.timestamp.type",
        "log.message.timestamp.type",
        text,
        "CreateTime",
        put_timestamp_type,
        "Whose clock a record's time is from."
    )
        .one_of("CreateTime|LogAppendTime"),
    topic_key(
        "min.cleanable.dirty.ratio",
        "log.cleaner.min.cleanable.ratio",
        real,
        "0.5",
        put_log<&topic_values::min_cleanable_dirty_ratio>,
        "How dirty a log must be to be compacted."
    )
        .between(0, 1),
    topic_key(
        "min.compaction.lag.ms",
        "log.cleaner.min.compaction.lag.ms",
        long_integer,
        "0",
        put_log<&topic_values::min_compaction_lag_ms>,
        "How long a record stays uncompacted at least."
    )
        .at_least(0),
    topic_key(
        "min.insync.replicas",
        "min.insync.replicas",
        integer,
        "1",
        no_effect,
        "How many replicas must be in sync for acks=all; one node has one."
    )
        .at_least(1)
        .puts(put_insync_replicas),
    topic_key("preallocate", "log.preallocate", boolean, "false", no_effect, "Accepted."),
    topic_key(
        "retention.bytes",
        "log.retention.bytes",
        long_integer,
        "-1",
        put_log<&topic_values::retention_bytes>,
        "How large a partition may grow; -1 without limit."
    )
        .at_least(-1),
    topic_key(
        "retention.ms",
        "log.retention.ms",
        long_integer,
        "604800000",
        put_log<&topic_values::retention_ms>,
        "How long records are kept; -1 for ever."
    )
        .at_least(-1),
    topic_key(
        "segment.bytes",
        "log.segment.bytes",
        integer,
        "1073741824",
        put_log<&topic_values::segment_bytes>,
        "How large a segment file grows."
    )
        .at_least(14),
    topic_key(
        "segment.index.bytes",
        "log.index.size.max.bytes",
        integer,
        "10485760",
        put_log<&topic_values::segment_index_bytes>,
        "How large an index file grows."
    )
        .at_least(4),
    topic_key("segment.jitter.ms", "log.roll.jitter.ms", long_integer, "0", no_effect, "Accepted.")
        .at_least(0),
    topic_key(
        "segment.ms",
        "log.roll.ms",
        long_integer,
        "604800000",
        put_log<&topic_values::segment_ms>,
        "How old a segment grows before a new one is begun."
    )
        .at_least(1),
    topic_key(
        "unclean.leader.election.enable",
        "unclean.leader.election.enable",
        boolean,
        "false",
        no_effect,
        "Accepted; one node elects nobody."
    ),
    topic_key(
        "logboom.validate.records",
        "logboom.validate.records",
        text,
        "header",
        put_validation,
        "deep looks into compressed batches before they are taken."
    )
        .one_of("header|deep"),
    key("log.retention.hours",
        integer,
        "168",
        nullptr,
        "The same as retention.ms, in hours; log.retention.minutes and log.retention.ms win.")
        .at_least(-1)
        .times(hour_ms, "retention.ms"),
    key("log.retention.minutes",
        integer,
        "",
        nullptr,
        "The same as retention.ms, in minutes; log.retention.ms wins.")
        .at_least(-1)
        .times(minute_ms, "retention.ms"),
    key("log.roll.hours",
        integer,
        "168",
        nullptr,
        "The same as segment.ms, in hours; log.roll.ms wins.")
        .at_least(1)
        .times(hour_ms, "segment.ms"),
    topic_key(
        "",
        "producer.id.expiration.ms",
        integer,
        "86400000",
        put_log<&topic_values::producer_id_expiration_ms>,
        "How long an idle producer's sequences are remembered."
    )
        .at_least(1),
};

} // namespace

std::span<const config_key> topic_keys() {
    return topic_table;
}

} // namespace logboom::broker
