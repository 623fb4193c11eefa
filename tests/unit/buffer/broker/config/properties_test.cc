// server.properties: syntax, real files of Kafka's, what is refused, warned of and explained.
#include "buffer/broker/config/properties_file.h"
#include "buffer/broker/config/server_properties.h"
#include "buffer/broker/config/topic_settings.h"
#include "tests/unit/fresh_page.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("buffer/broker/server_properties");

namespace logboom::broker {
namespace {

properties_outcome read(std::string_view text, const std::vector<std::string>& overrides = {}) {
    return read_server_properties("server.properties", text, overrides, "data");
}

TEST_CASE("the syntax is that of java.util.Properties") {
    const auto found = parse_properties("# comment\n"
                                        "! another\n"
                                        "\n"
                                        "a=1\n"
                                        "  b : two words \n"
                                        "c three\r\n"
                                        "long = one,\\\n"
                                        "       two\n"
                                        "e\\=f\\:g=h\n"
                                        "tab=\\t\\u0041\\q\n"
                                        "path = C\\:\\\\x\n"
                                        "empty\n"
                                        "after==x");
    REQUIRE(found.size() == 9);
    const auto is = [&](std::size_t i, std::string_view key, std::string_view value, int line) {
        CHECK(found[i].key == key);
        CHECK(found[i].value == value);
        CHECK(found[i].line == line);
    };
    is(0, "a", "1", 4);
    is(1, "b", "two words ", 5);
    is(2, "c", "three", 6);
    is(3, "long", "one,two", 7);
    is(4, "e=f:g", "h", 9);
    is(5, "tab", "\tAq", 10);
    is(6, "path", "C:\\x", 11);
    is(7, "empty", "", 12);
    is(8, "after", "=x", 13);
}

TEST_CASE("Kafka's shipped ZooKeeper-era file is taken without a warning") {
    const auto outcome = read("broker.id=3\n"
                              "num.network.threads=3\n"
                              "num.io.threads=8\n"
                              "socket.send.buffer.bytes=102400\n"
                              "socket.receive.buffer.bytes=102400\n"
                              "socket.request.max.bytes=104857600\n"
                              "log.dirs=/tmp/a, /tmp/b\n"
                              "num.partitions=4\n"
                              "num.recovery.threads.per.data.dir=1\n"
                              "offsets.topic.replication.factor=1\n"
                              "transaction.state.log.replication.factor=1\n"
                              "log.retention.hours=2\n"
                              "log.retention.check.interval.ms=300000\n"
                              "zookeeper.connect=localhost:2181\n"
                              "zookeeper.connection.timeout.ms=18000\n"
                              "group.initial.rebalance.delay.ms=0\n");
    CHECK(outcome.errors.empty());
    CHECK(outcome.notes.size() == 2);
    CHECK(outcome.config.node == broker_id(3));
    CHECK(outcome.config.log_dirs == std::vector<std::string>{"/tmp/a", "/tmp/b"});
    CHECK(outcome.config.num_partitions == 4);
    CHECK(outcome.config.groups.initial_rebalance_delay.count() == 0);
    CHECK(make_log_config(outcome.config.topic_defaults, {}).retention_ms == 7'200'000);
}

TEST_CASE("the KRaft file is taken and its controller listener left out") {
    const auto outcome =
        read("process.roles=broker,controller\n"
             "node.id=1\n"
             "controller.quorum.voters=1@localhost:9093\n"
             "listeners=PLAINTEXT://:9092,CONTROLLER://:9093\n"
             "inter.broker.listener.name=PLAINTEXT\n"
             "advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093\n"
             "controller.listener.names=CONTROLLER\n"
             "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\n");
    CHECK(outcome.errors.empty());
    CHECK(outcome.config.node == broker_id(1));
    REQUIRE(outcome.config.listeners.size() == 1);
    CHECK(outcome.config.listeners[0].port == 9092);
    CHECK(outcome.config.listeners[0].advertised_host == "localhost");
}

TEST_CASE("an unknown key is a warning with its line and the nearest key") {
    const auto outcome = read("a=b\nlog.retention.hour=3\n");
    CHECK(outcome.errors.empty());
    REQUIRE(outcome.warnings.size() == 2);
    CHECK(
        outcome.warnings[1] == "server.properties:2: unknown key log.retention.hour is ignored; "
                               "did you mean log.retention.hours?"
    );
}

TEST_CASE("a bad value is an error with its line and what is allowed") {
    const auto text = read("\nnum.partitions=zero\n");
    REQUIRE(text.errors.size() == 1);
    CHECK(text.errors[0].starts_with("server.properties:2: "));
    CHECK(text.errors[0].find("num.partitions") != std::string::npos);
    const auto low = read("num.partitions=0\n");
    REQUIRE(low.errors.size() == 1);
    CHECK(low.errors[0].find("at least 1") != std::string::npos);
    CHECK(read("log.cleanup.policy=burn\n").errors.size() == 1);
    CHECK(read("listeners=PLAINTEXT://x:99999\n").errors.size() == 1);
    CHECK(read("listeners=nonsense\n").errors.size() == 1);
    CHECK(read("advertised.listeners=PLAINTEXT://0.0.0.0:9092\n").errors.size() == 1);
    CHECK(read("advertised.listeners=OTHER://x:9092\n").errors.size() == 1);
}

TEST_CASE("a listener that is not PLAINTEXT is refused, one mapped to it is not") {
    const auto refused = read("listeners=SASL_SSL://:9092\n");
    REQUIRE(refused.errors.size() == 1);
    CHECK(refused.errors[0].find("only PLAINTEXT is supported") != std::string::npos);
    const auto mapped =
        read("listeners=INSIDE://:9094\nlistener.security.protocol.map=INSIDE:PLAINTEXT\n");
    CHECK(mapped.errors.empty());
    CHECK(mapped.config.listeners[0].port == 9094);
}

TEST_CASE("a protection that is asked for and not given refuses the start") {
    for (const config_key& each : refused_keys()) {
        CAPTURE(each.name);
        const std::string key(each.name);
        for (const std::string& name :
             {key, "listener.name.outside." + key, "listener.name.outside.plain." + key}) {
            if (name != key && name.find(".plain.") != std::string::npos &&
                !key.starts_with("sasl.")) {
                continue;
            }
            CAPTURE(name);
            const auto refused = read("\n" + name + "=hunter2\n");
            REQUIRE(refused.errors.size() == 1);
            CHECK(refused.warnings.empty());
            const std::string& why = refused.errors[0];
            CHECK(why.starts_with("server.properties:2: " + name));
            CHECK(why.find("asks for " + std::string(each.doc)) != std::string::npos);
            CHECK(why.find("remove the key") != std::string::npos);
            CHECK(
                (why.find("hunter2") == std::string::npos) == (each.type == config_type::password)
            );
        }
        const auto nothing = read(key + "=\n");
        CHECK(nothing.errors.empty());
        CHECK(nothing.warnings.empty());
        if (!each.harmless.empty()) {
            const auto harmless = read(key + "=" + std::string(each.harmless) + "\n");
            CHECK(harmless.errors.empty());
            CHECK(harmless.warnings.empty());
        }
    }
}

TEST_CASE("an unknown key that sounds like a protection is refused, too") {
    for (const char* name :
         {"super.user",
          "authorizer.class",
          "security.protocol",
          "ssl.client.authentication",
          "sasl.mechanism",
          "listener.name.outside.ssl.client.authentication",
          "listener.name.outside.plain.sasl.jaas"}) {
        CAPTURE(name);
        const auto refused = read("\n" + std::string(name) + "=hunter2\n");
        CHECK(refused.warnings.empty());
        REQUIRE(refused.errors.size() == 1);
        CHECK(refused.errors[0].starts_with(
            "server.properties:2: unknown key " + std::string(name) + " sounds like a protection"
        ));
        CHECK(refused.errors[0].find("hunter2") == std::string::npos);
    }
    CHECK(read("super.user=a\n").errors[0].find("did you mean super.users?") != std::string::npos);
    CHECK(read("super.user=\nsecurity.protocol=PLAINTEXT\n").errors.empty());
}

TEST_CASE("an override takes a protection back, or asks for one") {
    CHECK(read("ssl.client.auth=required\n", {"ssl.client.auth=none"}).errors.empty());
    const auto asked = read("ssl.client.auth=none\n", {"ssl.client.auth=required"});
    REQUIRE(asked.errors.size() == 1);
    CHECK(asked.errors[0].starts_with("--override: ssl.client.auth=required asks for"));
}

TEST_CASE("what only tunes a protection is explained, not refused") {
    const auto outcome = read("ssl.protocol=TLSv1.3\nssl.enabled.protocols=TLSv1.2,TLSv1.3\n"
                              "sasl.login.retry.backoff.ms=100\nzookeeper.set.acl=true\n"
                              "password.encoder.secret=hunter2\n");
    CHECK(outcome.errors.empty());
    CHECK(outcome.warnings.empty());
    REQUIRE(outcome.notes.size() == 5);
    CHECK(
        outcome.notes[0] ==
        "server.properties:1: ssl.protocol has no effect: Tunes TLS, which this "
        "broker does not offer."
    );
    CHECK(outcome.notes[4].find("hunter2") == std::string::npos);
}

TEST_CASE("a map of protocols is refused for the listeners that are there, and only for those") {
    const std::string map = "listener.security.protocol.map="
                            "PLAINTEXT:PLAINTEXT,SSL:SSL,INSIDE:PLAINTEXT,OUTSIDE:SASL_SSL\n";
    CHECK(read(map + "listeners=INSIDE://:9094\n").errors.empty());
    CHECK(read(map + "listeners=INSIDE://:9094,OUTSIDE://:9092\n").errors.size() == 1);
    CHECK(read(map + "listeners=OUTSIDE://:9092\n").errors.size() == 1);
    CHECK(read("listener.security.protocol.map=PLAINTEXT:SSL\n").errors.size() == 1);
}

TEST_CASE("space around a value is nothing, as for Kafka") {
    const auto outcome = read("num.partitions=3 \n"
                              "log.retention.ms=1000 \n"
                              "log.cleanup.policy=compact, delete\n"
                              "log.message.timestamp.type=LogAppendTime \n"
                              "auto.create.topics.enable=FALSE \n"
                              "log.dirs=/a \n");
    CHECK(outcome.errors.empty());
    CHECK(outcome.config.num_partitions == 3);
    CHECK_FALSE(outcome.config.auto_create_topics);
    CHECK(outcome.config.log_dirs == std::vector<std::string>{"/a"});
    const auto config = make_log_config(outcome.config.topic_defaults, {{"segment.bytes", " 99 "}});
    CHECK(config.retention_ms == 1000);
    CHECK(config.cleanup_compact);
    CHECK(config.cleanup_delete);
    CHECK(config.message_timestamp_type == kafka::timestamp_type::log_append_time);
    CHECK(config.segment_bytes == 99);
    CHECK(check_overrides({{"segment.bytes", " 99 "}, {"preallocate", "False"}}).empty());
}

TEST_CASE("the keys that were there before listeners are heard where that is not given") {
    const auto old = read("port=9099\nhost.name=127.0.0.1\n"
                          "advertised.host.name=kafka.example\nadvertised.port=9199\n");
    CHECK(old.errors.empty());
    REQUIRE(old.config.listeners.size() == 1);
    CHECK(old.config.listeners[0].host == "127.0.0.1");
    CHECK(old.config.listeners[0].port == 9099);
    CHECK(old.config.listeners[0].advertised_host == "kafka.example");
    CHECK(old.config.listeners[0].advertised_port == 9199);
    const auto both = read("port=9099\nlisteners=PLAINTEXT://:9098\n");
    CHECK(both.errors.empty());
    CHECK(both.config.listeners.at(0).port == 9098);
    const auto only_port = read("port=9099\nhost.name=\n");
    CHECK(only_port.config.listeners.at(0).port == 9099);
    CHECK(only_port.config.listeners.at(0).advertised_port == 0);
    CHECK(read("port=99999\n").errors.size() == 1);
}

TEST_CASE("an advertised listener without a host has the address that the client came to") {
    const auto outcome =
        read("listeners=INSIDE://:9093,OUTSIDE://:9092\n"
             "advertised.listeners=INSIDE://:9193,OUTSIDE://example.org:9092\n"
             "listener.security.protocol.map=INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT\n");
    CHECK(outcome.errors.empty());
    REQUIRE(outcome.config.listeners.size() == 2);
    CHECK(outcome.config.listeners[0].advertised_host.empty());
    CHECK(outcome.config.listeners[0].advertised_port == 9193);
}

TEST_CASE("replicas that a single node does not have are warned of") {
    CHECK(read("default.replication.factor=1\nmin.insync.replicas=1\n").warnings.empty());
    const auto cluster = read("default.replication.factor=3\nmin.insync.replicas=2\n");
    CHECK(cluster.errors.empty());
    CHECK(cluster.warnings.size() == 2);
}

TEST_CASE("an override wins over the file and the finest unit over the others") {
    const auto outcome = read(
        "num.partitions=2\nlog.retention.hours=1\nlog.retention.minutes=5\nlog.roll.hours=1\n",
        {"num.partitions=7", "log.retention.ms=99"}
    );
    CHECK(outcome.errors.empty());
    CHECK(outcome.config.num_partitions == 7);
    const auto config = make_log_config(outcome.config.topic_defaults, {});
    CHECK(config.retention_ms == 99);
    CHECK(config.segment_ms == 3'600'000);
    CHECK(read("", {"nonsense"}).errors.size() == 1);
}

TEST_CASE("without a file there are Kafka's defaults in the data directory") {
    const auto outcome = read("");
    CHECK(outcome.errors.empty());
    CHECK(outcome.config.log_dirs == std::vector<std::string>{"data"});
    REQUIRE(outcome.config.listeners.size() == 1);
    CHECK(outcome.config.listeners[0].port == 9092);
    const auto config = make_log_config(outcome.config.topic_defaults, {});
    CHECK(config.segment_bytes == 1'073'741'824);
    CHECK(config.max_message_bytes == 1'048'588);
}

TEST_CASE("topic overrides are checked by name, type, bound and choice") {
    CHECK(check_overrides({{"retention.ms", "-1"}, {"cleanup.policy", "compact,delete"}}).empty());
    CHECK_FALSE(check_overrides({{"retention.msx", "1"}}).empty());
    CHECK_FALSE(check_overrides({{"retention.ms", "-2"}}).empty());
    CHECK_FALSE(check_overrides({{"retention.ms", "1s"}}).empty());
    CHECK_FALSE(check_overrides({{"segment.bytes", "99999999999"}}).empty());
    CHECK_FALSE(check_overrides({{"cleanup.policy", "keep"}}).empty());
    const auto config = make_log_config(
        {{"retention.ms", "5"}, {"segment.bytes", "1000"}},
        {{"retention.ms", "7"}, {"cleanup.policy", "compact"}}
    );
    CHECK(config.retention_ms == 7);
    CHECK(config.segment_bytes == 1000);
    CHECK(config.cleanup_compact);
    CHECK_FALSE(config.cleanup_delete);
}

TEST_CASE("docs/server_properties.md says what the table says") {
    check_page("docs/server_properties.md", server_settings_page());
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
