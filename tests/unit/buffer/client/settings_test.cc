// Logstash's kafka settings as librdkafka's properties.
#include "buffer/client/connection_trouble.h"
#include "buffer/client/errc.h"
#include "buffer/client/handle.h"
#include "buffer/client/kafka_input_settings.h"
#include "buffer/client/kafka_output_settings.h"
#include "tests/unit/buffer/client/mock_cluster.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::client;

namespace {

using given = std::vector<std::pair<std::string, std::string>>;

property_list producer_of(given options) {
    options.emplace_back("topic_id", "t");
    const test_settings from("kafka output", kafka_output_table(), std::move(options));
    REQUIRE(from.options.problems().empty());
    return producer_properties(from.options).value();
}

property_list consumer_of(given options) {
    const test_settings from("kafka input", kafka_input_table(), std::move(options));
    REQUIRE(from.options.problems().empty());
    return consumer_properties(from.options).value();
}

} // namespace

TEST_SUITE("buffer/client/settings") {
    TEST_CASE("what cannot work is refused before there is a client") {
        const auto refusal = [](given options) {
            const auto done = check_properties(RD_KAFKA_PRODUCER, producer_of(std::move(options)));
            return done.has_error() ? done.error().text() : std::string("fine");
        };
        const auto no_file =
            check_properties(RD_KAFKA_PRODUCER, {{"ssl.ca.location", "/no/ca.pem"}});
        REQUIRE(no_file.has_error());
        CHECK(no_file.error().text() == "ssl.ca.location /no/ca.pem: No such file or directory");
        CHECK(refusal({{"security_protocol", "SASL_PLAINTEXT"}, {"sasl_mechanism", "GSSAPI"}}
        ).starts_with("GSSAPI needs a key table"));
        CHECK(refusal({{"security_protocol", "SASL_PLAINTEXT"}, {"sasl_mechanism", "OAUTHBEARER"}}
        ).starts_with("OAUTHBEARER needs a place to get tokens from"));
    }

    TEST_CASE("an output that says nothing is durable") {
        const auto properties = producer_of({});
        CHECK(find_property(properties, "acks") == "all");
        CHECK(find_property(properties, "enable.idempotence") == "true");
        CHECK(find_property(properties, "message.timeout.ms") == "0");
        CHECK(find_property(properties, "message.send.max.retries").empty());
        CHECK(find_property(properties, "queue.buffering.max.kbytes") == "32768");
        CHECK(find_property(properties, "bootstrap.servers") == "localhost:9092");
    }

    TEST_CASE("acks as the user wants them turn sequence numbers off") {
        CHECK(find_property(producer_of({{"acks", "1"}}), "acks") == "1");
        CHECK(find_property(producer_of({{"acks", "1"}}), "enable.idempotence") == "false");
        CHECK(find_property(producer_of({{"acks", "-1"}}), "acks") == "all");
        CHECK(find_property(producer_of({{"retries", "0"}}), "enable.idempotence") == "false");
    }

    TEST_CASE("five of Java's batches in flight are one request of librdkafka's") {
        const auto bytes = [](const char* size, const char* acks) {
            const auto properties = producer_of({{"batch_size", size}, {"acks", acks}});
            return std::string(find_property(properties, "batch.size"));
        };
        CHECK(bytes("16384", "all") == "81920");
        CHECK(bytes("16384", "1") == "16384");
        CHECK(bytes("500000", "all") == "1000000");
        CHECK(bytes("2000000", "all") == "2000000");
        CHECK(find_property(producer_of({}), "batch.size").empty());
    }

    TEST_CASE("the spellings of 2014 still work") {
        test_settings from(
            "kafka output",
            kafka_output_table(),
            {{"topic_id", "t"},
             {"broker_list", "a:1,b:2"},
             {"request_required_acks", "1"},
             {"compression_codec", "snappy"},
             {"queue_buffering_max_ms", "7"},
             {"batch_num_messages", "50"},
             {"message_send_max_retries", "3"},
             {"partition_key_format", "%{host}"},
             {"producer_type", "async"}}
        );
        REQUIRE(from.options.problems().empty());
        CHECK(from.options.warnings().size() == 7);
        const auto properties = producer_properties(from.options).value();
        CHECK(find_property(properties, "bootstrap.servers") == "a:1,b:2");
        CHECK(find_property(properties, "acks") == "1");
        CHECK(find_property(properties, "compression.type") == "snappy");
        CHECK(find_property(properties, "linger.ms") == "7");
        CHECK(find_property(properties, "batch.num.messages") == "50");
        CHECK(find_property(properties, "message.send.max.retries") == "3");
        CHECK(from.options.text("message_key") == "%{host}");

        test_settings old(
            "kafka input",
            kafka_input_table(),
            {{"zk_connect", "zoo:2181"},
             {"topic_id", "x"},
             {"auto_offset_reset", "smallest"},
             {"fetch_message_max_bytes", "2000000"}}
        );
        REQUIRE(old.options.problems().empty());
        CHECK(subscription_of(old.options) == std::vector<std::string>{"x"});
        CHECK(old.options.warnings().size() == 3);
        CHECK(input_notes(old.options).size() == 1);
        const auto consumer = consumer_properties(old.options).value();
        CHECK(find_property(consumer, "auto.offset.reset") == "earliest");
        CHECK(find_property(consumer, "fetch.message.max.bytes") == "2000000");
    }

    TEST_CASE("an input never commits by itself and begins at the end") {
        const auto properties = consumer_of({});
        CHECK(find_property(properties, "enable.auto.commit") == "false");
        CHECK(find_property(properties, "auto.offset.reset") == "latest");
        CHECK(find_property(properties, "partition.assignment.strategy") == "cooperative-sticky");
        CHECK(find_property(properties, "group.id") == "logstash");
    }

    TEST_CASE("Java's class names of assignors are understood") {
        const auto strategy = [](const char* name) {
            return std::string(find_property(
                consumer_of({{"partition_assignment_strategy", name}}),
                "partition.assignment.strategy"
            ));
        };
        CHECK(strategy("org.apache.kafka.clients.consumer.RangeAssignor") == "range");
        CHECK(strategy("org.apache.kafka.clients.consumer.RoundRobinAssignor") == "roundrobin");
        CHECK(
            strategy("org.apache.kafka.clients.consumer.CooperativeStickyAssignor") ==
            "cooperative-sticky"
        );
        const test_settings odd(
            "kafka input", kafka_input_table(), {{"partition_assignment_strategy", "com.x.Own"}}
        );
        CHECK(consumer_properties(odd.options).has_error());
    }

    TEST_CASE("a pattern is subscribed to as a whole name and without internal topics") {
        const test_settings from(
            "kafka input", kafka_input_table(), {{"topics_pattern", "logs-.*"}}
        );
        CHECK(subscription_of(from.options) == std::vector<std::string>{"^(logs-.*)$"});
        CHECK(
            find_property(consumer_properties(from.options).value(), "topic.blacklist")
                .find("__consumer_offsets") != std::string_view::npos
        );
    }

    TEST_CASE("what is missing or unknown is refused by its name") {
        const auto problem_of = [](const char* name, const char* value) {
            const test_settings from("kafka input", kafka_input_table(), {{name, value}});
            const auto properties = consumer_properties(from.options);
            return properties.has_error() ? properties.error().text() : "";
        };
        CHECK(problem_of("topics", "").starts_with("topics: must not be empty"));
        CHECK(problem_of("group_id", "").starts_with("group_id: must not be empty"));
        CHECK(
            problem_of("auto_offset_reset", "by_duration:PT1H").find("none of its values") !=
            std::string::npos
        );
    }

    TEST_CASE("a pattern may use Java's escapes") {
        const auto pattern_of = [](const char* given) {
            const test_settings from(
                "kafka input", kafka_input_table(), {{"topics_pattern", given}}
            );
            CHECK(consumer_properties(from.options).has_value());
            return subscription_of(from.options).front();
        };
        CHECK(pattern_of("logs-\\d+") == "^(logs-[0-9]+)$");
        CHECK(pattern_of("a\\.[\\w\\-.]+") == "^(a\\.[a-zA-Z0-9_.-]+)$");
        CHECK(pattern_of("[\\w-.]+\\d-") == "^([a-zA-Z0-9_.-]+[0-9]-)$");
        CHECK(pattern_of("(?:a|b)[^\\d]") == "^((a|b)[^0-9])$");
        for (const char* const bad : {"(?!x).*", "(", "[a"}) {
            const test_settings from("kafka input", kafka_input_table(), {{"topics_pattern", bad}});
            const auto properties = consumer_properties(from.options);
            REQUIRE(properties.has_error());
            CHECK(properties.error() == error(errc::bad_pattern));
        }
    }

    TEST_CASE("answers may be smaller than the largest record of a producer") {
        const auto properties =
            consumer_of({{"fetch_max_bytes", "65536"}, {"max_partition_fetch_bytes", "65536"}});
        CHECK(find_property(properties, "fetch.max.bytes") == "65536");
        connection_trouble trouble;
        conf_handle conf = make_conf(properties, trouble).value();
        CHECK(make_client(RD_KAFKA_CONSUMER, std::move(conf)).has_value());
    }

    TEST_CASE("a JAAS text gives the user and the password") {
        const auto properties = consumer_of(
            {{"security_protocol", "SASL_SSL"},
             {"sasl_mechanism", "SCRAM-SHA-256"},
             {"sasl_jaas_config",
              "org.apache.kafka.common.security.scram.ScramLoginModule required\n"
              "  username=\"ann\" password=\"a b\\\"c;\";"}}
        );
        CHECK(find_property(properties, "sasl.username") == "ann");
        CHECK(find_property(properties, "sasl.password") == "a b\"c;");
        CHECK(find_property(properties, "security.protocol") == "sasl_ssl");
        CHECK(parse_jaas("nonsense").has_error());
    }

    TEST_CASE("a key store that only Java reads is refused with the way out") {
        const test_settings from(
            "kafka input",
            kafka_input_table(),
            {{"security_protocol", "SSL"}, {"ssl_truststore_location", "/x/kafka.jks"}}
        );
        const auto properties = consumer_properties(from.options);
        REQUIRE(properties.has_error());
        CHECK(properties.error() == error(errc::java_key_store));
        CHECK(properties.error().text().find("PEM") != std::string::npos);
    }

    TEST_CASE("librdkafka takes every property that the defaults make") {
        metrics counters;
        letter_box letters;
        const test_settings out(
            "kafka output",
            kafka_output_table(),
            {{"topic_id", "t"}, {"bootstrap_servers", "127.0.0.1:1"}}
        );
        CHECK_NOTHROW(producer_properties(out.options).value());
        CHECK(partitioning_of(out.options).value() == partitioning::by_stream);
    }

    TEST_CASE("a bootstrap server is host:port, or is named") {
        for (const char* good :
             {"a:9092",
              "a:1,b:65535",
              " a:1 , b:2",
              "PLAINTEXT://a:1",
              "[::1]:9092",
              "10.0.0.1:9"}) {
            CAPTURE(good);
            CHECK(check_servers(good).has_value());
        }
        for (const char* bad :
             {"", "a", "a:", ":9092", "a:0", "a:65536", "a:x", "a:1,b", "::1:9092", "a:1,"}) {
            CAPTURE(bad);
            CHECK(check_servers(bad).has_error());
        }
        CHECK(
            check_servers("a:1,localhost").error().text() ==
            "bootstrap server \"localhost\": is not host:port"
        );
    }
}
