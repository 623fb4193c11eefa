// From api.* settings to what the server needs. The password policy is Logstash's: a weak password
// is a warning unless its mode is ERROR.
#include "web/api_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace logboom::web {
namespace {

constexpr setting rows[] = {
    {.name = "api.enabled",
     .type = setting_type::boolean,
     .fallback = "true",
     .doc = "Answer HTTP requests about this process."},
    {.name = "api.http.host",
     .fallback = "127.0.0.1",
     .doc = "Address to listen on; 0.0.0.0 if unset and both api.auth.type and api.ssl.enabled "
            "protect it."},
    {.name = "api.http.port",
     .fallback = "9600-9700",
     .doc = "Port, or range of which the first free one is taken."},
    {.name = "api.environment",
     .doc = "The name of an environment of Ruby's web server.",
     .state = setting_state::no_effect},
    {.name = "api.auth.type",
     .type = setting_type::choice,
     .fallback = "none",
     .doc = "basic: who asks must give user name and password.",
     .choices = "none|basic"},
    {.name = "api.auth.basic.username", .doc = "The user name, with api.auth.type basic."},
    {.name = "api.auth.basic.password",
     .type = setting_type::password,
     .doc = "The password, with api.auth.type basic."},
    {.name = "api.auth.basic.password_policy.mode",
     .type = setting_type::choice,
     .fallback = "WARN",
     .doc = "What a weak password is.",
     .choices = "WARN|ERROR"},
    {.name = "api.auth.basic.password_policy.length.minimum",
     .type = setting_type::integer,
     .fallback = "8",
     .doc = "Characters of a password.",
     .min = 5,
     .max = 1024},
    {.name = "api.auth.basic.password_policy.include.upper",
     .type = setting_type::choice,
     .fallback = "REQUIRED",
     .doc = "Upper case letters.",
     .choices = "REQUIRED|OPTIONAL"},
    {.name = "api.auth.basic.password_policy.include.lower",
     .type = setting_type::choice,
     .fallback = "REQUIRED",
     .doc = "Lower case letters.",
     .choices = "REQUIRED|OPTIONAL"},
    {.name = "api.auth.basic.password_policy.include.digit",
     .type = setting_type::choice,
     .fallback = "REQUIRED",
     .doc = "Digits.",
     .choices = "REQUIRED|OPTIONAL"},
    {.name = "api.auth.basic.password_policy.include.symbol",
     .type = setting_type::choice,
     .fallback = "OPTIONAL",
     .doc = "Other characters.",
     .choices = "REQUIRED|OPTIONAL"},
    {.name = "api.ssl.enabled",
     .type = setting_type::boolean,
     .fallback = "false",
     .doc = "HTTPS, with the certificate of api.ssl.keystore.path or api.ssl.certificate."},
    {.name = "api.ssl.keystore.path", .doc = "A PKCS#12 keystore."},
    {.name = "api.ssl.keystore.password", .type = setting_type::password, .doc = "Its password."},
    {.name = "api.ssl.certificate", .doc = "A PEM file: certificate and its chain."},
    {.name = "api.ssl.key", .doc = "A PEM file: the certificate's private key."},
    {.name = "api.ssl.supported_protocols",
     .type = setting_type::list,
     .doc = "TLSv1.2, TLSv1.3; both if unset."},
};

/// Where a protection was asked for that cannot be given. Nowhere when that was on the command
/// line: what is there is a mistake in typing, this is a wrong configuration.
source_position place_of(const settings& from, std::string_view name) {
    const source_position where = from.where(name);
    return where.file.starts_with("--") ? source_position() : where;
}

/// What the password lacks; empty when it is good.
std::vector<std::string> weaknesses(const settings& from, const std::string& password) {
    const std::string policy = "api.auth.basic.password_policy.";
    std::vector<std::string> out;
    const std::int64_t minimum = from.integer(policy + "length.minimum");
    if (static_cast<std::int64_t>(password.size()) < minimum) {
        out.push_back(fmt::format("has fewer than {} characters", minimum));
    }
    const auto has = [&](auto test) { return std::any_of(password.begin(), password.end(), test); };
    const auto is_upper = [](char each) { return each >= 'A' && each <= 'Z'; };
    const auto is_lower = [](char each) { return each >= 'a' && each <= 'z'; };
    const auto is_digit = [](char each) { return each >= '0' && each <= '9'; };
    const auto is_symbol = [&](char each) {
        return !is_upper(each) && !is_lower(each) && !is_digit(each);
    };
    const auto require = [&](const char* name, bool is_there, const char* what) {
        if (!is_there && from.text(policy + "include." + name) == "REQUIRED") {
            out.push_back(fmt::format("has no {}", what));
        }
    };
    require("upper", has(is_upper), "upper case letter");
    require("lower", has(is_lower), "lower case letter");
    require("digit", has(is_digit), "digit");
    require("symbol", has(is_symbol), "symbol");
    return out;
}

/// Who gives a password or a certificate may think that they are in force.
void warn_of_idle(
    const settings& from, std::string_view family, std::string_view why, api_outcome& said
) {
    for (const setting& each : rows) {
        if (each.name.starts_with(family) && each.type != setting_type::boolean &&
            from.is_given(each.name)) {
            said.warnings.push_back(fmt::format("{} protects nothing: {}.", each.name, why));
        }
    }
}

void read_auth(const settings& from, http_server_options& into, api_outcome& said) {
    if (from.text("api.auth.type") != "basic") {
        return warn_of_idle(from, "api.auth.basic.", "api.auth.type is not basic", said);
    }
    const std::string& user = from.text("api.auth.basic.username");
    const std::string& password = from.text("api.auth.basic.password");
    if (user.empty() || password.empty()) {
        said.errors.push_back(
            {"api.auth.type is basic: give api.auth.basic.username and api.auth.basic.password.",
             place_of(from, "api.auth.type")}
        );
        return;
    }
    if (user.find(':') != std::string::npos) {
        said.errors.push_back(
            {"api.auth.basic.username must not hold a colon.",
             place_of(from, "api.auth.basic.username")}
        );
        return;
    }
    if (const auto weak = weaknesses(from, password); !weak.empty()) {
        std::string sentence = fmt::format("api.auth.basic.password {}.", fmt::join(weak, ", "));
        if (from.text("api.auth.basic.password_policy.mode") == "ERROR") {
            said.errors.push_back({std::move(sentence), place_of(from, "api.auth.basic.password")});
            return;
        }
        said.warnings.push_back(std::move(sentence));
    }
    into.credentials = user + ":" + password;
}

void read_tls(const settings& from, http_server_options& into, api_outcome& said) {
    if (!from.flag("api.ssl.enabled")) {
        return warn_of_idle(from, "api.ssl.", "api.ssl.enabled is not true", said);
    }
    net::tls_files files;
    files.keystore = from.text("api.ssl.keystore.path");
    files.keystore_password = from.text("api.ssl.keystore.password");
    files.certificate = from.text("api.ssl.certificate");
    files.key = from.text("api.ssl.key");
    if (from.is_given("api.ssl.supported_protocols")) {
        const auto& wanted = from.list("api.ssl.supported_protocols");
        const auto is_wanted = [&](std::string_view name) {
            return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
        };
        files.has_tls_1_2 = is_wanted("TLSv1.2");
        files.has_tls_1_3 = is_wanted("TLSv1.3");
        if (!files.has_tls_1_2 && !files.has_tls_1_3) {
            said.errors.push_back(
                {"api.ssl.supported_protocols has neither TLSv1.2 nor TLSv1.3, and there are no "
                 "others.",
                 place_of(from, "api.ssl.supported_protocols")}
            );
            return;
        }
    }
    const bool has_pem = !files.certificate.empty() && !files.key.empty();
    if (files.keystore.empty() == !has_pem) {
        said.errors.push_back(
            {"api.ssl.enabled is true: give api.ssl.keystore.path, or both api.ssl.certificate and "
             "api.ssl.key.",
             place_of(from, "api.ssl.enabled")}
        );
        return;
    }
    auto loaded = net::load_tls(files);
    if (loaded.has_error()) {
        said.errors.push_back(
            {fmt::format("api.ssl: {}.", loaded.error().text()), place_of(from, "api.ssl.enabled")}
        );
        return;
    }
    into.tls = *std::move(loaded);
}

} // namespace

std::span<const setting> api_settings() {
    return rows;
}

api_outcome read_api_options(const settings& from) {
    api_outcome out;
    if (!from.flag("api.enabled")) {
        return out;
    }
    http_server_options made;
    if (const auto ports = net::parse_port_range(from.text("api.http.port"))) {
        made.ports = *ports;
    } else {
        out.errors.push_back(
            {"api.http.port must be a port or a range such as 9600-9700.",
             from.where("api.http.port")}
        );
    }
    read_auth(from, made, out);
    read_tls(from, made, out);
    made.host = from.text("api.http.host");
    if (!from.is_given("api.http.host") && !made.credentials.empty() && made.tls != nullptr) {
        made.host = "0.0.0.0";
    }
    if (out.errors.empty()) {
        out.server = std::move(made);
    }
    return out;
}

} // namespace logboom::web
