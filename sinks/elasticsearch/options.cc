// Logstash's settings of the elasticsearch output: what goes with what, and what is refused.
#include "sinks/elasticsearch/options.h"

#include "sinks/elasticsearch/errc.h"
#include "sinks/http_client/base64.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>

namespace logboom::sinks {
namespace {

constexpr int elasticsearch_port = 9200;

error refused(std::string what) {
    return {elasticsearch_errc::bad_setting, std::move(what)};
}

bool is_set(const settings& given, std::string_view name) {
    return given.is_given(name);
}

/// Settings that have no meaning for a data stream: with one of them, auto means false.
constexpr std::string_view not_for_streams[] = {
    "index",
    "version",
    "version_type",
    "manage_template",
    "template",
    "template_name",
    "template_overwrite",
    "template_api",
    "ilm_enabled",
    "ilm_rollover_alias",
    "ilm_pattern",
    "ilm_policy",
    "doc_as_upsert",
    "upsert",
    "script",
    "script_type",
    "script_lang",
    "script_var_name",
    "scripted_upsert",
    "parent",
    "join_field",
    "retry_on_conflict",
};

bool means_off(const settings& given, std::string_view name) {
    const std::string& text = given.text(name);
    return text == "false";
}

/// Empty when everything fits a data stream, else the setting that does not.
std::string_view against_streams(const settings& given) {
    for (const std::string_view name : not_for_streams) {
        const bool is_harmless =
            (name == "manage_template" || name == "ilm_enabled") && means_off(given, name);
        if (is_set(given, name) && !is_harmless) {
            return name;
        }
    }
    return is_set(given, "action") && given.text("action") != "create" ? "action"
                                                                       : std::string_view{};
}

result<void> set_target(const settings& given, ecs_mode ecs, target_options& out) {
    const std::string& wish = given.text("data_stream");
    const std::string_view against = against_streams(given);
    const bool names_stream = is_set(given, "data_stream_type") ||
                              is_set(given, "data_stream_dataset") ||
                              is_set(given, "data_stream_namespace");
    if (wish == "true" && !against.empty()) {
        return refused(fmt::format("data_stream => true does not go with '{}'", against));
    }
    out.is_data_stream =
        wish == "true" || (wish == "auto" && ecs != ecs_mode::disabled && against.empty());
    if (!out.is_data_stream && names_stream && wish == "false") {
        return refused("data_stream_* settings need data_stream => true");
    }
    out.stream_type = given.text("data_stream_type");
    out.stream_dataset = given.text("data_stream_dataset");
    out.stream_namespace = given.text("data_stream_namespace");
    out.auto_routing = given.flag("data_stream_auto_routing");
    out.sync_fields = given.flag("data_stream_sync_fields");
    const bool has_ecs = ecs != ecs_mode::disabled;
    out.index = is_set(given, "index") ? given.text("index")
                : has_ecs              ? "ecs-logstash-%{+yyyy.MM.dd}"
                                       : "logstash-%{+yyyy.MM.dd}";
    out.action = out.is_data_stream        ? "create"
                 : is_set(given, "action") ? given.text("action")
                                           : "index";
    out.document_id = given.text("document_id");
    out.routing = given.text("routing");
    out.pipeline = given.text("pipeline");
    out.version = given.text("version");
    out.version_type = given.text("version_type");
    out.retry_on_conflict = static_cast<long>(given.integer("retry_on_conflict"));
    out.doc_as_upsert = given.flag("doc_as_upsert");
    out.upsert = given.text("upsert");
    out.id_from_origin = given.text("default_document_id") == "origin";
    out.dead_letter_bad_index_name = given.flag("dlq_on_failed_indexname_interpolation");
    return {};
}

result<void> check_target(const target_options& out, bool has_scripted_upsert) {
    static constexpr std::string_view actions[] = {"index", "create", "update", "delete"};
    const bool is_known =
        std::find(std::begin(actions), std::end(actions), out.action) != std::end(actions);
    if (!is_known && out.action.find("%{") == std::string::npos) {
        return refused(fmt::format(
            "action must be index, create, update, delete or hold a field, not '{}'", out.action
        ));
    }
    const bool is_external = out.version_type == "external" || out.version_type == "external_gt" ||
                             out.version_type == "external_gte";
    if (is_external && out.version.empty()) {
        return refused(fmt::format("version_type => {} needs version", out.version_type));
    }
    if (!out.version.empty() && (out.action == "create" || out.action == "update") && is_external) {
        return refused(fmt::format("action => {} does not take external versions", out.action));
    }
    if (out.action == "update" && out.document_id.empty()) {
        return refused("action => update needs document_id");
    }
    if (out.action == "delete" && out.document_id.empty()) {
        return refused("action => delete needs document_id");
    }
    if (out.doc_as_upsert && has_scripted_upsert) {
        return refused("doc_as_upsert and scripted_upsert exclude each other");
    }
    return {};
}

/// ssl_enabled and path, which count for all hosts.
result<void> complete_host(const settings& given, endpoint& host) {
    if (given.has("ssl_enabled")) {
        if (host.has_scheme && host.is_tls != given.flag("ssl_enabled")) {
            return refused(fmt::format("ssl_enabled contradicts the scheme of host {}", host.url())
            );
        }
        host.is_tls = given.flag("ssl_enabled");
    }
    const std::string& path = given.text("path");
    if (path.empty() || path == "/") {
        return {};
    }
    if (!host.path.empty()) {
        return refused(fmt::format("path contradicts the path of host {}", host.url()));
    }
    host.path = (path.front() == '/' ? "" : "/") + path;
    while (host.path.back() == '/') {
        host.path.pop_back();
    }
    return {};
}

result<void> set_hosts(const settings& given, elasticsearch_options& out) {
    int port = elasticsearch_port;
    if (const std::string& text = given.text("port"); !text.empty()) {
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
        if (code != std::errc{} || (*end != '\0' && *end != '-') || port < 1 || port > 65535) {
            return refused(fmt::format("port must be a number, not '{}'", text));
        }
    }
    if (is_set(given, "cloud_id")) {
        if (is_set(given, "hosts")) {
            return refused("cloud_id and hosts exclude each other");
        }
        LB_TRY(endpoint made, endpoint::of_cloud_id(given.text("cloud_id")));
        out.hosts.push_back(std::move(made));
    } else {
        for (const std::string& text : given.list("hosts")) {
            LB_TRY(endpoint made, endpoint::parse(text, port));
            out.hosts.push_back(std::move(made));
        }
    }
    if (out.hosts.empty()) {
        return refused("hosts is empty");
    }
    for (endpoint& each : out.hosts) {
        LB_CHECK(complete_host(given, each));
        if (each.is_tls != out.hosts.front().is_tls) {
            return refused("all hosts must have the same scheme");
        }
    }
    return {};
}

result<void> set_authorization(const settings& given, elasticsearch_options& out) {
    const bool has_user = is_set(given, "user") || is_set(given, "password");
    if (has_user + is_set(given, "api_key") + is_set(given, "cloud_auth") > 1) {
        return refused("only one of user/password, cloud_auth and api_key can be used");
    }
    if (has_user && (given.text("user").empty() || given.text("password").empty())) {
        return refused("user and password belong together");
    }
    if (is_set(given, "api_key")) {
        if (!out.hosts.front().is_tls) {
            return refused("api_key needs TLS: use https:// hosts or ssl_enabled => true");
        }
        const std::string& key = given.text("api_key");
        const bool is_pair = key.find(':') != std::string::npos;
        out.headers.push_back(
            "Authorization: ApiKey " + (is_pair ? http::base64_encode(key) : key)
        );
    } else if (has_user) {
        const std::string login = given.text("user") + ":" + given.text("password");
        out.headers.push_back("Authorization: Basic " + http::base64_encode(login));
    } else if (is_set(given, "cloud_auth")) {
        out.headers.push_back(
            "Authorization: Basic " + http::base64_encode(given.text("cloud_auth"))
        );
    }
    out.has_authorization = !out.headers.empty();
    return {};
}

/// Whether it looks like one; what is wrong inside of it OpenSSL says.
bool has_certificate(const std::string& path) {
    std::ifstream from(path);
    for (std::string line; std::getline(from, line);) {
        if (line.starts_with("-----BEGIN ") && line.find("CERTIFICATE") != std::string::npos) {
            return true;
        }
    }
    return false;
}

result<void> set_tls(const settings& given, elasticsearch_options& out) {
    const auto& authorities = given.list("ssl_certificate_authorities");
    if (authorities.size() > 1) {
        return refused("ssl_certificate_authorities takes one file; put several CAs into it");
    }
    out.http.ca_file = authorities.empty() ? "" : authorities.front();
    out.http.certificate_file = given.text("ssl_certificate");
    out.http.key_file = given.text("ssl_key");
    out.http.verify_peer = given.text("ssl_verification_mode") == "full";
    out.http.proxy = given.text("proxy");
    if (out.http.certificate_file.empty() != out.http.key_file.empty()) {
        return refused("ssl_certificate and ssl_key belong together");
    }
    if (!out.http.ca_file.empty() && !has_certificate(out.http.ca_file)) {
        return refused(
            "ssl_certificate_authorities \"" + out.http.ca_file + "\" holds no PEM certificate"
        );
    }
    return {};
}

std::string url_escaped(std::string_view text) {
    std::string out;
    for (const char each : text) {
        const auto byte = static_cast<unsigned char>(each);
        if (std::isalnum(byte) != 0 ||
            std::string_view("-_.~,*").find(each) != std::string_view::npos) {
            out += each;
        } else {
            out += fmt::format("%{:02X}", byte);
        }
    }
    return out;
}

result<void> set_requests(const settings& given, elasticsearch_options& out) {
    std::string parameters;
    for (const config_entry& each : given.hash("parameters")) {
        parameters += "&" + url_escaped(each.key) + "=" + url_escaped(each.value.scalar_text());
    }
    for (const config_entry& each : given.hash("custom_headers")) {
        const std::string header = each.key + ": " + each.value.scalar_text();
        if (header.find_first_of("\r\n") != std::string::npos) {
            return refused("custom_headers must not hold line ends");
        }
        out.headers.push_back(header);
    }
    const std::string& bulk_path = given.text("bulk_path");
    out.bulk_path =
        bulk_path.empty() ? "/_bulk" : (bulk_path.front() == '/' ? "" : "/") + bulk_path;
    out.bulk_path += out.bulk_path.find('?') == std::string::npos ? "?" : "&";
    out.bulk_path +=
        "filter_path=errors,items.*.error,items.*.status,items.*.failure_store" + parameters;
    const std::string& probe = given.text("healthcheck_path");
    out.probe_path = probe.empty() ? "/" : (probe.front() == '/' ? "" : "/") + probe;
    if (!parameters.empty()) {
        out.probe_path += "?" + parameters.substr(1);
    }
    if (!bulk_path.empty()) {
        // As in Logstash it is absolute, and path does not count.
        for (endpoint& each : out.hosts) {
            each.path.clear();
        }
    }
    out.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(given.duration("timeout"));
    const bool is_local = std::all_of(out.hosts.begin(), out.hosts.end(), [](const endpoint& each) {
        return each.is_loopback();
    });
    const bool is_chosen = is_set(given, "compression_level") || is_set(given, "http_compression");
    out.gzip_level = static_cast<int>(given.integer("compression_level"));
    if (!given.flag("http_compression") || (is_local && !is_chosen)) {
        out.gzip_level = 0;
    }
    out.http.accept_gzip = out.gzip_level > 0;
    return {};
}

result<void> set_retries(const settings& given, elasticsearch_options& out) {
    for (const std::string& text : given.list("dlq_custom_codes")) {
        int code = 0;
        const auto [end, why] = std::from_chars(text.data(), text.data() + text.size(), code);
        constexpr int code_min = 400;
        constexpr int code_max = 599;
        if (why != std::errc{} || *end != '\0' || code < code_min || code > code_max) {
            return refused(fmt::format("dlq_custom_codes takes HTTP error codes, not '{}'", text));
        }
        out.dead_letter_codes.push_back(code);
    }
    out.drop_error_types = given.list("drop_error_types");
    out.silenced_error_types = given.list("silence_errors_in_log");
    out.retry_initial = given.duration("retry_initial_interval");
    out.retry_max = given.duration("retry_max_interval");
    out.probe_max = given.duration("resurrect_delay");
    if (out.retry_initial > out.retry_max) {
        return refused("retry_initial_interval must not be above retry_max_interval");
    }
    out.bulk_items_max = static_cast<std::size_t>(given.integer("flush_size"));
    out.bulk_body_size_max = static_cast<std::size_t>(given.integer("bulk_size_max"));
    out.requests_in_flight = static_cast<std::size_t>(given.integer("requests_in_flight"));
    out.unsettled_bytes_max = static_cast<std::size_t>(given.integer("unsettled_size_max"));
    out.linger = given.duration("linger");
    return {};
}

} // namespace

result<elasticsearch_options> elasticsearch_options::from(const settings& given, ecs_mode ecs) {
    const std::string& own = given.text("ecs_compatibility");
    if (!own.empty()) {
        ecs = own == "disabled" ? ecs_mode::disabled : own == "v1" ? ecs_mode::v1 : ecs_mode::v8;
    }
    elasticsearch_options out;
    LB_CHECK(set_target(given, ecs, out.target));
    LB_CHECK(
        check_target(out.target, is_set(given, "scripted_upsert") && given.flag("scripted_upsert"))
    );
    LB_CHECK(set_hosts(given, out));
    LB_CHECK(set_authorization(given, out));
    LB_CHECK(set_tls(given, out));
    LB_CHECK(set_requests(given, out));
    LB_CHECK(set_retries(given, out));
    return out;
}

} // namespace logboom::sinks
