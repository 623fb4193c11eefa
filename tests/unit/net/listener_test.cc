#include "net/listener.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::net;
using boost::asio::ip::tcp;

TEST_SUITE("net/listener") {
    TEST_CASE("a port or a range, and nothing else") {
        REQUIRE(parse_port_range("9600"));
        CHECK(parse_port_range("9600")->last == 9600);
        REQUIRE(parse_port_range("9600-9700"));
        CHECK(parse_port_range("9600-9700")->last == 9700);
        for (const char* each :
             {"", "x", "9600-", "-9600", "9700-9600", "99999", "9600 ", "1-2-3"}) {
            CAPTURE(each);
            CHECK_FALSE(parse_port_range(each));
        }
    }

    TEST_CASE("the first free port of a range is taken, and a full range is an error") {
        boost::asio::io_context io;
        const auto nobody = [](const tcp::socket&) {};
        listener first(io, 1, nobody);
        REQUIRE(first.open("127.0.0.1", {0, 0}).has_value());
        const std::uint16_t port = first.port();
        REQUIRE(port != 0);
        listener second(io, 1, nobody);
        const auto refused = second.open("127.0.0.1", {port, port});
        REQUIRE(refused.has_error());
        CHECK(refused.error().text().find(std::to_string(port)) != std::string::npos);
        CHECK(second.port() == 0);
        CHECK(second.open("no.such.host.invalid", {0, 0}).has_error());
    }

    TEST_CASE("above the limit a connection waits until another one is gone") {
        boost::asio::io_context io;
        std::vector<tcp::socket> taken;
        listener few(io, 2, [&](tcp::socket socket) { taken.push_back(std::move(socket)); });
        REQUIRE(few.open("localhost", {0, 0}).has_value());
        std::vector<tcp::socket> clients;
        for (int i = 0; i < 3; ++i) {
            clients.emplace_back(io).connect({tcp::v4(), few.port()});
        }
        while (taken.size() < 2) {
            io.run_one();
        }
        io.poll();
        CHECK(taken.size() == 2);
        // With nothing to wait for it has run out of work.
        io.restart();
        taken.pop_back();
        few.release();
        while (taken.size() < 2) {
            io.run_one();
        }
        few.close();
        io.run();
        CHECK(taken.size() == 2);
    }
}
