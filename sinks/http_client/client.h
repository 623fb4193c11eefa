// An HTTP/1.1 client with several requests in flight on kept-alive connections: libcurl's multi
// interface behind a start/poll pair. Made, used and destroyed by one thread, the owner's sender;
// only wake() may be called from others. It knows nothing of retries: every request ends in exactly
// one `answer`, with a status or with a failure.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace logboom::http {

struct client_options {
    /// PEM file; empty for the system's.
    std::string ca_file;
    std::string certificate_file;
    std::string key_file;
    bool verify_peer = true;
    /// Empty for none: the environment's proxy settings are not used.
    std::string proxy;
    /// Ask for compressed answers.
    bool accept_gzip = false;
    /// Of an answer's body, decompressed.
    std::size_t answer_size_max = std::size_t{64} * 1024 * 1024;
    std::chrono::milliseconds connect_timeout{5000};
    long connections_max = 64;
};

struct request {
    /// Given back in the answer.
    std::uint64_t tag = 0;
    /// "GET", "HEAD" or "POST".
    std::string_view method = "GET";
    std::string url;
    /// "Name: value", without line ends.
    std::vector<std::string> headers;
    /// Must live until the answer is there.
    std::string_view body;
    std::chrono::milliseconds timeout{60'000};
};

struct answer {
    std::uint64_t tag = 0;
    /// 0 when there was none: then `failure` says why.
    int status = 0;
    std::string body;
    error failure;
};

class client {
  public:
    explicit client(client_options options);
    ~client();
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    void start(const request& what);
    /// Works on all requests until at least one has ended, wake() was called or `limit` has passed.
    [[nodiscard]] std::vector<answer> poll(std::chrono::milliseconds limit);
    /// Makes poll() return soon. Thread-safe.
    void wake() noexcept;
    [[nodiscard]] std::size_t in_flight() const noexcept;

  private:
    struct transfer;
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace logboom::http
