// The forms in which people write a host, and a cloud id.
#include "sinks/elasticsearch/endpoint.h"

#include "sinks/elasticsearch/errc.h"
#include "sinks/http_client/base64.h"

#include <algorithm>
#include <charconv>

namespace logboom::sinks {
namespace {

constexpr int port_max = 65535;
constexpr int https_port = 443;

bool parse_port(std::string_view text, int& out) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
    return code == std::errc{} && end == text.data() + text.size() && out > 0 && out <= port_max;
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char value = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr ==
                text.data() + i + 3) {
            out += static_cast<char>(value);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool is_host_character(char each) {
    return std::isalnum(static_cast<unsigned char>(each)) != 0 || each == '.' || each == '-' ||
           each == '_';
}

/// Takes scheme and "//" off the front of `rest`.
bool take_scheme(std::string_view& rest, endpoint& into) {
    const auto at = rest.find("//");
    if (at == std::string_view::npos || at > rest.find_first_of("/@[")) {
        return true;
    }
    const std::string_view scheme = rest.substr(0, at);
    rest.remove_prefix(at + 2);
    into.has_scheme = !scheme.empty();
    into.is_tls = scheme == "https:";
    return scheme.empty() || scheme == "http:" || scheme == "https:";
}

} // namespace

std::string endpoint::url() const {
    const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return (is_tls ? "https://" : "http://") + name + ":" + std::to_string(port) + path;
}

bool endpoint::is_loopback() const {
    return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

result<endpoint> endpoint::parse(std::string_view text, int default_port) {
    const auto wrong = [&] {
        return error(elasticsearch_errc::bad_host, "'" + std::string(text) + "'");
    };
    endpoint out;
    std::string_view rest = text;
    if (!take_scheme(rest, out)) {
        return wrong();
    }
    const auto slash = rest.find('/');
    if (slash != std::string_view::npos) {
        out.path = rest.substr(slash, rest.find_first_of("?#", slash) - slash);
        rest = rest.substr(0, slash);
        while (!out.path.empty() && out.path.back() == '/') {
            out.path.pop_back();
        }
    }
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        const std::string_view login = rest.substr(0, at);
        const auto colon = login.find(':');
        out.user = unescaped(login.substr(0, colon));
        out.password = colon == std::string_view::npos ? "" : unescaped(login.substr(colon + 1));
        rest.remove_prefix(at + 1);
    }
    out.port = default_port;
    std::size_t host_end = rest.find(':');
    if (!rest.empty() && rest.front() == '[') {
        const auto close = rest.find(']');
        if (close == std::string_view::npos) {
            return wrong();
        }
        out.host = rest.substr(1, close - 1);
        const bool is_address = std::all_of(out.host.begin(), out.host.end(), [](char each) {
            return std::isxdigit(static_cast<unsigned char>(each)) != 0 || each == ':' ||
                   each == '.';
        });
        host_end = close + 1 == rest.size() ? std::string_view::npos : close + 1;
        if (!is_address || (host_end != std::string_view::npos && rest[host_end] != ':')) {
            return wrong();
        }
    } else {
        out.host = rest.substr(0, host_end);
        if (!std::all_of(out.host.begin(), out.host.end(), is_host_character)) {
            return wrong();
        }
    }
    if (out.host.empty() ||
        (host_end != std::string_view::npos && !parse_port(rest.substr(host_end + 1), out.port))) {
        return wrong();
    }
    return out;
}

result<endpoint> endpoint::of_cloud_id(std::string_view text) {
    const error wrong(elasticsearch_errc::bad_cloud_id, "'" + std::string(text) + "'");
    const auto colon = text.rfind(':');
    const auto decoded =
        http::base64_decode(colon == std::string_view::npos ? text : text.substr(colon + 1));
    if (!decoded) {
        return wrong;
    }
    // "domain[:port]$elasticsearch-id[:port]$kibana-id..."
    const auto first = decoded->find('$');
    if (first == std::string::npos) {
        return wrong;
    }
    const auto second = decoded->find('$', first + 1);
    std::string domain = decoded->substr(0, first);
    std::string id =
        decoded->substr(first + 1, second == std::string::npos ? second : second - first - 1);
    endpoint out;
    out.is_tls = out.has_scheme = true;
    out.port = https_port;
    for (std::string* each : {&domain, &id}) {
        const auto port_at = each->find(':');
        if (port_at != std::string::npos) {
            if (!parse_port(std::string_view(*each).substr(port_at + 1), out.port)) {
                return wrong;
            }
            each->resize(port_at);
        }
    }
    if (domain.empty() || id.empty() || id == "undefined") {
        return wrong;
    }
    out.host = id + "." + domain;
    return out;
}

} // namespace logboom::sinks
