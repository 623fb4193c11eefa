// `logboom topics`: stands in for kafka-topics.sh.
#include "buffer/client/admin.h"
#include "buffer/client/errc.h"
#include "buffer/client/producer.h"
#include "cli/commands.h"
#include "cli/kafka_text.h"
#include "cli/kafka_tool.h"
#include "event/json_writer.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <cstdlib>
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
    bool under_replicated = false;
    bool unavailable = false;
    bool under_min_isr = false;
    bool at_min_isr = false;
    bool with_overrides = false;
    bool force = false;
};

constexpr const char* topics_command = "topics";

result<std::map<std::string, std::string>> config_map(const topics_options& options) {
    std::map<std::string, std::string> all;
    for (const std::string& each : options.configs) {
        LB_TRY(auto property, split_property(each));
        all.insert(std::move(property));
    }
    return all;
}

result<void> create(client::admin& cluster, const topics_options& options, output& out) {
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
    out.print("Created topic " + options.topic + ".\n");
    return {};
}

result<void> list(client::admin& cluster, const topics_options& options, output& out) {
    LB_TRY(const auto topics, cluster.topics());
    std::string names;
    for (const client::topic_description& each : topics) {
        if ((options.exclude_internal && is_internal_topic(each.name)) ||
            (!options.topic.empty() && options.topic != each.name)) {
            continue;
        }
        if (!options.json) {
            out.print(each.name + "\n");
            continue;
        }
        names += names.empty() ? "" : ",";
        append_json_string(each.name, names);
    }
    if (options.json) {
        out.print("[" + names + "]\n");
    }
    return {};
}

/// min.insync.replicas of the topic; 1 when it may not be read.
std::size_t min_in_sync(const std::vector<client::topic_config>& configs) {
    for (const client::topic_config& each : configs) {
        if (each.name == "min.insync.replicas") {
            return static_cast<std::size_t>(std::strtoull(each.value.c_str(), nullptr, 10));
        }
    }
    return 1;
}

bool asks_for_trouble(const topics_options& options) {
    return options.under_replicated || options.unavailable || options.under_min_isr ||
           options.at_min_isr;
}

bool is_asked_for(
    const client::partition_description& partition,
    const topics_options& options,
    std::size_t in_sync_min
) {
    const std::size_t in_sync = partition.in_sync.size();
    return (options.under_replicated && in_sync < partition.replicas.size()) ||
           (options.unavailable && partition.leader.value() < 0) ||
           (options.under_min_isr && in_sync < in_sync_min) ||
           (options.at_min_isr && in_sync == in_sync_min);
}

result<void> describe(client::admin& cluster, const topics_options& options, output& out) {
    LB_TRY(auto topics, cluster.topics(options.topic));
    for (client::topic_description& each : topics) {
        if (options.exclude_internal && is_internal_topic(each.name)) {
            continue;
        }
        // A topic may be described by those who may not read its configuration.
        const auto configs = cluster.configs(each.name);
        const auto known = configs.has_value() ? *configs : std::vector<client::topic_config>{};
        if (asks_for_trouble(options)) {
            std::erase_if(each.partitions, [&](const client::partition_description& partition) {
                return !is_asked_for(partition, options, min_in_sync(known));
            });
            // As Kafka's tool does it: the partitions alone, without the topic's own line.
            out.print(
                !options.json             ? partitions_text(each)
                : each.partitions.empty() ? std::string()
                                          : topic_json(each, known)
            );
            continue;
        }
        const bool has_overrides =
            std::any_of(known.begin(), known.end(), [](const client::topic_config& one) {
                return one.is_own && !one.is_read_only;
            });
        if (options.with_overrides) {
            out.print(
                !has_overrides ? std::string()
                : options.json ? topic_json(each, known)
                               : topic_line(each, known)
            );
            continue;
        }
        out.print(options.json ? topic_json(each, known) : topic_text(each, known));
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

exit_code run(const topics_options& options, output& out) {
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
    auto cluster = connect(options, topics_command);
    if (cluster.has_error()) {
        return fail(topics_command, cluster.error());
    }
    const auto done = options.create     ? create(*cluster, options, out)
                      : options.list     ? list(*cluster, options, out)
                      : options.describe ? describe(*cluster, options, out)
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

constexpr refused_option topics_refused[] = {
    {"--zookeeper", "topics are the broker's, not ZooKeeper's; use --bootstrap-server"},
    {"--topic-id,--topic-ids", "a topic is named with --topic; --describe prints its id"},
    {"--replica-assignment",
     "brokers place the replicas themselves; use --partitions and --replication-factor"},
    {"--disable-rack-aware", "it went to ZooKeeper; brokers place the replicas themselves"},
    {"--partition-size-limit-per-response", "answers are never cut; leave it out"},
    {"--version", "logboom version prints it"},
};

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
    command.add_flag(
        "--under-replicated-partitions",
        options->under_replicated,
        "--describe: only partitions with a replica that is not in sync"
    );
    command.add_flag(
        "--unavailable-partitions",
        options->unavailable,
        "--describe: only partitions without a leader"
    );
    command.add_flag(
        "--under-min-isr-partitions",
        options->under_min_isr,
        "--describe: only partitions with fewer replicas in sync than min.insync.replicas"
    );
    command.add_flag(
        "--at-min-isr-partitions",
        options->at_min_isr,
        "--describe: only partitions with just as many in sync as min.insync.replicas"
    );
    command.add_flag(
        "--topics-with-overrides",
        options->with_overrides,
        "--describe: only topics with configurations of their own"
    );
    command.add_flag("--force", options->force, "accepted; nothing is asked here");
    command.refuse(topics_refused);
    command.when_chosen([options](output& out) { return run(*options, out); });
}

} // namespace logboom::cli
