#include "pipelines/topology/registry.h"

#include "agent/file/file_input.h"
#include "agent/local/generator.h"
#include "agent/local/stdin.h"
#include "buffer/client/kafka_input.h"
#include "buffer/client/kafka_output.h"
#include "codecs/text/dots.h"
#include "codecs/text/json.h"
#include "codecs/text/line.h"
#include "codecs/text/plain.h"
#include "codecs/text/rubydebug.h"
#include "pipelines/filters/drop.h"
#include "pipelines/filters/json_filter.h"
#include "pipelines/filters/mutate.h"
#include "sinks/elasticsearch/output.h"
#include "sinks/file.h"
#include "sinks/stdout.h"

#include <fmt/format.h>

#include <algorithm>

namespace logboom::pipelines {
namespace {

template <class Type>
const Type* find_in(const std::vector<const Type*>& rows, std::string_view name) {
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const Type* each) {
        return each->name == name;
    });
    return found == rows.end() ? nullptr : *found;
}

template <class Type>
std::vector<std::string_view> names_of(const std::vector<const Type*>& rows) {
    std::vector<std::string_view> names;
    for (const Type* each : rows) {
        names.push_back(each->name);
    }
    return names;
}

/// What a Logstash installation knows besides.
constexpr std::string_view logstash_inputs[] = {
    "azure_event_hubs",
    "beats",
    "cloudwatch",
    "couchdb_changes",
    "dead_letter_queue",
    "elastic_agent",
    "elastic_serverless_forwarder",
    "elasticsearch",
    "exec",
    "file",
    "ganglia",
    "gelf",
    "generator",
    "github",
    "google_cloud_storage",
    "google_pubsub",
    "graphite",
    "heartbeat",
    "http",
    "http_poller",
    "imap",
    "irc",
    "java_generator",
    "java_stdin",
    "jdbc",
    "jms",
    "jmx",
    "kafka",
    "kinesis",
    "log4j",
    "logstash",
    "lumberjack",
    "meetup",
    "pipe",
    "puppet_facter",
    "rabbitmq",
    "redis",
    "relp",
    "rss",
    "s3",
    "s3-sns-sqs",
    "salesforce",
    "snmp",
    "snmptrap",
    "sqlite",
    "sqs",
    "stdin",
    "stomp",
    "syslog",
    "tcp",
    "twitter",
    "udp",
    "unix",
    "varnishlog",
    "websocket",
    "wmi",
    "xmpp",
};
constexpr std::string_view logstash_filters[] = {
    "age",
    "aggregate",
    "alter",
    "bytes",
    "cidr",
    "cipher",
    "clone",
    "csv",
    "date",
    "de_dot",
    "dissect",
    "dns",
    "drop",
    "elapsed",
    "elastic_integration",
    "elasticsearch",
    "environment",
    "extractnumbers",
    "fingerprint",
    "geoip",
    "grok",
    "http",
    "i18n",
    "java_uuid",
    "jdbc_static",
    "jdbc_streaming",
    "json",
    "json_encode",
    "kv",
    "memcached",
    "metricize",
    "metrics",
    "multiline",
    "mutate",
    "prune",
    "range",
    "ruby",
    "sleep",
    "split",
    "syslog_pri",
    "threats_classifier",
    "throttle",
    "tld",
    "translate",
    "truncate",
    "urldecode",
    "useragent",
    "uuid",
    "wurfl_device_detection",
    "xml",
};
constexpr std::string_view logstash_outputs[] = {
    "app_search",
    "boundary",
    "circonus",
    "cloudwatch",
    "csv",
    "datadog",
    "datadog_metrics",
    "dynatrace",
    "elastic_app_search",
    "elastic_workplace_search",
    "elasticsearch",
    "email",
    "exec",
    "file",
    "ganglia",
    "gelf",
    "google_bigquery",
    "google_cloud_storage",
    "google_pubsub",
    "graphite",
    "graphtastic",
    "http",
    "influxdb",
    "irc",
    "java_stdout",
    "juggernaut",
    "kafka",
    "librato",
    "loggly",
    "logstash",
    "lumberjack",
    "metriccatcher",
    "mongodb",
    "nagios",
    "nagios_nsca",
    "null",
    "opensearch",
    "opentsdb",
    "pagerduty",
    "pipe",
    "rabbitmq",
    "redis",
    "redmine",
    "riak",
    "riemann",
    "s3",
    "sink",
    "sns",
    "solr_http",
    "sqs",
    "statsd",
    "stdout",
    "stomp",
    "syslog",
    "tcp",
    "timber",
    "udp",
    "webhdfs",
    "websocket",
    "xmpp",
    "zabbix",
};
constexpr std::string_view logstash_codecs[] = {
    "avro",
    "cef",
    "cloudfront",
    "cloudtrail",
    "collectd",
    "compress_spooler",
    "csv",
    "dots",
    "edn",
    "edn_lines",
    "es_bulk",
    "fluent",
    "graphite",
    "gzip_lines",
    "java_line",
    "java_plain",
    "jdots",
    "json",
    "json_lines",
    "line",
    "msgpack",
    "multiline",
    "netflow",
    "nmap",
    "oldlogstashjson",
    "plain",
    "protobuf",
    "rubydebug",
};

std::span<const std::string_view> logstash_names(plugin_kind kind) {
    switch (kind) {
    case plugin_kind::input:
        return logstash_inputs;
    case plugin_kind::filter:
        return logstash_filters;
    case plugin_kind::output:
        return logstash_outputs;
    case plugin_kind::codec:
        return logstash_codecs;
    }
    return {};
}

bool contains(std::span<const std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

const char* kind_name(plugin_kind kind) {
    switch (kind) {
    case plugin_kind::input:
        return "input";
    case plugin_kind::filter:
        return "filter";
    case plugin_kind::output:
        return "output";
    case plugin_kind::codec:
        return "codec";
    }
    return "plugin";
}

const input_type* plugin_registry::find_input(std::string_view name) const {
    return find_in(inputs, name);
}
const filter_type* plugin_registry::find_filter(std::string_view name) const {
    return find_in(filters, name);
}
const output_type* plugin_registry::find_output(std::string_view name) const {
    return find_in(outputs, name);
}
const codec_type* plugin_registry::find_codec(std::string_view name) const {
    return find_in(codecs, name);
}

std::vector<std::string_view> plugin_registry::names(plugin_kind kind) const {
    switch (kind) {
    case plugin_kind::input:
        return names_of(inputs);
    case plugin_kind::filter:
        return names_of(filters);
    case plugin_kind::output:
        return names_of(outputs);
    case plugin_kind::codec:
        return names_of(codecs);
    }
    return {};
}

std::string plugin_registry::explain_missing(plugin_kind kind, std::string_view name) const {
    const char* const what = kind_name(kind);
    if (contains(logstash_names(kind), name)) {
        return fmt::format(
            "Logstash has the {0} '{1}', logboom does not have it yet; there are: {2}.",
            what,
            name,
            fmt::join(names(kind), ", ")
        );
    }
    const auto known = names(kind);
    const std::string nearest = nearest_name(name, known);
    if (!nearest.empty()) {
        return fmt::format("there is no {} '{}'; did you mean '{}'?", what, name, nearest);
    }
    for (const auto other :
         {plugin_kind::input, plugin_kind::filter, plugin_kind::output, plugin_kind::codec}) {
        if (contains(names(other), name)) {
            return fmt::format(
                "there is no {} '{}'; '{}' is an {}.", what, name, name, kind_name(other)
            );
        }
    }
    return fmt::format("there is no {} '{}'; there are: {}.", what, name, fmt::join(known, ", "));
}

const plugin_registry& standard_plugins() {
    static const plugin_registry all{
        .inputs =
            {&agent::file_input,
             &agent::stdin_input,
             &agent::generator_input,
             &client::kafka_input},
        .filters = {&mutate_filter, &drop_filter, &json_filter},
        .outputs =
            {&client::kafka_output, &sinks::elasticsearch_output, &stdout_output, &file_output},
        .codecs =
            {&plain_codec,
             &line_codec,
             &json_codec,
             &json_lines_codec,
             &rubydebug_codec,
             &dots_codec},
    };
    return all;
}

} // namespace logboom::pipelines
