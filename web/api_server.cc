#include "web/api_server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <charconv>
#include <chrono>
#include <thread>

namespace logboom::web {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using json_writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;
using response = http::response<http::string_body>;

constexpr std::chrono::seconds request_limit{5};
constexpr const char* version = "0.1.0";
constexpr int connections_max = 64;
constexpr std::chrono::milliseconds accept_pause{50};

void write_node(json_writer& json, const api_options& options, std::uint16_t port) {
    json.Key("host");
    json.String(options.node_name);
    json.Key("version");
    json.String(version);
    json.Key("http_address");
    json.String(options.host + ":" + std::to_string(port));
    json.Key("id");
    json.String(options.node_id);
    json.Key("name");
    json.String(options.node_name);
    json.Key("ephemeral_id");
    json.String(options.node_id);
    json.Key("snapshot");
    json.Bool(false);
    json.Key("status");
    json.String("green");
    json.Key("pipeline");
    json.StartObject();
    json.Key("workers");
    json.Int(options.workers);
    json.Key("batch_size");
    json.Int(options.batch_size);
    json.Key("batch_delay");
    json.Int(options.batch_delay_ms);
    json.EndObject();
}

void write_events(json_writer& json, const metrics& counters) {
    json.Key("events");
    json.StartObject();
    json.Key("in");
    json.Int64(counters.sum("logboom_pipeline_events_in_total"));
    json.Key("filtered");
    json.Int64(counters.sum("logboom_pipeline_events_filtered_total"));
    json.Key("out");
    json.Int64(counters.sum("logboom_pipeline_events_out_total"));
    json.EndObject();
}

} // namespace

bool parse_port_range(const std::string& text, api_options& into) {
    const char* const end = text.data() + text.size();
    const auto [first_end, first_code] = std::from_chars(text.data(), end, into.port_first);
    if (first_code != std::errc{}) {
        return false;
    }
    into.port_last = into.port_first;
    if (first_end == end) {
        return true;
    }
    if (*first_end != '-') {
        return false;
    }
    const auto [last_end, last_code] = std::from_chars(first_end + 1, end, into.port_last);
    return last_code == std::errc{} && last_end == end && into.port_last >= into.port_first;
}

class api_server::server {
  public:
    server(api_options options, const metrics& counters)
        : options_(std::move(options)), counters_(counters), acceptor_(loop_) {}

    ~server() {
        loop_.stop();
        if (thread_.joinable()) {
            thread_.join();
        }
    }
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    result<void> start() {
        boost::system::error_code code;
        tcp::resolver resolver(loop_);
        const auto found = resolver.resolve(options_.host, "", tcp::resolver::passive, code);
        if (code) {
            return error(code, "api.http.host " + options_.host);
        }
        for (unsigned port = options_.port_first; port <= options_.port_last; ++port) {
            code = open({found.begin()->endpoint().address(), static_cast<std::uint16_t>(port)});
            if (!code) {
                asio::co_spawn(loop_, accept(), [](const std::exception_ptr&) {});
                thread_ = std::thread([this] { loop_.run(); });
                return {};
            }
        }
        return error(
            code,
            options_.host + ":" + std::to_string(options_.port_first) + "-" +
                std::to_string(options_.port_last)
        );
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  private:
    boost::system::error_code open(const tcp::endpoint& at) {
        boost::system::error_code code;
        acceptor_.open(at.protocol(), code);
        if (!code) {
            acceptor_.set_option(tcp::acceptor::reuse_address(true), code);
            acceptor_.bind(at, code);
        }
        if (!code) {
            acceptor_.listen(tcp::acceptor::max_listen_connections, code);
        }
        if (!code) {
            port_ = acceptor_.local_endpoint().port();
        } else {
            boost::system::error_code ignored;
            acceptor_.close(ignored);
        }
        return code;
    }

    asio::awaitable<void> accept() {
        asio::steady_timer pause(loop_);
        for (;;) {
            boost::system::error_code code;
            auto token = asio::redirect_error(asio::use_awaitable, code);
            tcp::socket socket = co_await acceptor_.async_accept(std::move(token));
            if (!code) {
                ++open_;
                asio::co_spawn(
                    loop_,
                    serve(boost::beast::tcp_stream(std::move(socket))),
                    // A client that went away or was too slow is an error, too.
                    [this](const std::exception_ptr&) { --open_; }
                );
            }
            while (code || open_ >= connections_max) {
                // No descriptor left, or too many clients: they come and go.
                code = {};
                pause.expires_after(accept_pause);
                co_await pause.async_wait(asio::use_awaitable);
            }
        }
    }

    asio::awaitable<void> serve(boost::beast::tcp_stream stream) {
        stream.expires_after(request_limit);
        boost::beast::flat_buffer buffer(std::size_t{64} * 1024);
        http::request<http::empty_body> request;
        co_await http::async_read(stream, buffer, request, asio::use_awaitable);
        response answer = answer_to(request);
        answer.keep_alive(false);
        answer.prepare_payload();
        co_await http::async_write(stream, answer, asio::use_awaitable);
        boost::system::error_code ignored;
        stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }

    response answer_to(const http::request<http::empty_body>& request) const {
        const std::string path(request.target().substr(0, request.target().find('?')));
        response answer(http::status::ok, request.version());
        if (path == "/metrics") {
            answer.set(http::field::content_type, "text/plain; version=0.0.4");
            answer.body() = counters_.text();
            return answer;
        }
        rapidjson::StringBuffer text;
        json_writer json(text);
        json.StartObject();
        if (path == "/" || path == "/_node/stats" || path == "/_node/stats/events") {
            write_node(json, options_, port_);
            if (path != "/") {
                write_events(json, counters_);
            }
        } else {
            answer.result(http::status::not_found);
            json.Key("path");
            json.String(path);
            json.Key("status");
            json.Int(404);
            json.Key("error");
            json.StartObject();
            json.Key("message");
            json.String("Not Found");
            json.EndObject();
        }
        json.EndObject();
        answer.set(http::field::content_type, "application/json");
        answer.body().assign(text.GetString(), text.GetSize());
        return answer;
    }

    api_options options_;
    const metrics& counters_;
    asio::io_context loop_{1};
    tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
    /// Connections being served; used by the thread of the loop only.
    int open_ = 0;
    std::thread thread_;
};

api_server::api_server(std::unique_ptr<server> running) : running_(std::move(running)) {}
api_server::~api_server() = default;

result<std::unique_ptr<api_server>>
api_server::start(api_options options, const metrics& counters) {
    auto made = std::make_unique<server>(std::move(options), counters);
    LB_CHECK(made->start());
    return std::unique_ptr<api_server>(new api_server(std::move(made)));
}

std::uint16_t api_server::port() const noexcept {
    return running_->port();
}

} // namespace logboom::web
