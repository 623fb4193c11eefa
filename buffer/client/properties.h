// Logstash's connection settings as librdkafka's properties. Both kafka plugins and the dead letter
// topic share them. Pure: settings in, names and values out.
#pragma once

#include "base/result.h"
#include "base/settings.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace logboom::client {

/// In the order they are set; a later one wins.
using property_list = std::vector<std::pair<std::string, std::string>>;

/// The value of `name`, or empty.
std::string_view find_property(const property_list& in, std::string_view name);

/// "host:port" or "[::1]:port", with a protocol before it or not, separated by commas.
result<void> check_servers(std::string_view servers);

/// bootstrap_servers, client_id and the network timings. Fails for a server that is not host:port.
result<void> add_connection_properties(const settings& from, property_list& into);
/// security_protocol, ssl_*, sasl_*, jaas_path. Fails for key stores that only Java reads and for
/// JAAS text that says nothing.
result<void> add_security_properties(const settings& from, property_list& into);

/// One entry of a JAAS configuration: `org.x.PlainLoginModule required username="u" ... ;`.
struct jaas_entry {
    std::string login_module;
    property_list options;
};
result<jaas_entry> parse_jaas(std::string_view text);
/// The properties that a JAAS entry stands for, by login module.
result<void> add_jaas_properties(const jaas_entry& entry, property_list& into);

/// Two tables as one: settings want a single span.
template <std::size_t First, std::size_t Second>
constexpr auto joined_tables(const setting (&first)[First], const setting (&second)[Second]) {
    std::array<setting, First + Second> all{};
    std::copy(std::begin(first), std::end(first), all.begin());
    std::copy(std::begin(second), std::end(second), all.begin() + First);
    return all;
}

/// What both plugins' tables end with.
inline constexpr setting shared_settings[] = {
    {.name = "bootstrap_servers",
     .type = setting_type::list,
     .fallback = "localhost:9092",
     .doc = "host:port of some brokers, separated by commas."},
    {.name = "client_id",
     .fallback = "logstash",
     .doc = "The name the broker's logs and quotas know us by."},
    {.name = "client_dns_lookup",
     .type = setting_type::choice,
     .fallback = "use_all_dns_ips",
     .doc = "All addresses of a name are tried.",
     .state = setting_state::no_effect,
     .choices = "default|use_all_dns_ips|resolve_canonical_bootstrap_servers_only"},
    {.name = "connections_max_idle_ms",
     .type = setting_type::integer,
     .fallback = "540000",
     .doc = "An idle connection is closed after this long.",
     .min = 0,
     .max = 2147483647},
    {.name = "metadata_max_age_ms",
     .type = setting_type::integer,
     .fallback = "300000",
     .doc = "Topics and leaders are looked up anew at least this often.",
     .min = 10,
     .max = 3600000},
    {.name = "receive_buffer_bytes",
     .type = setting_type::integer,
     .doc = "SO_RCVBUF; the system's choice when not set.",
     .min = -1,
     .max = 100000000},
    {.name = "send_buffer_bytes",
     .type = setting_type::integer,
     .doc = "SO_SNDBUF; the system's choice when not set.",
     .min = -1,
     .max = 100000000},
    {.name = "reconnect_backoff_ms",
     .type = setting_type::integer,
     .fallback = "50",
     .doc = "The first wait before a connection is tried again; doubles.",
     .min = 0,
     .max = 3600000},
    {.name = "reconnect_backoff_max_ms",
     .type = setting_type::integer,
     .fallback = "1000",
     .doc = "The longest such wait.",
     .min = 0,
     .max = 3600000},
    {.name = "request_timeout_ms",
     .type = setting_type::integer,
     .fallback = "40000",
     .doc = "How long a request may go unanswered.",
     .min = 10,
     .max = 300000},
    {.name = "retry_backoff_ms",
     .type = setting_type::integer,
     .fallback = "100",
     .doc = "The wait before a failed request is sent again.",
     .min = 1,
     .max = 300000},
    {.name = "security_protocol",
     .type = setting_type::choice,
     .fallback = "PLAINTEXT",
     .doc = "How to talk to the broker.",
     .choices = "PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL"},
    {.name = "ssl_truststore_type", .doc = "PEM; Java's own kinds have to be converted."},
    {.name = "ssl_truststore_location",
     .doc = "The certificates to trust, a PEM file.",
     .content = setting_content::readable_file},
    {.name = "ssl_truststore_password",
     .type = setting_type::password,
     .doc = "A PEM file needs none.",
     .state = setting_state::no_effect},
    {.name = "ssl_keystore_type", .doc = "PEM or PKCS12."},
    {.name = "ssl_keystore_location",
     .doc = "Our certificate and key, a PEM or PKCS12 file.",
     .content = setting_content::readable_file},
    {.name = "ssl_keystore_password",
     .type = setting_type::password,
     .doc = "The PKCS12 file's password."},
    {.name = "ssl_key_password", .type = setting_type::password, .doc = "The key's own password."},
    {.name = "ssl_endpoint_identification_algorithm",
     .fallback = "https",
     .doc = "https: the broker's certificate must carry its host name; empty: it need not."},
    {.name = "sasl_mechanism",
     .fallback = "GSSAPI",
     .doc = "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, GSSAPI or OAUTHBEARER."},
    {.name = "sasl_jaas_config",
     .type = setting_type::password,
     .doc = "A JAAS entry: user name and password are taken from it."},
    {.name = "jaas_path",
     .doc = "A JAAS file: its KafkaClient entry is read.",
     .content = setting_content::readable_file},
    {.name = "kerberos_config",
     .doc = "The Kerberos library reads the KRB5_CONFIG environment variable instead.",
     .state = setting_state::not_yet},
    {.name = "sasl_kerberos_service_name", .doc = "The principal the brokers run as."},
    {.name = "sasl_client_callback_handler_class",
     .doc = "A Java class.",
     .state = setting_state::not_yet},
    {.name = "sasl_login_callback_handler_class",
     .doc = "A Java class.",
     .state = setting_state::not_yet},
    {.name = "sasl_iam_jar_paths",
     .type = setting_type::array,
     .doc = "Java archives.",
     .state = setting_state::not_yet},
    {.name = "sasl_oauthbearer_token_endpoint_url", .doc = "Where a token is fetched."},
    {.name = "sasl_oauthbearer_scope_claim_name",
     .fallback = "scope",
     .doc = "The claim that holds the scope.",
     .state = setting_state::not_yet},
    {.name = "sasl_login_connect_timeout_ms",
     .type = setting_type::integer,
     .doc = "Time limit of the token endpoint.",
     .state = setting_state::not_yet},
    {.name = "sasl_login_read_timeout_ms",
     .type = setting_type::integer,
     .doc = "Time limit of the token endpoint.",
     .state = setting_state::not_yet},
    {.name = "sasl_login_retry_backoff_ms",
     .type = setting_type::integer,
     .fallback = "100",
     .doc = "Wait between tries at the token endpoint.",
     .state = setting_state::not_yet},
    {.name = "sasl_login_retry_backoff_max_ms",
     .type = setting_type::integer,
     .fallback = "10000",
     .doc = "The longest such wait.",
     .state = setting_state::not_yet},
};

} // namespace logboom::client
