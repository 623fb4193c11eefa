// Connection, TLS and SASL settings as librdkafka's properties; JAAS entries.
#include "buffer/client/properties.h"

#include "base/ascii.h"
#include "buffer/client/errc.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace logboom::client {
namespace {

constexpr std::size_t jaas_size_max = std::size_t{64} * 1024;

/// "jks", "pkcs12" or "pem", from the type setting or else the file's name.
std::string store_type(const std::string& type, const std::string& location) {
    if (!type.empty()) {
        return lower_case(type);
    }
    const std::string name = lower_case(location);
    if (name.ends_with(".jks") || name.ends_with(".keystore") || name.ends_with(".truststore")) {
        return "jks";
    }
    return name.ends_with(".p12") || name.ends_with(".pfx") ? "pkcs12" : "pem";
}

void copy_text(
    const settings& from, std::string_view name, const char* property, property_list& into
) {
    if (const std::string& text = from.text(name); !text.empty()) {
        into.emplace_back(property, text);
    }
}

result<void> add_ssl(const settings& from, property_list& into) {
    const std::string& trust = from.text("ssl_truststore_location");
    if (!trust.empty()) {
        if (store_type(from.text("ssl_truststore_type"), trust) != "pem") {
            return error(errc::java_key_store, "ssl_truststore_location \"" + trust + "\"");
        }
        into.emplace_back("ssl.ca.location", trust);
    }
    const std::string& keys = from.text("ssl_keystore_location");
    if (!keys.empty()) {
        const std::string type = store_type(from.text("ssl_keystore_type"), keys);
        if (type == "pkcs12") {
            into.emplace_back("ssl.keystore.location", keys);
            copy_text(from, "ssl_keystore_password", "ssl.keystore.password", into);
        } else if (type == "pem") {
            into.emplace_back("ssl.certificate.location", keys);
            into.emplace_back("ssl.key.location", keys);
        } else {
            return error(errc::java_key_store, "ssl_keystore_location \"" + keys + "\"");
        }
    }
    copy_text(from, "ssl_key_password", "ssl.key.password", into);
    const std::string& check = from.text("ssl_endpoint_identification_algorithm");
    into.emplace_back("ssl.endpoint.identification.algorithm", check.empty() ? "none" : check);
    return {};
}

/// The body of `KafkaClient { ... };` in a JAAS file.
result<std::string> jaas_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return last_os_error("jaas_path \"" + path + "\"");
    }
    std::string text;
    text.resize(jaas_size_max);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    const auto name = text.find("KafkaClient");
    const auto open = text.find('{', name == std::string::npos ? 0 : name);
    const auto close = text.find('}', open == std::string::npos ? 0 : open);
    if (name == std::string::npos || open == std::string::npos || close == std::string::npos) {
        return error(errc::bad_jaas, "jaas_path \"" + path + "\" without a KafkaClient block");
    }
    return text.substr(open + 1, close - open - 1);
}

result<void> add_sasl(const settings& from, property_list& into) {
    into.emplace_back("sasl.mechanism", from.text("sasl_mechanism"));
    copy_text(from, "sasl_kerberos_service_name", "sasl.kerberos.service.name", into);
    if (const std::string& url = from.text("sasl_oauthbearer_token_endpoint_url"); !url.empty()) {
        into.emplace_back("sasl.oauthbearer.method", "oidc");
        into.emplace_back("sasl.oauthbearer.token.endpoint.url", url);
    }
    std::string jaas = from.text("sasl_jaas_config");
    if (jaas.empty() && !from.text("jaas_path").empty()) {
        LB_TRY(jaas, jaas_of_file(from.text("jaas_path")));
    }
    if (jaas.empty()) {
        return {};
    }
    LB_TRY(const jaas_entry entry, parse_jaas(jaas));
    return add_jaas_properties(entry, into);
}

bool is_blank(char letter) {
    return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
}

/// The next word of a JAAS text: `name`, `name=value` or `name="quoted value"`; empty at its end.
std::string next_word(std::string_view& rest) {
    while (!rest.empty() && is_blank(rest.front())) {
        rest.remove_prefix(1);
    }
    std::string word;
    char quote = 0;
    while (!rest.empty()) {
        const char letter = rest.front();
        if (quote == 0 && (is_blank(letter) || letter == ';')) {
            break;
        }
        rest.remove_prefix(1);
        if (quote == 0 && (letter == '"' || letter == '\'')) {
            quote = letter;
        } else if (letter == quote) {
            quote = 0;
        } else if (letter == '\\' && quote != 0 && !rest.empty()) {
            word.push_back(rest.front());
            rest.remove_prefix(1);
        } else {
            word.push_back(letter);
        }
    }
    return word;
}

} // namespace

std::string_view find_property(const property_list& in, std::string_view name) {
    const auto found =
        std::find_if(in.rbegin(), in.rend(), [&](const auto& each) { return each.first == name; });
    return found == in.rend() ? std::string_view{} : std::string_view(found->second);
}

result<void> check_servers(std::string_view servers) {
    constexpr int port_max = 65535;
    std::string_view rest = servers;
    while (true) {
        const auto comma = rest.find(',');
        std::string_view one = rest.substr(0, comma);
        while (!one.empty() && is_blank(one.front())) {
            one.remove_prefix(1);
        }
        while (!one.empty() && is_blank(one.back())) {
            one.remove_suffix(1);
        }
        const auto protocol = one.find("://");
        const std::string_view place =
            one.substr(protocol == std::string_view::npos ? 0 : protocol + 3);
        const auto colon = place.rfind(':');
        const std::string_view digits =
            colon == std::string_view::npos ? std::string_view{} : place.substr(colon + 1);
        int port = 0;
        const auto [end, code] =
            std::from_chars(digits.data(), digits.data() + digits.size(), port);
        const bool is_port = code == std::errc{} && end == digits.data() + digits.size() &&
                             port >= 1 && port <= port_max;
        const bool is_host =
            colon != 0 &&
            (place.substr(0, colon).find(':') == std::string_view::npos || place.starts_with('['));
        if (!is_port || !is_host) {
            return error(errc::bad_address, "bootstrap server \"" + std::string(one) + "\"");
        }
        if (comma == std::string_view::npos) {
            return {};
        }
        rest.remove_prefix(comma + 1);
    }
}

result<void> add_connection_properties(const settings& from, property_list& into) {
    std::string servers = fmt::format("{}", fmt::join(from.list("bootstrap_servers"), ","));
    LB_CHECK(check_servers(servers));
    into.emplace_back("bootstrap.servers", std::move(servers));
    if (!from.text("client_id").empty()) {
        into.emplace_back("client.id", from.text("client_id"));
    }
    struct row {
        const char* name;
        const char* property;
    };
    static constexpr row numbers[] = {
        {"connections_max_idle_ms", "connections.max.idle.ms"},
        {"metadata_max_age_ms", "topic.metadata.refresh.interval.ms"},
        {"reconnect_backoff_ms", "reconnect.backoff.ms"},
        {"reconnect_backoff_max_ms", "reconnect.backoff.max.ms"},
        {"request_timeout_ms", "socket.timeout.ms"},
        {"retry_backoff_ms", "retry.backoff.ms"},
    };
    for (const auto& [name, property] : numbers) {
        into.emplace_back(property, std::to_string(from.integer(name)));
    }
    static constexpr row buffers[] = {
        {"receive_buffer_bytes", "socket.receive.buffer.bytes"},
        {"send_buffer_bytes", "socket.send.buffer.bytes"},
    };
    for (const auto& [name, property] : buffers) {
        // Java's -1 (leave it to the system) is librdkafka's 0, its default.
        if (from.integer(name) > 0) {
            into.emplace_back(property, std::to_string(from.integer(name)));
        }
    }
    // A log line is small and should leave now; keep-alive finds a peer that vanished.
    into.emplace_back("socket.nagle.disable", "true");
    into.emplace_back("socket.keepalive.enable", "true");
    return {};
}

result<void> add_security_properties(const settings& from, property_list& into) {
    const std::string protocol = lower_case(from.text("security_protocol"));
    into.emplace_back("security.protocol", protocol);
    if (protocol.find("ssl") != std::string::npos) {
        LB_CHECK(add_ssl(from, into));
    }
    if (protocol.find("sasl") != std::string::npos) {
        LB_CHECK(add_sasl(from, into));
    }
    return {};
}

result<jaas_entry> parse_jaas(std::string_view text) {
    jaas_entry entry;
    std::string_view rest = text;
    entry.login_module = next_word(rest);
    const std::string flag = next_word(rest);
    if (entry.login_module.empty() ||
        (flag != "required" && flag != "requisite" && flag != "sufficient" && flag != "optional")) {
        return error(errc::bad_jaas, "sasl_jaas_config");
    }
    for (std::string word = next_word(rest); !word.empty(); word = next_word(rest)) {
        const auto equals = word.find('=');
        if (equals == std::string::npos) {
            return error(errc::bad_jaas, "sasl_jaas_config");
        }
        entry.options.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
    return entry;
}

result<void> add_jaas_properties(const jaas_entry& entry, property_list& into) {
    const auto module = std::string_view(entry.login_module);
    const auto copy = [&](std::string_view option, const char* property) {
        if (const auto text = find_property(entry.options, option); !text.empty()) {
            into.emplace_back(property, text);
        }
    };
    if (module.ends_with("PlainLoginModule") || module.ends_with("ScramLoginModule")) {
        copy("username", "sasl.username");
        copy("password", "sasl.password");
    } else if (module.ends_with("Krb5LoginModule")) {
        copy("keyTab", "sasl.kerberos.keytab");
        copy("principal", "sasl.kerberos.principal");
        copy("serviceName", "sasl.kerberos.service.name");
    } else if (module.ends_with("OAuthBearerLoginModule")) {
        copy("clientId", "sasl.oauthbearer.client.id");
        copy("clientSecret", "sasl.oauthbearer.client.secret");
        copy("scope", "sasl.oauthbearer.scope");
    } else {
        return error(errc::bad_jaas, "login module " + entry.login_module);
    }
    return {};
}

} // namespace logboom::client
