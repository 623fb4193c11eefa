// The table of the kafka output, and its translation to librdkafka's properties.
#include "buffer/client/kafka_output_settings.h"

#include "buffer/client/errc.h"
#include "buffer/client/pace.h"

#include <algorithm>

namespace logboom::client {
namespace {

constexpr double int_max = 2147483647;
/// Records of the usual size fill buffer_memory first; this bounds what small ones cost beside
/// their bytes.
constexpr const char* queued_records_default = "100000";

constexpr setting output_settings[] = {
    {.name = "topic_id",
     .doc = "The topic to write to; %{field} is filled in.",
     .required = true,
     .content = setting_content::form},
    {.name = "message_key",
     .doc = "The record's key; %{field} is filled in.",
     .content = setting_content::form},
    {.name = "message_headers",
     .type = setting_type::hash,
     .fallback = "{}",
     .doc = "Headers of the record; %{field} is filled in.",
     .content = setting_content::form},
    {.name = "acks",
     .type = setting_type::choice,
     .fallback = "all",
     .doc =
         "Who must have the record before it counts as delivered. Logstash's default is 1, which "
         "can lose what was acknowledged.",
     .choices = "0|1|all|-1"},
    {.name = "compression_type",
     .type = setting_type::choice,
     .fallback = "none",
     .doc = "How batches are packed.",
     .choices = "none|gzip|snappy|lz4|zstd"},
    {.name = "linger_ms",
     .type = setting_type::integer,
     .fallback = "5",
     .doc = "How long a record may wait for others to share its batch.",
     .min = 0,
     .max = 900000},
    {.name = "batch_size",
     .type = setting_type::integer,
     .doc = "Bytes of a batch; 1000000 when not set (Logstash: 16384).",
     .min = 1,
     .max = int_max},
    {.name = "buffer_memory",
     .type = setting_type::integer,
     .fallback = "33554432",
     .doc = "Bytes of records that may wait; then the pipeline waits.",
     .min = 1024,
     .max = 2147483647.0 * 1024},
    {.name = "max_request_size",
     .type = setting_type::integer,
     .fallback = "1048576",
     .doc = "The largest record, and request, in bytes.",
     .min = 1000,
     .max = 1000000000},
    {.name = "retries",
     .type = setting_type::integer,
     .doc = "Unset: for ever. A number: a record that failed so often goes to the dead letters.",
     .min = 0,
     .max = int_max},
    {.name = "partitioner",
     .fallback = "default",
     .doc = "For records without a key: default (by the stream they come from), round_robin or "
            "uniform_sticky."},
    {.name = "metadata_fetch_timeout_ms",
     .type = setting_type::integer,
     .fallback = "60000",
     .doc = "How long a topic may be unknown before its records count as undeliverable.",
     .min = 0,
     .max = 3600000},
    {.name = "key_serializer",
     .doc = "Bytes are written as they are.",
     .state = setting_state::no_effect},
    {.name = "value_serializer",
     .doc = "Bytes are written as they are.",
     .state = setting_state::no_effect},

    // Logstash 1.4 to 2.x
    {.name = "broker_list", .state = setting_state::renamed, .use_instead = "bootstrap_servers"},
    {.name = "request_required_acks", .state = setting_state::renamed, .use_instead = "acks"},
    {.name = "compression_codec",
     .state = setting_state::renamed,
     .use_instead = "compression_type"},
    {.name = "queue_buffering_max_ms", .state = setting_state::renamed, .use_instead = "linger_ms"},
    {.name = "message_send_max_retries", .state = setting_state::renamed, .use_instead = "retries"},
    {.name = "partition_key_format", .state = setting_state::renamed, .use_instead = "message_key"},
    {.name = "timeout_ms", .state = setting_state::renamed, .use_instead = "request_timeout_ms"},
    {.name = "topic_metadata_refresh_interval_ms",
     .state = setting_state::renamed,
     .use_instead = "metadata_max_age_ms"},
    {.name = "ssl_keystore",
     .state = setting_state::renamed,
     .use_instead = "ssl_keystore_location"},
    {.name = "ssl_truststore",
     .state = setting_state::renamed,
     .use_instead = "ssl_truststore_location"},
    {.name = "batch_num_messages",
     .type = setting_type::integer,
     .doc = "Most records of a batch; 10000 when not set.",
     .min = 1,
     .max = 1000000},
    {.name = "queue_buffering_max_messages",
     .type = setting_type::integer,
     .fallback = queued_records_default,
     .doc = "Most records that may wait.",
     .min = 1,
     .max = 10000000},
    {.name = "producer_type",
     .doc = "Records are always sent in the background, and always acknowledged.",
     .state = setting_state::no_effect},
    {.name = "block_on_buffer_full", .doc = "It always does.", .state = setting_state::no_effect},
    {.name = "queue_enqueue_timeout_ms",
     .doc = "It always waits.",
     .state = setting_state::no_effect},
    {.name = "serializer_class",
     .doc = "Bytes are written as they are.",
     .state = setting_state::no_effect},
    {.name = "key_serializer_class",
     .doc = "Bytes are written as they are.",
     .state = setting_state::no_effect},
    {.name = "partitioner_class", .doc = "A Java class.", .state = setting_state::not_yet},
    {.name = "compressed_topics",
     .doc = "All topics are compressed alike.",
     .state = setting_state::not_yet},
    {.name = "ssl",
     .state = setting_state::obsolete,
     .use_instead = "set security_protocol => \"SSL\" instead."},
};

constexpr auto output_table = joined_tables(output_settings, shared_settings);

/// Java's producer has five batches of a partition in flight, librdkafka's idempotent one a single
/// one (pace.h): what would be five requests there is one here, up to librdkafka's own default.
std::int64_t request_bytes(std::int64_t batch_size, bool is_idempotent) {
    constexpr std::int64_t in_flight = 5;
    constexpr std::int64_t usual = pace::limits{}.batch_bytes;
    return !is_idempotent || batch_size >= usual ? batch_size
                                                 : std::min(batch_size * in_flight, usual);
}

} // namespace

std::span<const setting> kafka_output_table() {
    return output_table;
}

result<property_list> producer_properties(const settings& from) {
    property_list properties;
    LB_CHECK(add_connection_properties(from, properties));
    LB_CHECK(add_security_properties(from, properties));
    const auto number = [&](std::string_view name, const char* property) {
        properties.emplace_back(property, std::to_string(from.integer(name)));
    };
    const std::string& acks = from.text("acks");
    const bool all = acks == "all" || acks == "-1";
    const bool once = from.has("retries") && from.integer("retries") == 0;
    properties.emplace_back("acks", all ? "all" : acks);
    // Sequence numbers need every replica's word and the freedom to retry.
    const bool is_idempotent = all && !once;
    properties.emplace_back("enable.idempotence", is_idempotent ? "true" : "false");
    if (!is_idempotent) {
        properties.emplace_back("max.in.flight", "5");
    }
    properties.emplace_back("compression.type", from.text("compression_type"));
    number("linger_ms", "linger.ms");
    number("max_request_size", "message.max.bytes");
    number("metadata_fetch_timeout_ms", "topic.metadata.propagation.max.ms");
    number("queue_buffering_max_messages", "queue.buffering.max.messages");
    properties.emplace_back(
        "queue.buffering.max.kbytes", std::to_string(from.integer("buffer_memory") / 1024)
    );
    if (from.has("batch_size")) {
        properties.emplace_back(
            "batch.size", std::to_string(request_bytes(from.integer("batch_size"), is_idempotent))
        );
    }
    if (from.has("batch_num_messages")) {
        number("batch_num_messages", "batch.num.messages");
    }
    if (from.has("retries")) {
        number("retries", "message.send.max.retries");
    }
    properties.emplace_back("message.timeout.ms", "0");
    return properties;
}

result<partitioning> partitioning_of(const settings& from) {
    const std::string& name = from.text("partitioner");
    if (name.empty() || name == "default" || name.ends_with("DefaultPartitioner")) {
        return partitioning::by_stream;
    }
    if (name == "round_robin" || name.ends_with("RoundRobinPartitioner")) {
        return partitioning::round_robin;
    }
    if (name == "uniform_sticky" || name.ends_with("UniformStickyPartitioner")) {
        return partitioning::sticky;
    }
    return error(errc::bad_partitioner, "partitioner \"" + name + "\"");
}

} // namespace logboom::client
