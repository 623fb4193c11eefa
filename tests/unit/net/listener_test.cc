#include "net/listener.h"

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <unistd.h>

using namespace logboom;
using namespace logboom::net;
using boost::asio::ip::tcp;

namespace {

/// No descriptor can be made as long as it lives.
class no_more_descriptors {
  public:
    no_more_descriptors() {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const int next = ::dup(0);
        REQUIRE(next >= 0);
        ::close(next);
        const rlimit none{static_cast<rlim_t>(next), before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    }
    ~no_more_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    no_more_descriptors(const no_more_descriptors&) = delete;
    no_more_descriptors& operator=(const no_more_descriptors&) = delete;

  private:
    rlimit before_{};
};

} // namespace

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

    TEST_CASE("without descriptors it pauses, says why and goes on when there are some again") {
        boost::asio::io_context io;
        std::vector<tcp::socket> taken;
        std::vector<boost::system::error_code> failures;
        listener few(
            io,
            10,
            [&](tcp::socket socket) { taken.push_back(std::move(socket)); },
            [&](const boost::system::error_code& code) { failures.push_back(code); }
        );
        REQUIRE_FALSE(few.open_at({boost::asio::ip::make_address("127.0.0.1"), 0}));
        tcp::socket client(io);
        client.connect({boost::asio::ip::make_address("127.0.0.1"), few.port()});
        {
            const no_more_descriptors none;
            while (failures.empty()) {
                io.run_one();
            }
            // It does not spin: the next thing that happens is the end of the pause.
            CHECK(io.poll() == 0);
            CHECK(taken.empty());
        }
        CHECK(failures[0] == boost::system::errc::too_many_files_open);
        CHECK(few.open_count() == 0);
        while (taken.empty()) {
            io.run_one();
        }
        CHECK(few.open_count() == 1);
        few.release();
        CHECK(few.open_count() == 0);
        few.close();
        io.run();
    }

    TEST_CASE("the unspecified address of IPv6 takes IPv4 as well") {
        boost::asio::io_context io;
        std::vector<tcp::socket> taken;
        listener both(io, 10, [&](tcp::socket socket) { taken.push_back(std::move(socket)); });
        if (both.open_at({tcp::v6(), 0})) {
            return; // a machine without IPv6
        }
        tcp::socket client(io);
        client.connect({boost::asio::ip::make_address("127.0.0.1"), both.port()});
        while (taken.empty()) {
            io.run_one();
        }
        both.close();
        io.run();
        CHECK(taken.size() == 1);
    }
}
