// The HTTP API of a running pipeline or broker: Logstash's addresses (GET / and GET /_node/stats,
// in Logstash's shape) and GET /metrics for Prometheus. Read-only. One thread of its own; few
// connections at a time, each with a time limit; stopped by the destructor.
#pragma once

#include "base/metrics.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>

namespace logboom::web {

struct api_options {
    std::string host = "127.0.0.1";
    /// The first free port of the range is taken, as Logstash does with 9600-9700.
    std::uint16_t port_first = 9600;
    std::uint16_t port_last = 9700;
    /// What the answers say of the process.
    std::string node_name;
    std::string node_id;
    int workers = 1;
    int batch_size = 0;
    int batch_delay_ms = 0;
};

/// "9600" or "9600-9700"; false when it is neither.
bool parse_port_range(const std::string& text, api_options& into);

class api_server {
  public:
    /// `counters` must outlive the server.
    static result<std::unique_ptr<api_server>> start(api_options options, const metrics& counters);

    ~api_server();
    api_server(const api_server&) = delete;
    api_server& operator=(const api_server&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;

  private:
    class server;
    explicit api_server(std::unique_ptr<server> running);
    std::unique_ptr<server> running_;
};

} // namespace logboom::web
