#include "buffer/client/connection_trouble.h"

#include <doctest/doctest.h>

using namespace logboom::client;

TEST_SUITE("buffer/client/connection_trouble") {
    TEST_CASE("a reason says who and why, and nothing of librdkafka's inside") {
        CHECK(
            plain_reason("127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection "
                         "refused (after 0ms in state CONNECT)"
            ) == "127.0.0.1:1: cannot connect: Connection refused"
        );
        CHECK(
            plain_reason("sasl_ssl://b7:9093/7: Connect to ipv6#[fe80::1]:9093 failed: No route to "
                         "host (after 3060ms in state CONNECT, 1 identical error(s) suppressed)"
            ) == "b7:9093 (broker 7): cannot connect: No route to host"
        );
        CHECK(
            plain_reason("nohost:9092/bootstrap: Failed to resolve 'nohost:9092': Name or service "
                         "not known (after 12ms in state CONNECT)"
            ) == "nohost:9092: cannot resolve the name: Name or service not known"
        );
        CHECK(
            plain_reason(
                "ssl://a:9092/bootstrap: SSL handshake failed: Disconnected: connecting to "
                "a PLAINTEXT broker listener? (after 5ms in state SSL_HANDSHAKE)"
            ) == "a:9092: SSL handshake failed: Disconnected; does the broker speak TLS there?"
        );
        CHECK(
            plain_reason("ssl://a:9092/bootstrap: Disconnected (after 0ms in state SSL_HANDSHAKE)"
            ) == "a:9092: Disconnected; does the broker speak TLS there?"
        );
        CHECK(plain_reason("a:9092/bootstrap: Receive failed: Invalid response size 352518912 "
                           "(0..100000000): increase receive.message.max.bytes")
                  .ends_with("it speaks TLS: is security.protocol right?"));
        CHECK(
            plain_reason(
                "ssl://a:9092/bootstrap: error:0A000126:SSL routines::unexpected eof while "
                "reading (after 3ms in state SSL_HANDSHAKE)"
            ) ==
            "a:9092: TLS handshake failed: unexpected eof while reading; does the broker speak TLS "
            "there?"
        );
        CHECK(
            plain_reason("a:9092/bootstrap: Disconnected (after 0ms in state APIVERSION_QUERY)") ==
            "a:9092: Disconnected before the broker said its version: is it a TLS port "
            "(security.protocol)?"
        );
        CHECK(
            plain_reason(
                "a:9092/bootstrap: Disconnected while requesting ApiVersion: might be caused by "
                "incorrect security.protocol configuration (connecting to a SSL listener?) or "
                "broker "
                "version is < 0.10 (see api.version.request) (after 3ms in state APIVERSION_QUERY)"
            ) == "a:9092: Disconnected before the broker said its version: is it a TLS port "
                 "(security.protocol)?"
        );
        CHECK(plain_reason("anything else") == "anything else");
        CHECK(plain_reason("") == "");
    }

    TEST_CASE("an error of a request that is sent again is found in the debug log") {
        CHECK(
            repeated_produce_error(
                "MSGSET",
                "[thrd:a:1/1]: a:1/1: logs [0]: MessageSet with 3 message(s) (MsgId 1, BaseSeq 0) "
                "encountered error: Broker: Disk error when trying to access log file on disk "
                "(actions Refresh,Retry,MsgNotPersisted)"
            ) == "Broker: Disk error when trying to access log file on disk"
        );
        CHECK(repeated_produce_error("MSGSET", "logs [0]: MessageSet delivered").empty());
        CHECK(repeated_produce_error("SEND", "encountered error: x").empty());
    }

    TEST_CASE("the last cause is kept until an answer comes") {
        connection_trouble trouble;
        CHECK(trouble.cause().empty());
        trouble.on_error(RD_KAFKA_RESP_ERR__TRANSPORT, "a:1/bootstrap: Disconnected");
        trouble.on_error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
        CHECK(trouble.cause() == "a:1: Disconnected");
        CHECK(trouble.is_cut_off());
        trouble.clear();
        CHECK(trouble.cause().empty());
        CHECK(!trouble.is_cut_off());
    }
}
