#include "buffer/broker/config/protections.h"

#include "base/assertion.h"

#include <fmt/format.h>

#include <algorithm>

namespace logboom::broker {
namespace {

constexpr bool secret = true;
constexpr bool shown = false;

constexpr std::string_view acls = "access control by ACLs";
constexpr std::string_view certificates = "clients' certificates to be checked";
constexpr std::string_view tls = "TLS";
constexpr std::string_view sasl = "clients to log in with SASL";
constexpr std::string_view tokens = "delegation tokens";
constexpr std::string_view policy = "requests to be checked by a policy";
constexpr std::string_view quota = "a quota for clients";
constexpr std::string_view connection_limit = "a limit on connections";

constexpr protection protection_table[] = {
    {"allow.everyone.if.no.acl.found", shown, "true", acls},
    {"alter.config.policy.class.name", shown, "", policy},
    {"authorizer.class.name", shown, "", acls},
    {"client.quota.callback.class", shown, "", quota},
    {"connections.max.reauth.ms", shown, "0", sasl},
    {"create.topic.policy.class.name", shown, "", policy},
    {"delegation.token.master.key", secret, "", tokens},
    {"delegation.token.secret.key", secret, "", tokens},
    {"max.connection.creation.rate", shown, "2147483647", connection_limit},
    {"max.connections.per.ip.overrides", shown, "", connection_limit},
    {"principal.builder.class",
     shown,
     "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
     acls},
    {"quota.consumer.default", shown, "9223372036854775807", quota},
    {"quota.producer.default", shown, "9223372036854775807", quota},
    {"sasl.client.callback.handler.class", shown, "", sasl},
    {"sasl.enabled.mechanisms", shown, "", sasl},
    {"sasl.jaas.config", secret, "", sasl},
    {"sasl.kerberos.service.name", shown, "", sasl},
    {"sasl.login.callback.handler.class", shown, "", sasl},
    {"sasl.login.class", shown, "", sasl},
    {"sasl.mechanism.controller.protocol", shown, "", sasl},
    {"sasl.mechanism.inter.broker.protocol", shown, "", sasl},
    {"sasl.oauthbearer.expected.audience", shown, "", sasl},
    {"sasl.oauthbearer.expected.issuer", shown, "", sasl},
    {"sasl.oauthbearer.jwks.endpoint.url", shown, "", sasl},
    {"sasl.oauthbearer.token.endpoint.url", shown, "", sasl},
    {"sasl.server.callback.handler.class", shown, "", sasl},
    {"security.inter.broker.protocol", shown, "PLAINTEXT", "TLS or SASL between brokers"},
    {"ssl.client.auth", shown, "none", certificates},
    {"ssl.engine.factory.class", shown, "", tls},
    {"ssl.key.password", secret, "", tls},
    {"ssl.keystore.certificate.chain", secret, "", tls},
    {"ssl.keystore.key", secret, "", tls},
    {"ssl.keystore.location", shown, "", tls},
    {"ssl.keystore.password", secret, "", tls},
    {"ssl.truststore.certificates", secret, "", certificates},
    {"ssl.truststore.location", shown, "", certificates},
    {"ssl.truststore.password", secret, "", certificates},
    {"super.users", shown, "", acls},
};

bool is_one_of(std::string_view choices, std::string_view value) {
    while (!choices.empty()) {
        const std::size_t end = choices.find('|');
        if (choices.substr(0, end) == value) {
            return true;
        }
        choices = end == std::string_view::npos ? std::string_view{} : choices.substr(end + 1);
    }
    return false;
}

std::string_view without_listener(std::string_view key) {
    constexpr std::string_view prefix = "listener.name.";
    if (!key.starts_with(prefix)) {
        return key;
    }
    const std::size_t name_end = key.find('.', prefix.size());
    if (name_end == std::string_view::npos) {
        return key;
    }
    const std::string_view rest = key.substr(name_end + 1);
    const std::size_t mechanism_end = rest.find(".sasl.");
    return mechanism_end == std::string_view::npos ? rest : rest.substr(mechanism_end + 1);
}

} // namespace

std::span<const protection> protections() {
    return protection_table;
}

const protection* find_protection(std::string_view key) {
    const std::string_view name = without_listener(key);
    const auto* const found = std::find_if(
        std::begin(protection_table),
        std::end(protection_table),
        [&](const protection& each) { return each.key == name; }
    );
    return found == std::end(protection_table) ? nullptr : found;
}

std::string refuse_protection(std::string_view key, std::string_view value) {
    const protection* const found = find_protection(key);
    LB_ASSERT(found != nullptr);
    if (value.empty() || is_one_of(found->harmless, value)) {
        return {};
    }
    return fmt::format(
        "{}{} asks for {}, which this broker does not offer: every client that reaches it is "
        "served "
        "without; remove the key if that is meant, and let a proxy or a firewall protect the "
        "listener if not",
        key,
        found->secret ? std::string() : fmt::format("={}", value),
        found->asks
    );
}

} // namespace logboom::broker
