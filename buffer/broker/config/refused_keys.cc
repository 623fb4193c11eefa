// Keys that ask for something that keeps clients out or in bounds, and that this broker does not
// give: the start is refused, because its owner would believe himself protected. What only tunes
// such a thing is in idle_keys.cc.
#include "buffer/broker/config/key_rows.h"

namespace logboom::broker {
namespace {

using enum config_type;

constexpr std::string_view acls = "access control by ACLs";
constexpr std::string_view certificates = "clients' certificates to be checked";
constexpr std::string_view tls = "TLS";
constexpr std::string_view sasl = "clients to log in with SASL";
constexpr std::string_view tokens = "delegation tokens";
constexpr std::string_view policy = "requests to be checked by a policy";
constexpr std::string_view quota = "a quota for clients";
constexpr std::string_view connection_limit = "a limit on connections";

/// `harmless`: values that ask for nothing, beside none: "none|false".
constexpr config_key refused(
    std::string_view name,
    config_type type,
    std::string_view fallback,
    std::string_view harmless,
    std::string_view asks_for
) {
    config_key made = key(name, type, fallback, nullptr, asks_for);
    made.state = key_state::refused;
    made.harmless = harmless;
    return made;
}

constexpr config_key refused_table[] = {
    refused("allow.everyone.if.no.acl.found", boolean, "", "true", acls),
    refused("alter.config.policy.class.name", class_name, "", "", policy),
    refused("authorizer.class.name", text, "", "", acls),
    refused("client.quota.callback.class", class_name, "", "", quota),
    refused("connections.max.reauth.ms", long_integer, "0", "0", sasl),
    refused("create.topic.policy.class.name", class_name, "", "", policy),
    refused("delegation.token.master.key", password, "", "", tokens),
    refused("delegation.token.secret.key", password, "", "", tokens),
    refused("max.connection.creation.rate", integer, "2147483647", "2147483647", connection_limit),
    refused("max.connections.per.ip.overrides", text, "", "", connection_limit),
    refused(
        "principal.builder.class",
        class_name,
        "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
        "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
        acls
    ),
    refused("quota.consumer.default", long_integer, "", "9223372036854775807", quota),
    refused("quota.producer.default", long_integer, "", "9223372036854775807", quota),
    refused("sasl.client.callback.handler.class", class_name, "", "", sasl),
    refused("sasl.enabled.mechanisms", list, "", "", sasl),
    refused("sasl.jaas.config", password, "", "", sasl),
    refused("sasl.kerberos.service.name", text, "", "", sasl),
    refused("sasl.login.callback.handler.class", class_name, "", "", sasl),
    refused("sasl.login.class", class_name, "", "", sasl),
    refused("sasl.mechanism.controller.protocol", text, "", "", sasl),
    refused("sasl.mechanism.inter.broker.protocol", text, "", "", sasl),
    refused("sasl.oauthbearer.expected.audience", list, "", "", sasl),
    refused("sasl.oauthbearer.expected.issuer", text, "", "", sasl),
    refused("sasl.oauthbearer.jwks.endpoint.url", text, "", "", sasl),
    refused("sasl.oauthbearer.token.endpoint.url", text, "", "", sasl),
    refused("sasl.server.callback.handler.class", class_name, "", "", sasl),
    refused(
        "security.inter.broker.protocol",
        text,
        "PLAINTEXT",
        "PLAINTEXT",
        "TLS or SASL between brokers"
    ),
    refused("ssl.client.auth", text, "none", "none", certificates),
    refused("ssl.engine.factory.class", class_name, "", "", tls),
    refused("ssl.key.password", password, "", "", tls),
    refused("ssl.keystore.certificate.chain", password, "", "", tls),
    refused("ssl.keystore.key", password, "", "", tls),
    refused("ssl.keystore.location", text, "", "", tls),
    refused("ssl.keystore.password", password, "", "", tls),
    refused("ssl.truststore.certificates", password, "", "", certificates),
    refused("ssl.truststore.location", text, "", "", certificates),
    refused("ssl.truststore.password", password, "", "", certificates),
    refused("super.users", text, "", "", acls),
};

} // namespace

std::span<const config_key> refused_keys() {
    return refused_table;
}

} // namespace logboom::broker
