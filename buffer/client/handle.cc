// Clients of librdkafka made from properties: what cannot work is refused before one is made.
#include "buffer/client/handle.h"

#include "base/log.h"
#include "buffer/client/errc.h"

#include <algorithm>
#include <array>
#include <unistd.h>

namespace logboom::client {
namespace {

constexpr std::size_t error_text_size = 512;

const logger& library_log() {
    static const logger log = logger::named("librdkafka");
    return log;
}

void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
    constexpr int syslog_debug = 7;
    // Null: the client could not be made.
    void* const opaque = client == nullptr ? nullptr : rd_kafka_opaque(client);
    if (auto* listener = static_cast<client_listener*>(opaque)) {
        listener->on_log(facility, text);
    }
    if (level < syslog_debug) {
        library_log().debug("{} facility={}", text, facility);
    } else {
        library_log().trace("{} facility={}", text, facility);
    }
}

void on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) {
    std::array<char, error_text_size> fatal_reason{};
    auto response = static_cast<rd_kafka_resp_err_t>(code);
    if (response == RD_KAFKA_RESP_ERR__FATAL) {
        rd_kafka_fatal_error(client, fatal_reason.data(), fatal_reason.size());
        reason = fatal_reason.data();
    }
    static_cast<client_listener*>(opaque)->on_error(response, reason == nullptr ? "" : reason);
}

/// What librdkafka says of a file that it cannot read names neither the file nor why.
result<void> check_files(const property_list& properties) {
    static constexpr std::array<std::string_view, 6> names{
        "ssl.ca.location",
        "ssl.certificate.location",
        "ssl.key.location",
        "ssl.keystore.location",
        "ssl.crl.location",
        "sasl.kerberos.keytab",
    };
    for (const auto& [name, value] : properties) {
        const bool is_path = std::find(names.begin(), names.end(), name) != names.end();
        if (!is_path || value.empty() || value == "probe") {
            continue;
        }
        // Kerberos writes a key table as FILE:/path, too.
        const std::string path = value.starts_with("FILE:") ? value.substr(5) : value;
        if (access(path.c_str(), R_OK) != 0) {
            return last_os_error(name + " " + value);
        }
    }
    return {};
}

/// What a mechanism cannot do without, and librdkafka would miss only when it is to connect.
result<void> check_mechanism(const property_list& properties) {
    const std::string_view mechanism = find_property(properties, "sasl.mechanism");
    if (mechanism == "GSSAPI" && find_property(properties, "sasl.kerberos.keytab").empty() &&
        find_property(properties, "sasl.kerberos.kinit.cmd").empty()) {
        return error(
            errc::bad_property,
            "GSSAPI needs a key table: keyTab=... in the JAAS entry, or sasl.kerberos.keytab"
        );
    }
    if (mechanism == "OAUTHBEARER" &&
        find_property(properties, "sasl.oauthbearer.method").empty() &&
        find_property(properties, "enable.sasl.oauthbearer.unsecure.jwt") != "true") {
        return error(
            errc::bad_property,
            "OAUTHBEARER needs a place to get tokens from: sasl_oauthbearer_token_endpoint_url, or "
            "sasl.oauthbearer.method=oidc and sasl.oauthbearer.token.endpoint.url"
        );
    }
    return {};
}

/// For a client that is made to see whether it can be.
class deaf_listener final : public client_listener {
  public:
    void on_error(rd_kafka_resp_err_t /*code*/, std::string_view /*reason*/) override {}
    void on_log(std::string_view /*facility*/, std::string_view /*text*/) override {}
};

} // namespace

metadata_handle fetch_metadata(
    rd_kafka_t* client, bool all_topics, rd_kafka_topic_t* only, std::chrono::milliseconds limit
) {
    const rd_kafka_metadata_t* found = nullptr;
    const auto code = rd_kafka_metadata(
        client, all_topics ? 1 : 0, only, &found, static_cast<int>(limit.count())
    );
    return metadata_handle(code == RD_KAFKA_RESP_ERR_NO_ERROR ? found : nullptr);
}

result<conf_handle> make_conf(const property_list& properties, client_listener& listener) {
    LB_CHECK(check_files(properties));
    conf_handle conf(rd_kafka_conf_new());
    rd_kafka_conf_set_opaque(conf.get(), &listener);
    rd_kafka_conf_set_log_cb(conf.get(), on_log);
    rd_kafka_conf_set_error_cb(conf.get(), on_error);
    std::array<char, error_text_size> text{};
    for (const auto& [name, value] : properties) {
        const auto code =
            rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text.data(), text.size());
        if (code != RD_KAFKA_CONF_OK) {
            return error(errc::bad_property, name + ": " + text.data());
        }
    }
    LB_CHECK(check_mechanism(properties));
    return conf;
}

result<client_handle> make_client(rd_kafka_type_t type, conf_handle conf) {
    std::array<char, error_text_size> text{};
    rd_kafka_t* made = rd_kafka_new(type, conf.get(), text.data(), text.size());
    if (made == nullptr) {
        return error(errc::bad_property, text.data());
    }
    static_cast<void>(conf.release());
    return client_handle(made);
}

result<void> check_properties(rd_kafka_type_t type, const property_list& properties) {
    const std::string_view mechanism = find_property(properties, "sasl.mechanism");
    const bool would_ask = mechanism == "GSSAPI" || mechanism == "OAUTHBEARER";
    property_list alone = properties;
    std::erase_if(alone, [](const auto& each) { return each.first == "bootstrap.servers"; });
    deaf_listener nobody;
    LB_CHECK(make_conf(properties, nobody));
    LB_TRY(conf_handle conf, make_conf(alone, nobody));
    if (!would_ask) {
        LB_CHECK(make_client(type, std::move(conf)));
    }
    return {};
}

} // namespace logboom::client
