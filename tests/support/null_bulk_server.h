// A `_bulk` server that stores nothing: for measuring our own ceiling, and for faults that a real
// Elasticsearch can't be made to show. Blocking sockets, a thread per connection. Answers GET / and
// GET /_count too, takes gzip, and fails by the rules it is given.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace logboom::test {

struct item_rule {
    /// Applies to items whose action line or document holds this text.
    std::string substring;
    int status = 429;
    std::string error_type = "es_rejected_execution_exception";
    /// How often in all; below 0: always.
    int times = -1;
};

struct request_rule {
    /// 0: read the request and close the connection without an answer.
    int status = 503;
    /// Below 0: always.
    int times = -1;
    /// Only requests that are gzipped.
    bool only_gzip = false;
    /// Only bodies with this text.
    std::string substring;
    std::string body;
};

struct null_bulk_options {
    /// 0: any free one.
    int port = 0;
    /// Larger bodies (uncompressed) get 413.
    std::size_t body_size_max = std::size_t{1} << 30U;
    int delay_ms = 0;
    /// Remember ids: a second create is 409, and count() counts distinct ones.
    bool remembers = false;
    /// For TLS tests the server stands behind openssl; it always speaks plain HTTP itself.
    std::vector<item_rule> items;
    std::vector<request_rule> requests;
};

class null_bulk_server {
  public:
    explicit null_bulk_server(null_bulk_options options);
    ~null_bulk_server();
    null_bulk_server(const null_bulk_server&) = delete;
    null_bulk_server& operator=(const null_bulk_server&) = delete;

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    /// Documents stored (distinct ones when ids are remembered).
    [[nodiscard]] std::size_t count() const;
    [[nodiscard]] std::uint64_t requests() const { return request_count_; }
    /// Of each bulk that was answered with 200, in order of arrival.
    [[nodiscard]] std::vector<std::size_t> bulk_sizes() const;
    [[nodiscard]] std::set<std::string> ids() const;
    [[nodiscard]] std::string last_headers() const;
    /// The last body, uncompressed.
    [[nodiscard]] std::string last_body() const;
    void set_rules(std::vector<item_rule> items, std::vector<request_rule> requests);

  private:
    struct message;

    void accept_all();
    void serve(int socket);
    bool read_message(int socket, std::string& buffer, message& into) const;
    std::string answer(message& what, bool& closes);
    std::string answer_bulk(message& what, bool& closes);
    void
    decide_item(std::string_view action, std::string_view document, std::string& out, bool& errors);

    null_bulk_options options_;
    int port_ = 0;
    int listener_ = -1;
    std::atomic<std::uint64_t> request_count_{0};
    std::atomic<std::uint64_t> document_count_{0};
    mutable std::mutex mutex_;
    std::set<int> sockets_;
    std::vector<std::thread> threads_;
    std::vector<std::size_t> bulk_sizes_;
    std::set<std::string> ids_;
    std::string last_headers_;
    std::string last_body_;
    bool is_stopping_ = false;
    std::thread acceptor_;
};

} // namespace logboom::test
