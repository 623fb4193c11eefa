// A connection in the clear: its two ends on one loop.
#include "net/transport.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <array>
#include <optional>

using namespace logboom;
using namespace logboom::net;
using boost::asio::ip::tcp;

namespace {

struct outcome {
    boost::system::error_code code;
    std::size_t size;
};

struct fixture {
    fixture() {
        tcp::acceptor listening(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
        other.connect(listening.local_endpoint());
        ours = make_transport(listening.accept(), nullptr);
    }
    transport::done into(std::optional<outcome>& result) {
        return [&result](boost::system::error_code code, std::size_t size) {
            result = outcome{code, size};
        };
    }
    void run_until(const std::optional<outcome>& result) {
        while (!result) {
            io.run_one();
        }
        io.restart();
    }

    boost::asio::io_context io;
    tcp::socket other{io};
    std::unique_ptr<transport> ours;
    std::array<std::byte, 100> bytes{};
};

} // namespace

TEST_SUITE("net/transport") {
    TEST_CASE_FIXTURE(fixture, "in the clear there is no handshake, and bytes come as they are") {
        std::optional<outcome> shaken;
        ours->handshake(into(shaken));
        REQUIRE(shaken);
        CHECK_FALSE(shaken->code);
        boost::asio::write(other, boost::asio::buffer("words", 5));
        std::optional<outcome> read;
        ours->read_some(bytes, into(read));
        run_until(read);
        CHECK_FALSE(read->code);
        CHECK(as_text(bytes_view(bytes).first(read->size)) == "words");
    }

    TEST_CASE_FIXTURE(fixture, "a write is whole, whatever the socket takes at a time") {
        const std::string large(4'000'000, 'x');
        std::optional<outcome> written;
        ours->write(as_bytes(large), into(written));
        std::size_t taken = 0;
        std::array<char, 65536> chunk{};
        while (taken < large.size()) {
            io.poll();
            io.restart();
            taken += other.read_some(boost::asio::buffer(chunk));
        }
        run_until(written);
        CHECK_FALSE(written->code);
        CHECK(written->size == large.size());
    }

    TEST_CASE_FIXTURE(fixture, "after a finish the other side reads an end and may still write") {
        std::optional<outcome> finished;
        ours->finish(into(finished));
        run_until(finished);
        CHECK_FALSE(finished->code);
        boost::system::error_code code;
        other.read_some(boost::asio::buffer(bytes), code);
        CHECK(code == boost::asio::error::eof);
        boost::asio::write(other, boost::asio::buffer("late", 4));
        std::optional<outcome> read;
        ours->read_some(bytes, into(read));
        run_until(read);
        CHECK(read->size == 4);
    }

    TEST_CASE_FIXTURE(fixture, "what is under way ends with an error when it is closed or gone") {
        std::optional<outcome> read;
        ours->read_some(bytes, into(read));
        SUBCASE("closed") {
            ours->close();
        }
        SUBCASE("gone") {
            ours.reset();
        }
        SUBCASE("closed by the other side") {
            other.close();
        }
        run_until(read);
        CHECK(read->code);
        CHECK(read->size == 0);
    }
}
