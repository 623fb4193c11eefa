// The text of Kafka's tools, column by column.
#include "cli/commands.h"
#include "cli/completion_script.h"
#include "cli/kafka_text.h"
#include "cli/kafka_tool.h"
#include "cli/record_format.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <unistd.h>

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

    TEST_CASE("a column is as wide as its longest entry") {
        const std::string name(20, 'n');
        const std::string text = group_text({
            {name, {"t", partition_id(0)}, offset(1), offset(1), "-", "-", "-"},
            {"g", {name + name, partition_id(1)}, offset(1), offset(1), name, name, "c"},
        });
        CHECK(
            text ==
            "\nGROUP                TOPIC                                    PARTITION  "
            "CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID          HOST             "
            "    CLIENT-ID\n" +
                name +
                " t                                        0          1               1           "
                "    0               -                    -                    -\n" +
                "g                    " + name + name +
                " 1          1               1               "
                "0               " +
                name + " " + name + " c\n"
        );
    }

    TEST_CASE("a group that has read further than the log is long has no lag") {
        const std::vector<group_row> rows{
            {"g", {"logs", partition_id(0)}, offset(12), offset(5)},
            {"g", {"logs", partition_id(1)}, offset(12), offset(-1)},
        };
        const std::string text = group_json(rows);
        CHECK(text.find("\"log_end_offset\":5,\"lag\":0,") != std::string::npos);
        CHECK(text.find("\"log_end_offset\":null,\"lag\":null,") != std::string::npos);
    }

    TEST_CASE("names of any bytes are JSON") {
        const std::vector<group_row> rows{
            {"a\"b\n", {"logs", partition_id(0)}, offset(1), offset(1), "-", "\\h", "\xff"}};
        CHECK(
            group_json(rows) ==
            "{\"group\":\"a\\\"b\\n\",\"topic\":\"logs\",\"partition\":0,\"current_offset\":1,"
            "\"log_end_offset\":1,\"lag\":0,\"consumer_id\":null,\"host\":\"\\\\h\","
            "\"client_id\":\"\xef\xbf\xbd\"}\n"
        );
        const std::string topic = topic_json(
            {"t", {{partition_id(0), broker_id(1), {1, 2}, {1}}}},
            {{"a", "\"x\"", false, true, false}, {"b", "y", true, true, false}}
        );
        CHECK(
            topic ==
            "{\"topic\":\"t\",\"topic_id\":\"\",\"partition_count\":1,\"replication_factor\":2,"
            "\"configs\":{\"a\":\"\\\"x\\\"\"},\"partitions\":[{\"partition\":0,\"leader\":1,"
            "\"replicas\":[1,2],\"isr\":[1]}]}\n"
        );
    }

    TEST_CASE("a group's state is listed with its coordinator") {
        client::group_description group;
        group.name = "a-group-of-a-long-name";
        group.coordinator = "127.0.0.1:9092 (1)";
        group.assignor = "range";
        group.state = "Stable";
        group.members.resize(2);
        client::group_description empty;
        empty.name = "g";
        empty.coordinator = "-";
        empty.state = "Empty";
        CHECK(state_text({empty}).ends_with("\ng               -                         -         "
                                            "                Empty                "
                                            "0\n"));
        CHECK(
            state_text({group}) ==
            "\nGROUP                  COORDINATOR (ID)          ASSIGNMENT-STRATEGY       STATE    "
            "            #MEMBERS\n"
            "a-group-of-a-long-name 127.0.0.1:9092 (1)        range                     Stable     "
            "          2\n"
        );
    }

    TEST_CASE("groups are listed with their states below a head") {
        CHECK(states_text({}) == "GROUP           STATE\n");
        CHECK(
            states_text({{"g", "Stable"}, {"a-group-of-a-long-name", "Empty"}}) ==
            "GROUP                  STATE\n"
            "g                      Stable\n"
            "a-group-of-a-long-name Empty\n"
        );
    }

    TEST_CASE("a member without partitions has none, and nobody is listed of an empty group") {
        client::group_description group;
        group.name = "g";
        CHECK(members_text(group, false).find('\n', 1) == members_text(group, false).size() - 1);
        group.members.push_back({"m-1", "", "c", "/h", {}});
        CHECK(members_text(group, true).ends_with(" 0               -\n"));
        CHECK(members_text(group, false).ends_with(" 0              \n"));
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

    TEST_CASE("what stands between and instead of values can be chosen") {
        record_view record = sample();
        CHECK(formatted({{"print.value", "false"}}, record) == "\n");
        CHECK(formatted({{"print.value", "false"}, {"print.key", "true"}}, record) == "k\n");
        CHECK(
            formatted(
                {{"print.headers", "true"},
                 {"headers.separator", "\\x7C"},
                 {"key.separator", " \\t"},
                 {"line.separator", ";"}},
                record
            ) == "a:1|b:2 \thello;"
        );
        record.is_log_append_time = true;
        CHECK(
            formatted({{"print.timestamp", "true"}}, record) ==
            "LogAppendTime:1700000000123\thello\n"
        );
        // Nothing is not null.
        record.value = "";
        CHECK(formatted({{"null.literal", "NIL"}}, record) == "\n");
        record.has_value = false;
        CHECK(formatted({{"null.literal", "NIL"}}, record) == "NIL\n");
        record.headers = {{"a", ""}, {"b", {}}};
        CHECK(
            formatted({{"print.headers", "true"}, {"null.literal", "NIL"}}, record) ==
            "a:,b:NIL\tNIL\n"
        );
        CHECK(kcat("%h", record) == "a=,b=NULL");
        // A Java class that would make text of bytes.
        CHECK(formatted({{"value.deserializer", "x.Y"}}, record) == "null\n");
    }

    TEST_CASE("an escape is one character, and what is none stays") {
        CHECK(unescape("a\\n\\t\\r\\\\b") == "a\n\t\r\\b");
        CHECK(unescape("\\0") == std::string("\0", 1));
        CHECK(unescape("\\x41\\x0a\\xfF") == "A\n\xff");
        CHECK(unescape("\\x4") == "\\x4");
        CHECK(unescape("\\xzz") == "\\xzz");
        CHECK(unescape("\\q\\") == "q\\");
    }

    TEST_CASE("a format string is kcat's") {
        const auto record = sample();
        CHECK(
            kcat("%t [%p] at %o: key %k (%K) value %s (%S) %T %h%%\\n", record) ==
            "logs [2] at 41: key k (1) value hello (5) 1700000000123 a=1,b=2%\n"
        );
        CHECK(kcat("\\x41\\t%s", record) == "A\thello");
        CHECK(kcat("%K %S", record_view{}) == "-1 -1");
        CHECK(kcat("%%s%%%s%", record) == "%s%hello%");
        CHECK(kcat("", record).empty());
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

    TEST_CASE("Kafka's own topics are known by their names, not by how they begin") {
        CHECK(is_internal_topic("__consumer_offsets"));
        CHECK(is_internal_topic("__transaction_state"));
        CHECK_FALSE(is_internal_topic("__mine"));
        CHECK_FALSE(is_internal_topic("consumer_offsets"));
    }

    TEST_CASE("of what a connection is told twice the later word counts") {
        char path[] = "/tmp/kafka_tools_test.XXXXXX";
        const int file = ::mkstemp(path);
        REQUIRE(file >= 0);
        const std::string_view text = "security.protocol=SSL\nclient.id=file\n"
                                      "# a comment\nmax.request.size = 5\n"
                                      "bootstrap.servers=b:2\n";
        REQUIRE(::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
        ::close(file);
        kafka_tool_options given;
        given.bootstrap_server = "a:1";
        given.command_config = path;
        given.command_properties = {"client.id=word", "delivery.timeout.ms=7"};
        const auto properties = connection_properties(given);
        // What nobody has typed is no later word.
        given.bootstrap_server = kafka_tool_options().bootstrap_server;
        const auto in_file = connection_properties(given);
        ::unlink(path);
        REQUIRE(in_file.has_value());
        CHECK(client::find_property(*in_file, "bootstrap.servers") == "b:2");
        REQUIRE(properties.has_value());
        CHECK(client::find_property(*properties, "bootstrap.servers") == "a:1");
        CHECK(client::find_property(*properties, "security.protocol") == "SSL");
        CHECK(client::find_property(*properties, "client.id") == "word");
        CHECK(client::find_property(*properties, "message.max.bytes") == "5");
        CHECK(client::find_property(*properties, "message.timeout.ms") == "7");

        const auto gone = connection_properties(given);
        REQUIRE(gone.has_error());
        CHECK(gone.error().text().find(path) != std::string::npos);
    }

    TEST_CASE("a property that is none is shown, unless it may be a password") {
        CHECK(split_property("retries").error().text().find("\"retries\"") != std::string::npos);
        const std::string hidden = split_property("sasl.password:geheim").error().text();
        CHECK(hidden.find("geheim") == std::string::npos);
        CHECK(hidden.find("***") != std::string::npos);
        CHECK(split_property("a=").value().second.empty());
    }

    TEST_CASE("what a completion says of an option is one word of its shell") {
        program tool("tool", "x", "0");
        bool flag = false;
        command_line command = tool.root().add_command("do", "it's \\ done");
        command.add_flag("--quick,-q", flag, "doesn't wait");
        const std::string zsh = zsh_completion(tool.root());
        CHECK(zsh.find(R"('do:it'\''s \ done')") != std::string::npos);
        CHECK(zsh.find(R"('--quick:doesn'\''t wait' '-q:doesn'\''t wait')") != std::string::npos);
        const std::string fish = fish_completion(tool.root());
        CHECK(fish.find(R"(-f -a do -d 'it'\''s \\ done')") != std::string::npos);
        CHECK(fish.find(R"(-l quick -s q -d 'doesn'\''t wait')") != std::string::npos);
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
