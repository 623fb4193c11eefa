// What the Kafka tools (topics, groups, offsets, produce, consume) share: how to reach the broker,
// how an error is told, how a table is laid out.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "buffer/client/properties.h"
#include "cli/command_line.h"

#include <string>
#include <string_view>
#include <vector>

namespace logboom::client {
class admin;
}

namespace logboom::cli {

struct kafka_tool_options {
    std::string bootstrap_server = "localhost:9092";
    /// A properties file for the connection, as Kafka's tools take it (Java's names).
    std::string command_config;
    /// --command-property and its older names: name=value, as in that file.
    std::vector<std::string> command_properties;
    bool json = false;
    /// How long an answer may take.
    int limit_ms = 10000;
};

/// --bootstrap-server and --command-config; their older names too.
void add_kafka_options(command_line command, kafka_tool_options& into);

result<client::property_list> connection_properties(const kafka_tool_options& from);
/// A broker that refuses is an error at once, one that does not answer after `limit_ms`. Whatever
/// waits for a second, now or in a later call, says for what on stderr, in the name of `command`.
result<client::admin> connect(const kafka_tool_options& from, std::string_view command);

/// "logboom topics: sentence" on stderr, without the secrets that somebody typed.
void say(std::string_view command, std::string_view sentence);
/// "logboom topics: waiting: 127.0.0.1:9092: cannot connect: Connection refused" on stderr.
void say_waiting(std::string_view command, std::string_view cause);
/// "logs-2 has no leader: it is offline", as nobody else says of a partition that does not answer.
std::string offline_text(const std::string& topic, partition_id partition);
/// "logboom topics: topic 'x' does not exist" on stderr. Bad usage when it is the words of the
/// command line that are wrong.
exit_code fail(std::string_view command, const error& why);
exit_code misuse(std::string_view command, std::string_view sentence);

/// Java's name and value as librdkafka's: sasl.jaas.config, ssl.truststore.location, ...
result<void>
add_java_property(std::string_view name, std::string_view value, client::property_list& into);
/// A .properties file as Java reads it.
result<std::vector<std::pair<std::string, std::string>>> read_properties(const std::string& path);
/// Of those that Kafka keeps for itself.
bool is_internal_topic(std::string_view name);
/// "key=value" at the first equals sign.
result<std::pair<std::string, std::string>> split_property(std::string_view text);

} // namespace logboom::cli
