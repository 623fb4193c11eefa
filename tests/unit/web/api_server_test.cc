#include "base/metric_list.h"
#include "web/api_server.h"

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
    void start(const std::string& host) {
        api_options options;
        options.host = host;
        options.port_first = options.port_last = 0;
        auto made = api_server::start(options, counters);
        REQUIRE(made.has_value());
        server = *std::move(made);
    }
    tcp::socket connect() {
        tcp::socket socket(loop);
        socket.connect({boost::asio::ip::address_v4::loopback(), server->port()});
        return socket;
    }
    std::string get(const std::string& path) {
        tcp::socket socket = connect();
        boost::asio::write(
            socket, boost::asio::buffer("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
        );
        std::string answer;
        boost::system::error_code end;
        boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
        return answer;
    }

    metrics counters;
    boost::asio::io_context loop;
    std::unique_ptr<api_server> server;
};

} // namespace

TEST_SUITE_BEGIN("web/api_server");

TEST_CASE_FIXTURE(fixture, "answers under its addresses, and not under others") {
    start("127.0.0.1");
    const counter lines(counters, declared("logboom_agent_lines_total"), {"main"});
    lines.add(7);
    CHECK(get("/").find("\"http_address\"") != std::string::npos);
    CHECK(get("/_node/stats").find("\"events\"") != std::string::npos);
    CHECK(
        get("/metrics").find("logboom_agent_lines_total{pipeline=\"main\"} 7") != std::string::npos
    );
    CHECK(get("/no").find("404") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "connections that say nothing hold nobody up") {
    start("127.0.0.1");
    std::vector<tcp::socket> silent;
    for (int i = 0; i < 20; ++i) {
        silent.push_back(connect());
    }
    const auto begin = std::chrono::steady_clock::now();
    CHECK(get("/").find("200 OK") != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(3));
}

TEST_CASE_FIXTURE(fixture, "the host may be a name") {
    start("localhost");
    CHECK(get("/").find("200 OK") != std::string::npos);
    api_options options;
    options.host = "no.such.host.invalid";
    CHECK(api_server::start(options, counters).has_error());
}

TEST_SUITE_END();
