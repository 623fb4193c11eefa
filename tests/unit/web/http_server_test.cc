// The HTTP server on a socket: methods, bodies, limits, credentials.
#include "web/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::web;
using boost::asio::ip::tcp;

namespace {

struct fixture {
    void start(http_server_options options = {}) {
        auto made = http_server::open(std::move(options));
        REQUIRE(made.has_value());
        server = *std::move(made);
        server->start(router({{"/", [](const http_request&, const std::string&) {
                                   http_response out;
                                   out.body = "hello";
                                   return out;
                               }}}));
    }
    tcp::socket connect() {
        tcp::socket socket(loop);
        socket.connect({boost::asio::ip::address_v4::loopback(), server->port()});
        return socket;
    }
    /// Everything that is answered until the server closes.
    std::string say(const std::string& text) {
        tcp::socket socket = connect();
        boost::system::error_code end;
        boost::asio::write(socket, boost::asio::buffer(text), end);
        std::string answer;
        boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
        return answer;
    }
    static std::string last(const std::string& method, const std::string& more = {}) {
        return method + " / HTTP/1.1\r\nConnection: close\r\n" + more + "\r\n";
    }

    boost::asio::io_context loop;
    std::unique_ptr<http_server> server;
};

std::size_t count_of(const std::string& in, const std::string& what) {
    std::size_t count = 0;
    for (std::size_t at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) {
        ++count;
    }
    return count;
}

} // namespace

TEST_SUITE_BEGIN("web/http_server");

TEST_CASE_FIXTURE(fixture, "GET is answered, HEAD without the body") {
    start();
    const std::string got = say(last("GET"));
    CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(got.ends_with("\r\n\r\nhello"));
    const std::string head = say(last("HEAD"));
    CHECK(head.find("Content-Length: 5\r\n") != std::string::npos);
    CHECK(head.ends_with("\r\n\r\n"));
}

TEST_CASE_FIXTURE(fixture, "other methods get 405, with their body and without") {
    start();
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
        const std::string got = say(last(method, "Content-Length: 3\r\n") + "abc");
        CAPTURE(got);
        CHECK(got.starts_with("HTTP/1.1 405 "));
        CHECK(got.find("Allow: GET, HEAD\r\n") != std::string::npos);
    }
    CHECK(say("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
              .starts_with("HTTP/1.1 405 "));
    CHECK(say("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\nabc").starts_with("HTTP/1.1 413 ")
    );
}

TEST_CASE_FIXTURE(fixture, "a body that waits to be asked for is not waited for") {
    start();
    const std::string got =
        say("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    CHECK(got.starts_with("HTTP/1.1 405 "));
    CHECK(got.find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "unknown paths get 404 as Logstash says it") {
    start();
    const std::string got = say("GET /no?x HTTP/1.0\r\n\r\n");
    CHECK(got.starts_with("HTTP/1.1 404 Not Found\r\n"));
    CHECK(got.ends_with(R"({"path":"/no","status":404,"error":{"message":"Not Found"}})"));
}

TEST_CASE_FIXTURE(fixture, "one connection takes several requests, also at once") {
    start();
    const std::string one = "GET / HTTP/1.1\r\n\r\n";
    const std::string posted = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nGET";
    const std::string got = say(one + posted + one + last("GET"));
    CHECK(count_of(got, "HTTP/1.1 200 OK") == 3);
    CHECK(count_of(got, "HTTP/1.1 405 ") == 1);
}

TEST_CASE_FIXTURE(fixture, "broken and endless requests are answered and closed") {
    start();
    CHECK(say("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
    CHECK(say("GET / HTTP/1.1\r\nA: " + std::string(100'000, 'x')).starts_with("HTTP/1.1 431 "));
}

TEST_CASE_FIXTURE(fixture, "who says nothing is closed, and holds nobody up") {
    http_server_options options;
    options.connections_max = 21;
    options.request_limit = std::chrono::milliseconds(100);
    start(std::move(options));
    std::vector<tcp::socket> silent;
    for (int i = 0; i < 20; ++i) {
        silent.push_back(connect());
    }
    CHECK(say(last("GET")).ends_with("hello"));
    for (tcp::socket& each : silent) {
        char byte = 0;
        boost::system::error_code code;
        each.read_some(boost::asio::buffer(&byte, 1), code);
        CHECK(code);
    }
    CHECK(say(last("GET")).ends_with("hello"));
}

TEST_CASE_FIXTURE(fixture, "its address can stand in a URL") {
    start();
    CHECK(server->address() == "127.0.0.1:" + std::to_string(server->port()));
    http_server_options options;
    options.host = "::1";
    // A machine may have no IPv6.
    if (const auto made = http_server::open(std::move(options)); made.has_value()) {
        CHECK((*made)->address() == "[::1]:" + std::to_string((*made)->port()));
    }
}

TEST_CASE_FIXTURE(fixture, "with credentials nobody is answered without them") {
    http_server_options options;
    options.credentials = "me:Secret01";
    start(std::move(options));
    const std::string refused = say(last("GET"));
    CHECK(refused.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
    CHECK(refused.find("WWW-Authenticate: Basic realm=") != std::string::npos);
    CHECK(say(last("GET", "Authorization: Basic bWU6U2VjcmV0MDI=\r\n")).starts_with("HTTP/1.1 401")
    );
    CHECK(say(last("GET", "Authorization: Basic bWU6U2VjcmV0MDE=\r\n")).starts_with("HTTP/1.1 200")
    );
}

TEST_SUITE_END();
