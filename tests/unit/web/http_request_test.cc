#include "web/http_request.h"

#include <doctest/doctest.h>

using namespace logboom::web;

namespace {

head_outcome read_all(std::string_view text) {
    // However the bytes come, the outcome is the same.
    for (std::size_t size = 0; size < text.size(); ++size) {
        const head_outcome part = read_head(text.substr(0, size));
        if (part.what != head_outcome::state::incomplete) {
            return part;
        }
    }
    return read_head(text);
}

int status_of(std::string_view text) {
    const head_outcome out = read_all(text);
    return out.what == head_outcome::state::broken ? out.status : 0;
}

} // namespace

TEST_SUITE("web/http_request") {
    TEST_CASE("method, path, query and what the headers say") {
        const std::string text = "GET /_node/st%61ts/?vertices=true&pretty&a=%20b HTTP/1.1\r\n"
                                 "Host: x\r\nAUTHORIZATION:  Basic abc \r\n\r\nmore";
        const head_outcome out = read_all(text);
        REQUIRE(out.what == head_outcome::state::complete);
        CHECK(out.size == text.size() - 4);
        CHECK(out.request.method == "GET");
        CHECK(out.request.path == "/_node/stats");
        CHECK(out.request.has_flag("pretty"));
        CHECK(out.request.has_flag("vertices"));
        CHECK_FALSE(out.request.has_flag("graph"));
        CHECK(out.request.query.at("a") == " b");
        CHECK(out.request.authorization == "Basic abc");
        CHECK(out.request.is_kept_alive);
        CHECK(out.request.body_size == 0);
    }

    TEST_CASE("a connection is kept as the version and the header say") {
        CHECK_FALSE(read_all("GET / HTTP/1.0\r\n\r\n").request.is_kept_alive);
        CHECK(read_all("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").request.is_kept_alive);
        CHECK_FALSE(read_all("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").request.is_kept_alive);
        CHECK_FALSE(
            read_all("GET / HTTP/1.1\r\nConnection: TE, Close\r\n\r\n").request.is_kept_alive
        );
        CHECK(read_all("GET http://x:1/y HTTP/1.1\n\n").request.path == "/y");
    }

    TEST_CASE("a body is announced by its length or comes in chunks") {
        CHECK(read_all("POST / HTTP/1.1\r\nContent-Length: 12\r\n\r\n").request.body_size == 12);
        CHECK(read_all("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").request.is_chunked);
    }

    TEST_CASE("a body may wait until it is asked for") {
        CHECK(read_all("POST / HTTP/1.1\r\nExpect: 100-Continue\r\n\r\n").request.is_body_held);
        CHECK_FALSE(read_all("POST / HTTP/1.1\r\nExpect: x\r\n\r\n").request.is_body_held);
    }

    TEST_CASE("what is broken has a status") {
        CHECK(status_of("GET /\r\n\r\n") == 400);
        CHECK(status_of("GET / HTTP/2.0\r\n\r\n") == 505);
        CHECK(status_of("GET / FTP/1.0\r\n\r\n") == 400);
        CHECK(status_of("GET x HTTP/1.1\r\n\r\n") == 400);
        CHECK(status_of("GET /%zz HTTP/1.1\r\n\r\n") == 400);
        CHECK(status_of("GET /%00 HTTP/1.1\r\n\r\n") == 400);
        CHECK(status_of("GET / HTTP/1.1\r\nno colon\r\n\r\n") == 400);
        CHECK(status_of("GET / HTTP/1.1\r\nname : value\r\n\r\n") == 400);
        CHECK(status_of("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n") == 400);
        CHECK(status_of("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n") == 400);
        CHECK(
            status_of("GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
            ) == 400
        );
        CHECK(status_of("GET /" + std::string(5'000, 'x') + " HTTP/1.1\r\n\r\n") == 414);
        CHECK(status_of("GET / HTTP/1.1\r\nA: " + std::string(20'000, 'x')) == 431);
        std::string many = "GET / HTTP/1.1\r\n";
        for (int i = 0; i < 200; ++i) {
            many += "A: b\r\n";
        }
        CHECK(status_of(many + "\r\n") == 431);
    }
}
