// The `_bulk` server that stores nothing: it reads requests, counts documents and answers.
#include "tests/support/null_bulk_server.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/tcp.h>
#include <optional>
#include <stdexcept>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace logboom::test {
namespace {

constexpr int stored = 201;
constexpr std::size_t read_size = std::size_t{256} * 1024;

bool gunzip(std::string_view from, std::string& out) {
    z_stream stream{};
    constexpr int gzip_window = 15 + 16;
    if (inflateInit2(&stream, gzip_window) != Z_OK) {
        return false;
    }
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
    stream.avail_in = static_cast<uInt>(from.size());
    out.resize(std::max<std::size_t>(from.size() * 6, 1024));
    int code = Z_OK;
    while (code == Z_OK) {
        if (stream.total_out == out.size()) {
            out.resize(out.size() * 2);
        }
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + stream.total_out);
        stream.avail_out = static_cast<uInt>(out.size() - stream.total_out);
        code = inflate(&stream, Z_NO_FLUSH);
    }
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return code == Z_STREAM_END;
}

std::string header(std::string_view head, const char* name) {
    const std::size_t size = std::strlen(name);
    for (std::size_t at = 0; at < head.size();) {
        const auto end = std::min(head.find("\r\n", at), head.size());
        const std::string_view line = head.substr(at, end - at);
        if (line.size() > size && line[size] == ':' && strncasecmp(line.data(), name, size) == 0) {
            const auto value = line.find_first_not_of(' ', size + 1);
            return value == std::string_view::npos ? "" : std::string(line.substr(value));
        }
        at = end + 2;
    }
    return {};
}

std::string http(int status, std::string_view body) {
    return fmt::format(
        "HTTP/1.1 {} X\r\nX-elastic-product: Elasticsearch\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\n\r\n{}",
        status,
        body.size(),
        body
    );
}

bool write_all(int socket, std::string_view text) {
    while (!text.empty()) {
        const auto count = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

std::string text_between(std::string_view line, std::string_view open) {
    const auto at = line.find(open);
    if (at == std::string_view::npos) {
        return {};
    }
    const auto begin = at + open.size();
    return std::string(line.substr(begin, line.find('"', begin) - begin));
}

} // namespace

struct null_bulk_server::message {
    std::string method;
    std::string path;
    std::string head;
    std::string body;
    bool is_gzip = false;
};

null_bulk_server::null_bulk_server(null_bulk_options options) : options_(std::move(options)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    constexpr int backlog = 128;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, backlog) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error(fmt::format("cannot listen on port {}", options_.port));
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

null_bulk_server::~null_bulk_server() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
        for (const int each : sockets_) {
            ::shutdown(each, SHUT_RDWR);
        }
    }
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& each : threads_) {
        each.join();
    }
    ::close(listener_);
}

void null_bulk_server::accept_all() {
    for (;;) {
        const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) {
            return;
        }
        const int yes = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        const std::lock_guard lock(mutex_);
        if (is_stopping_) {
            ::close(socket);
            return;
        }
        sockets_.insert(socket);
        threads_.emplace_back([this, socket] { serve(socket); });
    }
}

void null_bulk_server::serve(int socket) {
    std::string buffer;
    message what;
    bool closes = false;
    while (!closes && read_message(socket, buffer, what)) {
        const std::string out = answer(what, closes);
        if (closes || !write_all(socket, out)) {
            break;
        }
    }
    const std::lock_guard lock(mutex_);
    sockets_.erase(socket);
    ::close(socket);
}

bool null_bulk_server::read_message(int socket, std::string& buffer, message& into) const {
    std::size_t have = buffer.size();
    const auto read_more = [&](std::size_t want) {
        if (buffer.size() < have + want) {
            buffer.resize(have + want);
        }
        const auto count = ::recv(socket, buffer.data() + have, buffer.size() - have, 0);
        have += count > 0 ? static_cast<std::size_t>(count) : 0;
        return count > 0;
    };
    std::size_t head_size = 0;
    while ((head_size = std::string_view(buffer).substr(0, have).find("\r\n\r\n")) ==
           std::string_view::npos) {
        if (!read_more(read_size)) {
            return false;
        }
    }
    into.head = buffer.substr(0, head_size);
    const auto space = into.head.find(' ');
    into.method = into.head.substr(0, space);
    into.path = into.head.substr(space + 1, into.head.find_first_of(" ?", space + 1) - space - 1);
    const std::string length = header(into.head, "content-length");
    const std::size_t end = head_size + 4 + (length.empty() ? 0 : std::stoull(length));
    while (have < end) {
        if (!read_more(std::max(read_size, end - have))) {
            return false;
        }
    }
    into.body.assign(buffer, head_size + 4, end - head_size - 4);
    buffer.erase(0, end);
    buffer.resize(have - end);
    into.is_gzip = header(into.head, "content-encoding") == "gzip";
    if (into.is_gzip) {
        std::string plain;
        if (!gunzip(into.body, plain)) {
            return false;
        }
        into.body = std::move(plain);
    }
    return true;
}

std::string null_bulk_server::answer(message& what, bool& closes) {
    if (what.path.size() >= 6 && what.path.compare(what.path.size() - 6, 6, "/_bulk") == 0) {
        return answer_bulk(what, closes);
    }
    if (what.path.size() >= 7 && what.path.compare(what.path.size() - 7, 7, "/_count") == 0) {
        return http(200, fmt::format("{{\"count\":{}}}", count()));
    }
    return http(200, R"({"version":{"number":"7.17.29"},"tagline":"You Know, for Search"})");
}

void null_bulk_server::decide_item(
    std::string_view action, std::string_view document, std::string& out, bool& errors
) {
    const std::string name = text_between(action, "{\"");
    const std::lock_guard lock(mutex_);
    for (item_rule& rule : options_.items) {
        const bool fits = action.find(rule.substring) != std::string_view::npos ||
                          document.find(rule.substring) != std::string_view::npos;
        if (!fits || rule.times == 0) {
            continue;
        }
        rule.times -= rule.times > 0 ? 1 : 0;
        errors = true;
        out += fmt::format(
            R"({{"{}":{{"status":{},"error":{{"type":"{}","reason":"by rule"}}}}}},)",
            name,
            rule.status,
            rule.error_type
        );
        return;
    }
    int status = stored;
    if (options_.remembers) {
        const bool is_new =
            ids_.insert(
                    text_between(action, "\"_index\":\"") + "|" + text_between(action, "\"_id\":\"")
            )
                .second;
        status = is_new ? stored : name == "create" ? 409 : 200;
    }
    errors = errors || status == 409;
    out +=
        status == 409
            ? fmt::format(
                  R"({{"{}":{{"status":409,"error":{{"type":"version_conflict_engine_exception","reason":"exists"}}}}}},)",
                  name
              )
            : fmt::format(R"({{"{}":{{"status":{}}}}},)", name, status);
    document_count_ += status == 409 ? 0 : 1;
}

std::string null_bulk_server::answer_bulk(message& what, bool& closes) {
    ++request_count_;
    std::optional<request_rule> chosen;
    bool has_rules = false;
    {
        const std::lock_guard lock(mutex_);
        last_headers_ = what.head;
        has_rules = !options_.items.empty() || options_.remembers;
        for (request_rule& rule : options_.requests) {
            if (rule.times != 0 && (!rule.only_gzip || what.is_gzip) &&
                what.body.find(rule.substring) != std::string::npos) {
                rule.times -= rule.times > 0 ? 1 : 0;
                chosen = rule;
                break;
            }
        }
        if (has_rules || chosen) {
            last_body_ = what.body;
        }
    }
    if (options_.delay_ms > 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(options_.delay_ms));
    }
    if (chosen) {
        closes = chosen->status == 0;
        return http(chosen->status, chosen->body);
    }
    if (what.body.size() > options_.body_size_max) {
        return http(413, {});
    }
    std::string items;
    bool errors = false;
    std::size_t count = 0;
    const std::string_view body = what.body;
    for (std::size_t at = 0; at < body.size(); ++count) {
        const auto action_end = std::min(body.find('\n', at), body.size());
        const std::string_view action = body.substr(at, action_end - at);
        at = action_end + 1;
        std::string_view document;
        if (action.rfind("{\"delete\"", 0) != 0) {
            const auto document_end = std::min(body.find('\n', at), body.size());
            document = body.substr(std::min(at, body.size()), document_end - at);
            at = document_end + 1;
        }
        if (has_rules) {
            decide_item(action, document, items, errors);
        } else {
            items += R"({"index":{"status":201}},)";
        }
    }
    if (!items.empty()) {
        items.pop_back();
    }
    document_count_ += has_rules ? 0 : count;
    {
        const std::lock_guard lock(mutex_);
        bulk_sizes_.push_back(count);
    }
    return http(200, fmt::format(R"({{"took":0,"errors":{},"items":[{}]}})", errors, items));
}

std::size_t null_bulk_server::count() const {
    const std::lock_guard lock(mutex_);
    return options_.remembers ? ids_.size() : document_count_.load();
}

std::vector<std::size_t> null_bulk_server::bulk_sizes() const {
    const std::lock_guard lock(mutex_);
    return bulk_sizes_;
}

std::set<std::string> null_bulk_server::ids() const {
    const std::lock_guard lock(mutex_);
    return ids_;
}

std::string null_bulk_server::last_headers() const {
    const std::lock_guard lock(mutex_);
    return last_headers_;
}

std::string null_bulk_server::last_body() const {
    const std::lock_guard lock(mutex_);
    return last_body_;
}

void null_bulk_server::set_rules(std::vector<item_rule> items, std::vector<request_rule> requests) {
    const std::lock_guard lock(mutex_);
    options_.items = std::move(items);
    options_.requests = std::move(requests);
}

} // namespace logboom::test
