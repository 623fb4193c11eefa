// `logboom topics`: stands in for kafka-topics.sh.
#include "buffer/client/admin.h"
#include "buffer/client/errc.h"
#include "buffer/client/producer.h"
#include "cli/commands.h"
#include "cli/kafka_text.h"
#include "cli/kafka_tool.h"
#include "event/json_writer.h"

#include <librdkafka/rdkafka.h>

#include <cstdio>
#include <memory>

namespace logboom::cli {
namespace {

struct topics_options : kafka_tool_options {
    bool create = false;
    bool remove = false;
    bool list = false;
    bool describe = false;
    bool alter = false;
    std::string topic;
    int partitions = -1;
    int replication_factor = -1;
    std::vector<std::string> configs;
    std::vector<std::string> delete_configs;
    bool if_not_exists = false;
    bool if_exists = false;
    bool exclude_internal = false;
};

constexpr const char* topics_command = "topics";

bool is_internal(const std::string& topic) {
    return topic == "__consumer_offsets" || topic == "__transaction_state";
}

result<std::map<std::string, std::string>> config_map(const topics_options& options) {
    std::map<std::string, std::string> all;
    for (const std::string& each : options.configs) {
        LB_TRY(auto property, split_property(each));
        all.insert(std::move(property));
    }
    return all;
}

result<void> create(client::admin& cluster, const topics_options& options) {
    client::new_topic topic;
    topic.name = options.topic;
    topic.partitions = options.partitions;
    topic.replication_factor = options.replication_factor;
    LB_TRY(topic.configs, config_map(options));
    if (const auto done = cluster.create(topic); done.has_error()) {
        if (options.if_not_exists &&
            client::is_kafka_error(done.error(), RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)) {
            return {};
        }
        return done.error();
    }
    std::printf("Created topic %s.\n", options.topic.c_str());
    return {};
}

result<void> list(client::admin& cluster, const topics_options& options) {
    LB_TRY(const auto topics, cluster.topics());
    std::string names;
    for (const client::topic_description& each : topics) {
        if ((options.exclude_internal && is_internal(each.name)) ||
            (!options.topic.empty() && options.topic != each.name)) {
            continue;
        }
        if (!options.json) {
            std::printf("%s\n", each.name.c_str());
            continue;
        }
        names += names.empty() ? "" : ",";
        append_json_string(each.name, names);
    }
    if (options.json) {
        std::printf("[%s]\n", names.c_str());
    }
    return {};
}

result<void> describe(client::admin& cluster, const topics_options& options) {
    LB_TRY(const auto topics, cluster.topics(options.topic));
    for (const client::topic_description& each : topics) {
        if (options.exclude_internal && is_internal(each.name)) {
            continue;
        }
        // A topic may be described by those who may not read its configuration.
        const auto configs = cluster.configs(each.name);
        const auto known = configs.has_value() ? *configs : std::vector<client::topic_config>{};
        const std::string text = options.json ? topic_json(each, known) : topic_text(each, known);
        std::fputs(text.c_str(), stdout);
    }
    return {};
}

result<void> alter(client::admin& cluster, const topics_options& options) {
    LB_CHECK(cluster.topics(options.topic));
    if (options.partitions > 0) {
        LB_CHECK(cluster.add_partitions(options.topic, options.partitions));
    }
    if (!options.configs.empty() || !options.delete_configs.empty()) {
        LB_TRY(const auto configs, config_map(options));
        LB_CHECK(cluster.change_configs(options.topic, configs, options.delete_configs));
    }
    return {};
}

exit_code run(const topics_options& options) {
    const int actions =
        options.create + options.remove + options.list + options.describe + options.alter;
    if (actions != 1) {
        return misuse(
            topics_command, "give exactly one of --create, --delete, --list, --describe, --alter"
        );
    }
    const bool needs_topic = options.create || options.remove || options.alter;
    if (needs_topic && options.topic.empty()) {
        return misuse(topics_command, "--topic is missing");
    }
    if (options.create && !client::is_topic_name(options.topic)) {
        return misuse(
            topics_command,
            "a topic's name has 1 to 249 of a-z A-Z 0-9 . _ - and is neither . nor .."
        );
    }
    if (options.alter && options.partitions < 1 && options.configs.empty() &&
        options.delete_configs.empty()) {
        return misuse(topics_command, "--alter needs --partitions, --config or --delete-config");
    }
    auto cluster = connect(options);
    if (cluster.has_error()) {
        return fail(topics_command, cluster.error());
    }
    const auto done = options.create     ? create(*cluster, options)
                      : options.list     ? list(*cluster, options)
                      : options.describe ? describe(*cluster, options)
                      : options.alter    ? alter(*cluster, options)
                                         : cluster->remove(options.topic);
    if (done.has_error()) {
        const bool may_be_missing =
            options.if_exists && (options.remove || options.alter || options.describe);
        if (may_be_missing && done.error() == error(client::errc::no_such_topic)) {
            return exit_code::done;
        }
        return fail(topics_command, done.error());
    }
    return exit_code::done;
}

} // namespace

void add_topics(command_line program) {
    auto options = std::make_shared<topics_options>();
    command_line command =
        program.add_command(topics_command, "Create, delete, list, describe and alter topics");
    add_kafka_options(command, *options);
    command.add_flag("--create", options->create, "make a topic");
    command.add_flag("--delete", options->remove, "delete a topic");
    command.add_flag("--list", options->list, "print the names of all topics");
    command.add_flag("--describe", options->describe, "print partitions, leaders and replicas");
    command.add_flag("--alter", options->alter, "add partitions or change configurations");
    command.add_option("--topic", options->topic, "the topic's name");
    command.add_option("--partitions", options->partitions, "how many it shall have")
        .in_range(1, 100000);
    command
        .add_option("--replication-factor", options->replication_factor, "copies of each partition")
        .in_range(1, 1000);
    command.add_option(
        "--config", options->configs, "name=value, as in Kafka's topic configurations"
    );
    command.add_option("--delete-config", options->delete_configs, "a configuration to give up");
    command.add_flag(
        "--if-not-exists", options->if_not_exists, "--create: an existing topic is no error"
    );
    command.add_flag(
        "--if-exists",
        options->if_exists,
        "--delete, --alter, --describe: a missing topic is no error"
    );
    command.add_flag(
        "--exclude-internal", options->exclude_internal, "leave Kafka's own topics out"
    );
    command.add_flag("--json", options->json, "print JSON");
    command.when_chosen([options] { return run(*options); });
}

} // namespace logboom::cli
