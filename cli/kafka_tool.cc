// What the Kafka tools have in common: how they reach a broker, and how they say what is wrong.
#include "cli/kafka_tool.h"

#include "base/env.h"
#include "base/secrets.h"
#include "buffer/broker/config/properties_file.h"
#include "buffer/client/admin.h"
#include "buffer/client/errc.h"

#include <fmt/format.h>

#include <cstdio>

namespace logboom::cli {
namespace {

constexpr std::size_t config_size_max = std::size_t{1} << 20U;

} // namespace

void add_kafka_options(command_line command, kafka_tool_options& into) {
    command
        .add_option(
            "--bootstrap-server,--bootstrap-servers,--broker-list",
            into.bootstrap_server,
            "host:port of a broker; several are separated by commas"
        )
        .show_default();
    command.add_option(
        "--command-config,--producer.config,--consumer.config",
        into.command_config,
        "a properties file for the connection (security.protocol, sasl.*, ssl.*)"
    );
}

bool is_internal_topic(std::string_view name) {
    return name == "__consumer_offsets" || name == "__transaction_state";
}

result<std::pair<std::string, std::string>> split_property(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) {
        // Without its sign even a password is a name.
        const std::string shown = is_secret_name(text) ? "***" : std::string(text);
        return error(client::errc::bad_argument, "\"" + shown + "\" is not name=value");
    }
    return std::pair(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
}

result<void>
add_java_property(std::string_view name, std::string_view value, client::property_list& into) {
    if (name == "sasl.jaas.config") {
        LB_TRY(const client::jaas_entry entry, client::parse_jaas(value));
        return client::add_jaas_properties(entry, into);
    }
    struct row {
        std::string_view java;
        std::string_view ours;
    };
    // Serializers and type names are Java's own business.
    static constexpr row rows[] = {
        {"ssl.truststore.location", "ssl.ca.location"},
        {"ssl.truststore.type", ""},
        {"ssl.truststore.password", ""},
        {"ssl.keystore.type", ""},
        {"key.serializer", ""},
        {"value.serializer", ""},
        {"key.deserializer", ""},
        {"value.deserializer", ""},
        {"delivery.timeout.ms", "message.timeout.ms"},
        {"max.request.size", "message.max.bytes"},
        {"max.partition.fetch.bytes", "fetch.message.max.bytes"},
        {"fetch.max.wait.ms", "fetch.wait.max.ms"},
        {"request.timeout.ms", "socket.timeout.ms"},
    };
    for (const row& each : rows) {
        if (each.java == name) {
            if (!each.ours.empty()) {
                into.emplace_back(each.ours, value);
            }
            return {};
        }
    }
    into.emplace_back(name, value);
    return {};
}

result<std::vector<std::pair<std::string, std::string>>> read_properties(const std::string& path) {
    const auto files = make_posix_env();
    LB_TRY(const std::string text, read_file(*files, path, config_size_max));
    std::vector<std::pair<std::string, std::string>> all;
    for (broker::property& each : broker::parse_properties(text)) {
        all.emplace_back(std::move(each.key), std::move(each.value));
    }
    return all;
}

result<client::property_list> connection_properties(const kafka_tool_options& from) {
    client::property_list properties;
    properties.emplace_back("client.id", "logboom");
    if (!from.command_config.empty()) {
        LB_TRY(const auto given, read_properties(from.command_config));
        for (const auto& [name, value] : given) {
            LB_CHECK(add_java_property(name, value, properties));
        }
    }
    for (const std::string& each : from.command_properties) {
        LB_TRY(const auto property, split_property(each));
        LB_CHECK(add_java_property(property.first, property.second, properties));
    }
    // The option wins, as in Kafka's tools, but where nobody has given it.
    const bool is_default = from.bootstrap_server == kafka_tool_options().bootstrap_server;
    if (!is_default || client::find_property(properties, "bootstrap.servers").empty()) {
        properties.emplace_back("bootstrap.servers", from.bootstrap_server);
    }
    return properties;
}

result<client::admin> connect(const kafka_tool_options& from, std::string_view command) {
    LB_TRY(client::property_list properties, connection_properties(from));
    return client::admin::connect(
        std::move(properties),
        std::chrono::milliseconds(from.limit_ms),
        [command = std::string(command)](const std::string& what) { say_waiting(command, what); }
    );
}

void say(std::string_view command, std::string_view sentence) {
    fmt::print(stderr, "logboom {}: {}\n", command, without_secrets(sentence));
}

void say_waiting(std::string_view command, std::string_view cause) {
    say(command, "waiting: " + std::string(cause));
}

std::string offline_text(const std::string& topic, partition_id partition) {
    return fmt::format("{}-{} has no leader: it is offline", topic, partition.value());
}

exit_code fail(std::string_view command, const error& why) {
    say(command, why.text());
    const bool is_misuse = why == error(client::errc::bad_address) ||
                           why == error(client::errc::bad_argument) ||
                           why == error(client::errc::bad_property);
    return is_misuse ? exit_code::bad_usage : exit_code::failed;
}

exit_code misuse(std::string_view command, std::string_view sentence) {
    say(command, sentence);
    return exit_code::bad_usage;
}

} // namespace logboom::cli
