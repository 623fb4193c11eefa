// An HTTP/1.1 server for few clients: one thread, a limit to connections, to each request's size
// and to the time it may take; keep-alive; in the clear or over TLS; for everybody or for who knows
// a password. Stopped by the destructor.
#pragma once

#include "base/result.h"
#include "net/listener.h"
#include "net/tls.h"
#include "web/router.h"

#include <chrono>
#include <memory>

namespace logboom::web {

struct http_server_options {
    std::string host = "127.0.0.1";
    net::port_range ports;
    /// Null for plain HTTP.
    std::shared_ptr<net::tls_context> tls;
    /// "user:password"; empty when everybody may ask.
    std::string credentials;
    std::size_t connections_max = 64;
    /// For a request to come whole and its answer to be taken, and between two requests.
    std::chrono::milliseconds request_limit{5'000};
};

class http_server {
  public:
    /// Listens, and answers when start() has been called.
    static result<std::unique_ptr<http_server>> open(http_server_options options);
    ~http_server();
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

    /// Once. Handlers, and what is done each second, are called on the server's thread.
    void start(router routes);
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// "127.0.0.1:9600", "[::1]:9600": as it stands in a URL.
    [[nodiscard]] std::string address() const;

  private:
    class running;
    explicit http_server(std::unique_ptr<running> made);
    std::unique_ptr<running> running_;
};

} // namespace logboom::web
