// The text of Kafka's tools, column by column.
#include "cli/commands.h"
#include "cli/completion_script.h"
#include "cli/kafka_text.h"
#include "cli/kafka_tool.h"
#include "cli/record_format.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::cli;

namespace {

record_view sample() {
    record_view record;
    record.topic = "logs";
    record.partition = 2;
    record.offset = 41;
    record.timestamp_ms = 1700000000123;
    record.has_key = true;
    record.key = "k";
    record.has_value = true;
    record.value = "hello";
    record.headers = {{"a", "1"}, {"b", "2"}};
    return record;
}

std::string
formatted(std::vector<std::pair<std::string, std::string>> properties, const record_view& record) {
    record_format format;
    for (const auto& [name, value] : properties) {
        REQUIRE(format.set_property(name, value));
    }
    std::string out;
    format.append(record, out);
    return out;
}

std::string kcat(const char* text, const record_view& record) {
    record_format format;
    REQUIRE(format.set_text(text).has_value());
    std::string out;
    format.append(record, out);
    return out;
}

} // namespace

TEST_SUITE("cli/kafka_tools") {
    TEST_CASE("a topic is described in kafka-topics.sh's shape") {
        client::topic_description topic{
            "logs",
            {{partition_id(0), broker_id(1), {1, 2}, {1}},
             {partition_id(1), broker_id(-1), {2}, {}}}};
        std::vector<client::topic_config> configs{
            {"retention.ms", "1000", false, true, false},
            {"segment.bytes", "1073741824", true, false, false},
            {"logboom.topic.id", "AAAAAAAAAAAAAAAAAAAAAQ", false, false, true},
            {"cleanup.policy", "compact", false, true, false},
        };
        CHECK(
            topic_text(topic, configs) ==
            "Topic: logs\tTopicId: AAAAAAAAAAAAAAAAAAAAAQ\tPartitionCount: 2\tReplicationFactor: "
            "2\t"
            "Configs: retention.ms=1000,cleanup.policy=compact\n"
            "\tTopic: logs\tPartition: 0\tLeader: 1\tReplicas: 1,2\tIsr: 1\n"
            "\tTopic: logs\tPartition: 1\tLeader: none\tReplicas: 2\tIsr: \n"
        );
        CHECK(topic_json(topic, {}).find("\"partition_count\":2") != std::string::npos);
    }

    TEST_CASE("a group is described in kafka-consumer-groups.sh's columns") {
        const std::vector<group_row> rows{
            {"g", {"logs", partition_id(0)}, offset(5), offset(12), "m-1", "/127.0.0.1", "c"},
            {"g", {"logs", partition_id(1)}, offset(-1), offset(3), "-", "-", "-"},
        };
        CHECK(
            group_text(rows) ==
            "\n"
            "GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG        "
            "     CONSUMER-ID     HOST            CLIENT-ID\n"
            "g               logs            0          5               12              7          "
            "     m-1             /127.0.0.1      c\n"
            "g               logs            1          -               3               -          "
            "     -               -               -\n"
        );
        CHECK(
            group_json(rows).find(
                "{\"group\":\"g\",\"topic\":\"logs\",\"partition\":1,\"current_offset\":null,\"log_"
                "end_offset\":3,\"lag\":null,\"consumer_id\":null"
            ) != std::string::npos
        );
    }

    TEST_CASE("members and their partitions are listed") {
        client::group_description group;
        group.name = "g";
        group.members.push_back(
            {"m-1",
             "",
             "c",
             "/h",
             {{"a", partition_id(0)}, {"a", partition_id(1)}, {"b", partition_id(0)}}}
        );
        const std::string text = members_text(group, true);
        CHECK(text.find("a(0,1), b(0)") != std::string::npos);
        CHECK(text.find(" 3 ") != std::string::npos);
    }

    TEST_CASE("a reset is printed as the tool prints it, and exported as it reads it") {
        const std::vector<client::partition_offset> plan{{{"logs", partition_id(0)}, offset(7)}};
        CHECK(
            reset_text("g", plan) == "\nGROUP                          TOPIC                       "
                                     "   PARTITION  NEW-OFFSET     "
                                     "\ng                              logs                        "
                                     "   0          7              \n"
        );
        CHECK(reset_csv(plan) == "logs,0,7\n");
    }

    TEST_CASE("the console consumer's properties choose what is printed and in its order") {
        const auto record = sample();
        CHECK(formatted({}, record) == "hello\n");
        CHECK(formatted({{"print.key", "true"}, {"key.separator", ":"}}, record) == "k:hello\n");
        CHECK(
            formatted(
                {{"print.key", "true"},
                 {"print.headers", "true"},
                 {"print.offset", "true"},
                 {"print.partition", "true"},
                 {"print.timestamp", "true"}},
                record
            ) == "CreateTime:1700000000123\tPartition:2\tOffset:41\ta:1,b:2\tk\thello\n"
        );
        record_view bare;
        CHECK(
            formatted(
                {{"print.key", "true"}, {"print.headers", "true"}, {"print.timestamp", "true"}},
                bare
            ) == "NO_TIMESTAMP\tNO_HEADERS\tnull\tnull\n"
        );
        record_format format;
        CHECK_FALSE(format.set_property("print.nonsense", "true"));
    }

    TEST_CASE("a format string is kcat's") {
        const auto record = sample();
        CHECK(
            kcat("%t [%p] at %o: key %k (%K) value %s (%S) %T %h%%\\n", record) ==
            "logs [2] at 41: key k (1) value hello (5) 1700000000123 a=1,b=2%\n"
        );
        CHECK(kcat("\\x41\\t%s", record) == "A\thello");
        CHECK(kcat("%K %S", record_view{}) == "-1 -1");
        record_format format;
        CHECK(format.set_text("%q").has_error());
    }

    TEST_CASE("properties of Java's clients become librdkafka's") {
        client::property_list properties;
        REQUIRE(add_java_property(
                    "sasl.jaas.config",
                    "org.apache.kafka.common.security.plain.PlainLoginModule required "
                    "username=\"u\" password=\"p\";",
                    properties
        )
                    .has_value());
        REQUIRE(add_java_property("ssl.truststore.location", "/ca.pem", properties).has_value());
        REQUIRE(add_java_property("key.serializer", "x", properties).has_value());
        CHECK(client::find_property(properties, "sasl.username") == "u");
        CHECK(client::find_property(properties, "ssl.ca.location") == "/ca.pem");
        CHECK(properties.size() == 3);
        CHECK(split_property("a=b=c").value() == std::pair<std::string, std::string>("a", "b=c"));
        CHECK(split_property("=x").has_error());
    }

    TEST_CASE("the completion knows commands and their options") {
        program logboom("logboom", "x", "0");
        add_topics(logboom.root());
        add_completion(logboom.root());
        const std::string text = bash_completion(logboom.root());
        CHECK(text.find("'logboom') words='topics completion") != std::string::npos);
        CHECK(text.find("--if-not-exists") != std::string::npos);
        CHECK(text.find("'logboom completion') words='bash") != std::string::npos);
    }
}
