#include "web/http_response.h"

#include <fmt/format.h>

namespace logboom::web {

std::string_view reason_of(int status) {
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 431:
        return "Request Header Fields Too Large";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Internal Server Error";
    }
}

std::string bytes_of(const http_response& from, bool is_kept_alive, bool is_head_only) {
    std::string out = fmt::format(
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: {}\r\n",
        from.status,
        reason_of(from.status),
        from.content_type,
        from.body.size(),
        is_kept_alive ? "keep-alive" : "close"
    );
    for (const auto& [name, value] : from.headers) {
        out += fmt::format("{}: {}\r\n", name, value);
    }
    out += "\r\n";
    if (!is_head_only) {
        out += from.body;
    }
    return out;
}

} // namespace logboom::web
