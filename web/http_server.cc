// The server's thread, its connections and what each of them does: handshake, read a head, skip its
// body, answer, and again. A timer closes whoever takes too long.
#include "web/http_server.h"

#include "base/assertion.h"
#include "net/transport.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <openssl/crypto.h>

#include <array>
#include <list>
#include <optional>
#include <thread>

namespace logboom::web {
namespace {

namespace asio = boost::asio;

/// A body is read past to answer what it came with; not a larger one.
constexpr std::size_t body_size_max = std::size_t{1} << 20U;
constexpr std::size_t read_size = std::size_t{4} * 1024;

std::string base64(std::string_view from) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < from.size(); i += 3) {
        std::uint32_t bits = 0;
        const std::size_t count = std::min<std::size_t>(3, from.size() - i);
        for (std::size_t k = 0; k < 3; ++k) {
            const auto byte = k < count ? static_cast<unsigned char>(from[i + k]) : 0U;
            bits = (bits << 8U) | byte;
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out.push_back(k <= count ? digits[(bits >> (18U - 6U * k)) & 63U] : '=');
        }
    }
    return out;
}

/// In a time that does not tell how much of it is right.
bool is_same_secret(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

} // namespace

class http_server::running {
  public:
    explicit running(http_server_options options)
        : options_(std::move(options))
        , expected_authorization_(
              options_.credentials.empty() ? "" : "Basic " + base64(options_.credentials)
          )
        , listener_(io_, options_.connections_max, [this](asio::ip::tcp::socket socket) {
            take(std::move(socket));
        }) {}
    ~running() {
        io_.stop();
        if (thread_.joinable()) {
            thread_.join();
        }
    }
    running(const running&) = delete;
    running& operator=(const running&) = delete;

    result<void> open() { return listener_.open(options_.host, options_.ports); }
    void start(router routes) {
        LB_ASSERT(!routes_);
        routes_.emplace(std::move(routes));
        count_seconds();
        thread_ = std::thread([this] { io_.run(); });
    }
    [[nodiscard]] std::uint16_t port() const noexcept { return listener_.port(); }
    [[nodiscard]] const std::string& host() const noexcept { return options_.host; }

  private:
    class connection;
    using connections = std::list<std::shared_ptr<connection>>;

    void count_seconds() {
        second_.expires_after(std::chrono::seconds(1));
        second_.async_wait([this](boost::system::error_code code) {
            if (!code) {
                routes_->on_second();
                count_seconds();
            }
        });
    }
    void take(asio::ip::tcp::socket socket);
    void forget(connections::iterator which) {
        open_.erase(which);
        listener_.release();
    }
    [[nodiscard]] http_response answer(const http_request& request) const {
        if (!expected_authorization_.empty() &&
            !is_same_secret(request.authorization, expected_authorization_)) {
            http_response refused = failure(401, request.path);
            refused.headers.emplace_back("WWW-Authenticate", "Basic realm=\"logstash-api\"");
            return refused;
        }
        return routes_->answer(request);
    }

    const http_server_options options_;
    const std::string expected_authorization_;
    std::optional<router> routes_;
    // Connections and the listener go before the loop that they are on.
    asio::io_context io_{1};
    asio::steady_timer second_{io_};
    connections open_;
    net::listener listener_;
    std::thread thread_;
};

class http_server::running::connection
    : public std::enable_shared_from_this<http_server::running::connection> {
  public:
    connection(running& owner, std::unique_ptr<net::transport> bytes)
        : owner_(owner), bytes_(std::move(bytes)), deadline_(owner.io_) {}

    void start(connections::iterator self) {
        self_ = self;
        arm();
        bytes_->handshake([me = shared_from_this()](boost::system::error_code code, std::size_t) {
            code ? me->close() : me->read();
        });
    }

  private:
    void arm() {
        deadline_.expires_after(owner_.options_.request_limit);
        deadline_.async_wait([weak = weak_from_this()](boost::system::error_code code) {
            const auto me = weak.lock();
            if (me != nullptr && !code) {
                me->close();
            }
        });
    }

    /// Once, whoever comes first.
    void close() {
        if (!std::exchange(is_open_, false)) {
            return;
        }
        deadline_.cancel();
        bytes_->close();
        owner_.forget(self_);
    }

    void read() {
        bytes_->read_some(
            std::as_writable_bytes(std::span(chunk_)),
            [me = shared_from_this()](boost::system::error_code code, std::size_t size) {
                if (code || !me->is_open_) {
                    return me->close();
                }
                me->on_bytes(std::string_view(me->chunk_.data(), size));
            }
        );
    }

    void on_bytes(std::string_view more) {
        if (is_finishing_) {
            // Read past, so that the answer is not lost to a reset.
            return read();
        }
        const std::size_t skipped = std::min(body_left_, more.size());
        body_left_ -= skipped;
        received_.append(more.substr(skipped));
        go_on();
    }

    /// Answers what has come, or reads more.
    void go_on() {
        if (pending_) {
            return body_left_ > 0 ? read() : send(*std::exchange(pending_, std::nullopt));
        }
        head_outcome head = read_head(received_);
        switch (head.what) {
        case head_outcome::state::incomplete:
            return read();
        case head_outcome::state::broken:
            is_last_ = true;
            is_head_only_ = false;
            return send(failure(head.status, "/"));
        case head_outcome::state::complete:
            break;
        }
        received_.erase(0, head.size);
        const http_request& request = head.request;
        is_head_only_ = request.method == "HEAD";
        // No body changes an answer: one that is held back need not come.
        const bool is_skipped = !request.is_chunked && request.body_size <= body_size_max &&
                                !(request.is_body_held && request.body_size > 0);
        is_last_ = !request.is_kept_alive || !is_skipped;
        pending_ =
            request.body_size > body_size_max ? failure(413, request.path) : owner_.answer(request);
        body_left_ = is_skipped ? request.body_size : 0;
        const std::size_t here = std::min(body_left_, received_.size());
        received_.erase(0, here);
        body_left_ -= here;
        go_on();
    }

    void send(const http_response& answer) {
        answer_ = bytes_of(answer, !is_last_, is_head_only_);
        bytes_->write(
            as_bytes(answer_),
            [me = shared_from_this()](boost::system::error_code code, std::size_t) {
                if (code || !me->is_open_) {
                    return me->close();
                }
                me->sent();
            }
        );
    }

    void sent() {
        if (!is_last_) {
            arm();
            return go_on();
        }
        is_finishing_ = true;
        bytes_->finish([me = shared_from_this()](boost::system::error_code code, std::size_t) {
            code || !me->is_open_ ? me->close() : me->read();
        });
    }

    running& owner_;
    std::unique_ptr<net::transport> bytes_;
    asio::steady_timer deadline_;
    connections::iterator self_;
    std::array<char, read_size> chunk_{};
    /// Not yet used; at most a head and a read.
    std::string received_;
    std::string answer_;
    /// The answer to a request whose body is still coming.
    std::optional<http_response> pending_;
    std::size_t body_left_ = 0;
    bool is_open_ = true;
    bool is_head_only_ = false;
    bool is_last_ = false;
    bool is_finishing_ = false;
};

void http_server::running::take(asio::ip::tcp::socket socket) {
    const auto where = open_.insert(
        open_.end(),
        std::make_shared<connection>(*this, net::make_transport(std::move(socket), options_.tls))
    );
    (*where)->start(where);
}

http_server::http_server(std::unique_ptr<running> made) : running_(std::move(made)) {}
http_server::~http_server() = default;

result<std::unique_ptr<http_server>> http_server::open(http_server_options options) {
    auto made = std::make_unique<running>(std::move(options));
    LB_CHECK(made->open());
    return std::unique_ptr<http_server>(new http_server(std::move(made)));
}

void http_server::start(router routes) {
    running_->start(std::move(routes));
}

std::uint16_t http_server::port() const noexcept {
    return running_->port();
}

std::string http_server::address() const {
    const std::string& host = running_->host();
    const bool is_bare_ipv6 = host.find(':') != std::string::npos && host.front() != '[';
    return (is_bare_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port());
}

} // namespace logboom::web
