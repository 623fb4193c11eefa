// Every option of Logstash's elasticsearch output (12.x) and the spellings of 2014 to 2017.
#include "sinks/elasticsearch/options.h"

namespace logboom::sinks {
namespace {

using type = setting_type;
using state = setting_state;

constexpr setting choice(
    std::string_view name, std::string_view fallback, std::string_view choices, std::string_view doc
) {
    setting made{name, type::choice, fallback, doc};
    made.choices = choices;
    return made;
}
constexpr setting filled_in(std::string_view name, std::string_view doc) {
    setting made{name, type::text, "", doc};
    made.content = setting_content::form;
    return made;
}
struct bounds {
    double least;
    double most;
};
constexpr setting within(setting made, bounds limits, std::string_view unit = "s") {
    made.min = limits.least;
    made.max = limits.most;
    made.unit = unit;
    return made;
}
constexpr setting in_state(state what, std::string_view name, type kind, std::string_view text) {
    setting made{name, kind, "", "", what};
    const bool is_old = what == state::renamed || what == state::obsolete;
    (is_old ? made.use_instead : made.doc) = text;
    return made;
}
constexpr setting file(std::string_view name, type kind, std::string_view doc) {
    setting made{name, kind, "", doc};
    made.content = setting_content::readable_file;
    return made;
}
constexpr setting not_yet(std::string_view name, type kind, std::string_view doc) {
    return in_state(state::not_yet, name, kind, doc);
}
constexpr setting no_effect(std::string_view name, type kind, std::string_view doc) {
    return in_state(state::no_effect, name, kind, doc);
}
constexpr setting renamed(std::string_view name, type kind, std::string_view to) {
    return in_state(state::renamed, name, kind, to);
}
constexpr setting obsolete(std::string_view name, type kind, std::string_view advice) {
    return in_state(state::obsolete, name, kind, advice);
}

constexpr setting table[] = {
    // Where.
    setting{
        "hosts",
        type::list,
        "//127.0.0.1",
        "Hosts, as name, name:port or URL; requests are spread over them."},
    filled_in("index", "Index to write to; may hold fields and dates."),
    filled_in("action", "index, create, update or delete; may hold fields."),
    filled_in("document_id", "The document's _id; may hold fields."),
    choice(
        "default_document_id",
        "origin",
        "origin|none",
        "Without document_id: origin makes the _id of where the event came from, so that sending "
        "it again changes nothing; none lets Elasticsearch choose."
    ),
    filled_in("routing", "Routes to a shard; may hold fields."),
    filled_in("pipeline", "Ingest pipeline; may hold fields."),
    filled_in("version", "The document's version; may hold fields."),
    choice(
        "version_type",
        "",
        "internal|external|external_gt|external_gte|force",
        "How versions are compared."
    ),
    within(
        {"retry_on_conflict", type::integer, "1", "How often Elasticsearch tries an update again."},
        {0, 100}
    ),
    setting{"doc_as_upsert", type::boolean, "false", "An update of what is not there creates it."},
    filled_in(
        "upsert", "JSON of the document an update creates when there is none; may hold fields."
    ),
    choice("data_stream", "auto", "true|false|auto", "Write to a data stream."),
    choice(
        "data_stream_type",
        "logs",
        "logs|metrics|synthetics|traces",
        "First part of the data stream's name."
    ),
    setting{"data_stream_dataset", type::text, "generic", "Second part of the data stream's name."},
    setting{
        "data_stream_namespace", type::text, "default", "Third part of the data stream's name."},
    setting{
        "data_stream_auto_routing",
        type::boolean,
        "true",
        "data_stream.* fields of the event name its stream."},
    setting{
        "data_stream_sync_fields",
        type::boolean,
        "true",
        "Put the stream's name into data_stream.* of the document."},
    choice("ecs_compatibility", "", "disabled|v1|v8", "Field names and defaults of this output."),
    // Connection.
    setting{"user", type::text, "", "User for basic authentication."},
    setting{"password", type::password, "", "Password for basic authentication."},
    setting{"api_key", type::password, "", "API key, as id:key or base64; needs TLS."},
    setting{"cloud_id", type::text, "", "Cloud id in place of hosts."},
    setting{"cloud_auth", type::password, "", "user:password for cloud_id."},
    setting{"ssl_enabled", type::boolean, "", "Speak TLS; without it the hosts' scheme decides."},
    file("ssl_certificate_authorities", type::array, "PEM file of the CAs to trust (one)."),
    choice("ssl_verification_mode", "full", "full|none", "Verify the server's certificate."),
    file("ssl_certificate", type::text, "PEM certificate to present."),
    file("ssl_key", type::text, "PEM key of ssl_certificate."),
    setting{"proxy", type::text, "", "URL of an HTTP proxy."},
    setting{"path", type::text, "", "Path before the API's, for a server behind a proxy."},
    setting{"bulk_path", type::text, "", "Path of the bulk API, in place of PATH/_bulk."},
    setting{"healthcheck_path", type::text, "", "Path asked to see whether a dead host is back."},
    setting{"parameters", type::hash, "", "Query parameters of every request."},
    setting{"custom_headers", type::hash, "", "Headers of every request."},
    within({"timeout", type::duration, "60", "Longest wait for an answer."}, {1, 86400}),
    within(
        {"compression_level",
         type::integer,
         "1",
         "gzip level of the requests; 0 for none. Not set: 1, and none to this machine."},
        {0, 9}
    ),
    setting{"http_compression", type::boolean, "true", "Old switch of compression_level."},
    within(
        {"resurrect_delay", type::duration, "5", "Longest time between two looks at a dead host."},
        {0, 3600}
    ),
    // Retries and errors.
    within(
        {"retry_initial_interval",
         type::duration,
         "2",
         "First pause before a retry; doubles each time."},
        {0, 3600}
    ),
    within(
        {"retry_max_interval", type::duration, "64", "Longest pause before a retry."}, {0, 86400}
    ),
    setting{
        "dlq_custom_codes",
        type::array,
        "",
        "Statuses of an item that make it a dead letter, besides 400 and 404."},
    setting{
        "dlq_on_failed_indexname_interpolation",
        type::boolean,
        "true",
        "An index name with an unknown field makes a dead letter; false: such events are dropped, "
        "counted and logged."},
    setting{
        "drop_error_types",
        type::array,
        "",
        "Error types of an item whose events are dropped, and counted."},
    setting{"silence_errors_in_log", type::array, "", "Error types that are not logged."},
    renamed("failure_type_logging_whitelist", type::array, "silence_errors_in_log"),
    // How the work is cut; logboom's own.
    within({"flush_size", type::integer, "2000", "Most events of one request."}, {1, 100000}),
    within(
        {"bulk_size_max",
         type::byte_count,
         "8388608",
         "Most bytes of one request, before compression."},
        {65536, 536870912}
    ),
    within({"requests_in_flight", type::integer, "3", "Most requests at a time."}, {1, 64}),
    within(
        {"unsettled_size_max",
         type::byte_count,
         "33554432",
         "Most bytes of events that Elasticsearch has not confirmed."},
        {1048576, 4294967296}
    ),
    within(
        {"linger", type::duration, "50", "Longest time an event waits for company."}, {0, 60}, "ms"
    ),
    // Templates and lifecycle: the cluster's own are used.
    not_yet("manage_template", type::boolean, "Install an index template."),
    not_yet("template", type::text, "Path of an index template."),
    not_yet("template_name", type::text, "Name of the index template."),
    not_yet("template_overwrite", type::boolean, "Replace an existing template."),
    not_yet("template_api", type::text, "Which template API to use."),
    not_yet("ilm_enabled", type::text, "Lifecycle management."),
    not_yet("ilm_rollover_alias", type::text, "Alias of a lifecycle."),
    not_yet("ilm_pattern", type::text, "Index pattern of a lifecycle."),
    not_yet("ilm_policy", type::text, "Policy of a lifecycle."),
    // Scripts and joins.
    not_yet("script", type::text, "Script of an update."),
    not_yet("script_type", type::text, "Kind of the script."),
    not_yet("script_lang", type::text, "Language of the script."),
    not_yet("script_var_name", type::text, "Name of the event in the script."),
    not_yet("scripted_upsert", type::boolean, "Run the script for missing documents too."),
    not_yet("parent", type::text, "Parent document."),
    not_yet("join_field", type::text, "Join field."),
    // TLS and connections of the JVM.
    not_yet("ca_trusted_fingerprint", type::array, "Fingerprint of a CA to trust."),
    not_yet("ssl_keystore_path", type::text, "Java keystore."),
    not_yet("ssl_keystore_type", type::text, "Java keystore."),
    not_yet("ssl_keystore_password", type::password, "Java keystore."),
    not_yet("ssl_truststore_path", type::text, "Java truststore."),
    not_yet("ssl_truststore_type", type::text, "Java truststore."),
    not_yet("ssl_truststore_password", type::password, "Java truststore."),
    not_yet("ssl_supported_protocols", type::array, "TLS versions."),
    not_yet("ssl_cipher_suites", type::array, "TLS cipher suites."),
    not_yet("sniffing", type::boolean, "Find the cluster's other nodes."),
    not_yet("sniffing_delay", type::duration, "Time between two looks for nodes."),
    not_yet("sniffing_path", type::text, "Path of the node list."),
    no_effect("pool_max", type::integer, "Connections; see requests_in_flight."),
    no_effect("pool_max_per_route", type::integer, "Connections; see requests_in_flight."),
    no_effect("validate_after_inactivity", type::integer, "Connections are checked by TCP."),
    // Old spellings.
    renamed("host", type::list, "hosts"),
    setting{"port", type::text, "", "Port of hosts without one (a range: its first)."},
    renamed("ssl", type::boolean, "ssl_enabled"),
    renamed("cacert", type::array, "ssl_certificate_authorities"),
    obsolete("keystore", type::text, "set ssl_certificate and ssl_key to PEM files."),
    obsolete("keystore_password", type::password, "set ssl_certificate and ssl_key to PEM files."),
    obsolete("truststore", type::text, "set ssl_certificate_authorities to a PEM file."),
    obsolete(
        "truststore_password", type::password, "set ssl_certificate_authorities to a PEM file."
    ),
    obsolete(
        "ssl_certificate_verification", type::boolean, "set ssl_verification_mode to full or none."
    ),
    no_effect("protocol", type::text, "Always HTTP."),
    no_effect("cluster", type::text, ""),
    no_effect("embedded", type::boolean, ""),
    no_effect("embedded_http_port", type::text, ""),
    no_effect("node_name", type::text, ""),
    no_effect("bind_host", type::text, ""),
    no_effect("bind_port", type::text, ""),
    no_effect("network_host", type::text, ""),
    no_effect("transport_tcp_port", type::text, ""),
    no_effect("index_type", type::text, "Documents have no type any more."),
    no_effect("document_type", type::text, "Documents have no type any more."),
    no_effect("idle_flush_time", type::duration, "See linger."),
    no_effect("max_retries", type::integer, "Retries have no end."),
    no_effect("max_inflight_requests", type::integer, "See requests_in_flight."),
    no_effect("retry_max_items", type::integer, ""),
    no_effect("workers", type::integer, "See requests_in_flight."),
    no_effect("codec", type::codec, "Documents are always JSON."),
};

} // namespace

const std::span<const setting> elasticsearch_settings(table);

} // namespace logboom::sinks
