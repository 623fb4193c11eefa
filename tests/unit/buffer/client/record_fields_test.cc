#include "buffer/client/connection_trouble.h"
#include "buffer/client/record_fields.h"
#include "tests/unit/buffer/client/mock_cluster.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::client;
using namespace std::chrono_literals;

namespace {

/// A producer whose every refusal can be provoked: librdkafka has freed a refused record's headers
/// twice, so each way to refuse is gone through with headers, under ASan too.
struct refusal_fixture {
    mock_cluster cluster;
    connection_trouble trouble;
    client_handle client;

    void open(property_list more = {}) {
        property_list properties{
            {"bootstrap.servers", cluster.servers()},
            {"topic.metadata.propagation.max.ms", "0"},
            {"linger.ms", "1000"},
        };
        properties.insert(properties.end(), more.begin(), more.end());
        client = make_client(RD_KAFKA_PRODUCER, make_conf(properties, trouble).value()).value();
    }
    topic_handle topic(const char* name) const {
        return topic_handle(rd_kafka_topic_new(client.get(), name, nullptr));
    }
    /// Waits until the client knows what there is of the topic.
    void look_up(rd_kafka_topic_t* topic) const {
        static_cast<void>(fetch_metadata(client.get(), false, topic, 5s));
    }
    rd_kafka_resp_err_t send(rd_kafka_topic_t* topic, std::string_view payload) const {
        record_fields fields(topic);
        fields.payload(payload);
        fields.header("first", std::string(100, 'x'));
        fields.header("second", "");
        return produce(client.get(), fields);
    }
    /// As a record that came back is sent again: with a list of headers of its own.
    rd_kafka_resp_err_t
    send_again(rd_kafka_topic_t* topic, std::string_view payload, headers_handle& headers) const {
        record_fields fields(topic);
        fields.payload(payload);
        fields.headers(headers);
        return produce(client.get(), fields);
    }
    /// Both ways, twice each: what the first has damaged shows in the second.
    void check_refused(rd_kafka_topic_t* topic, std::string_view payload, int code) const {
        headers_handle headers(rd_kafka_headers_new(1));
        rd_kafka_header_add(headers.get(), "first", -1, "1", 1);
        for (int i = 0; i < 2; ++i) {
            CHECK(send(topic, payload) == code);
            CHECK(send_again(topic, payload, headers) == code);
            REQUIRE(headers != nullptr);
            CHECK(rd_kafka_header_cnt(headers.get()) == 1);
        }
    }
};

} // namespace

TEST_SUITE("buffer/client/record_fields") {
    TEST_CASE_FIXTURE(refusal_fixture, "headers outlive a refusal: the topic does not exist") {
        cluster.fail_topic("gone", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
        open();
        const topic_handle gone = topic("gone");
        look_up(gone.get());
        check_refused(gone.get(), "text", RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC);
    }

    TEST_CASE_FIXTURE(refusal_fixture, "headers outlive a refusal: the record is too large") {
        cluster.create("logs", 1);
        open({{"message.max.bytes", "1000"}});
        const topic_handle logs = topic("logs");
        check_refused(logs.get(), std::string(2000, 'x'), RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    }

    TEST_CASE_FIXTURE(refusal_fixture, "headers outlive a refusal: the queue is full") {
        cluster.create("logs", 1);
        cluster.take_down();
        open({{"queue.buffering.max.messages", "1"}});
        const topic_handle logs = topic("logs");
        REQUIRE(send(logs.get(), "one") == RD_KAFKA_RESP_ERR_NO_ERROR);
        check_refused(logs.get(), "two", RD_KAFKA_RESP_ERR__QUEUE_FULL);
        rd_kafka_purge(client.get(), RD_KAFKA_PURGE_F_QUEUE);
    }

    TEST_CASE_FIXTURE(refusal_fixture, "headers outlive a refusal: the client is dead") {
        cluster.create("logs", 1);
        open({{"enable.idempotence", "true"}});
        const topic_handle logs = topic("logs");
        rd_kafka_test_fatal_error(client.get(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "");
        check_refused(logs.get(), "text", RD_KAFKA_RESP_ERR__FATAL);
    }

    TEST_CASE_FIXTURE(refusal_fixture, "headers are given away when the record is taken") {
        cluster.create("logs", 1);
        open({{"linger.ms", "0"}});
        const topic_handle logs = topic("logs");
        headers_handle headers(rd_kafka_headers_new(1));
        rd_kafka_header_add(headers.get(), "logboom.origin", -1, "agent/1", -1);
        REQUIRE(send_again(logs.get(), "text", headers) == RD_KAFKA_RESP_ERR_NO_ERROR);
        CHECK(headers == nullptr);
        rd_kafka_flush(client.get(), 10000);
        const auto stored = cluster.read("logs", 1);
        REQUIRE(stored.size() == 1);
        CHECK(stored[0].origin == "agent/1");
    }
}
