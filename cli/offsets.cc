// `logboom offsets`: stands in for Kafka's GetOffsetShell.
#include "buffer/client/admin.h"
#include "buffer/client/errc.h"
#include "buffer/client/reset_offsets.h"
#include "cli/commands.h"
#include "cli/kafka_tool.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace logboom::cli {
namespace {

struct offsets_options : kafka_tool_options {
    std::string topic;
    std::string partitions;
    std::string topic_partitions;
    int wait_ms = 0;
    std::string time = "-1";
    bool exclude_internal = false;
};

constexpr const char* offsets_command = "offsets";
constexpr std::int64_t time_latest = -1;
constexpr std::int64_t time_earliest = -2;
/// Of the record with the greatest timestamp.
constexpr std::int64_t time_newest = -3;

std::optional<std::int64_t> parse_time(std::string_view text) {
    if (text == "latest") {
        return time_latest;
    }
    if (text == "earliest") {
        return time_earliest;
    }
    if (text == "max-timestamp") {
        return time_newest;
    }
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || end != text.data() + text.size() || number < time_newest) {
        const auto date = client::parse_reset_time(text);
        return date ? std::optional(date->value()) : std::nullopt;
    }
    return number;
}

void print(const client::partition_offset& found, bool json, output& out) {
    const std::string number =
        found.offset == no_offset ? "" : std::to_string(found.offset.value());
    out.print(
        json ? fmt::format(
                   R"({{"topic":"{}","partition":{},"offset":{}}})"
                   "\n",
                   found.at.topic,
                   found.at.partition.value(),
                   number.empty() ? "null" : number
               )
             : fmt::format("{}:{}:{}\n", found.at.topic, found.at.partition.value(), number)
    );
}

/// Partitions as the options choose them.
struct partition_choice {
    std::vector<partition_id> ids;
    std::optional<client::partition_patterns> patterns;

    bool has(const topic_partition& at) const {
        return (ids.empty() || std::find(ids.begin(), ids.end(), at.partition) != ids.end()) &&
               (!patterns || patterns->matches(at));
    }
};

result<partition_choice> read_choice(const offsets_options& options) {
    partition_choice choice;
    if (!options.partitions.empty()) {
        LB_TRY(auto parsed, client::parse_topic_choice("x:" + options.partitions));
        choice.ids = std::move(parsed.partitions);
    }
    if (!options.topic_partitions.empty()) {
        LB_TRY(choice.patterns, client::partition_patterns::parse(options.topic_partitions));
    }
    return choice;
}

result<std::vector<client::partition_offset>>
find(client::admin& cluster, const std::vector<topic_partition>& wanted, std::int64_t time) {
    if (time >= 0) {
        return cluster.offsets_at(wanted, timestamp_ms(time));
    }
    if (time == time_newest) {
        return cluster.newest(wanted);
    }
    std::vector<client::partition_offset> found;
    for (const topic_partition& at : wanted) {
        LB_TRY(const client::admin::range range, cluster.log_range(at));
        found.push_back({at, time == time_earliest ? range.first : range.end});
    }
    return found;
}

/// Whether there was an answer for all partitions that were asked for, and for one at least.
result<bool> list(
    client::admin& cluster,
    const offsets_options& options,
    const partition_choice& choice,
    std::int64_t time,
    output& out
) {
    LB_TRY(const auto topics, cluster.topics(options.topic));
    std::vector<topic_partition> wanted;
    bool is_whole = true;
    for (const client::topic_description& topic : topics) {
        if (options.exclude_internal && is_internal_topic(topic.name)) {
            continue;
        }
        for (const client::partition_description& each : topic.partitions) {
            const topic_partition at{topic.name, each.id};
            if (choice.has(at) && each.leader.value() >= 0) {
                wanted.push_back(at);
            } else if (choice.has(at)) {
                say(offsets_command, offline_text(topic.name, each.id));
                is_whole = false;
            }
        }
    }
    if (wanted.empty() && is_whole) {
        say(offsets_command, "there is no partition that the options choose");
        return false;
    }
    LB_TRY(const auto found, find(cluster, wanted, time));
    for (const client::partition_offset& each : found) {
        print(each, options.json, out);
    }
    return is_whole;
}

exit_code run(const offsets_options& options, output& out) {
    if (options.time == "-4" || options.time == "-5" || options.time == "earliest-local" ||
        options.time == "latest-tiered") {
        return misuse(
            offsets_command,
            "--time " + options.time +
                " asks about tiered storage, which this client does not see; without it -2 is the "
                "earliest"
        );
    }
    const auto time = parse_time(options.time);
    if (!time) {
        return misuse(
            offsets_command,
            "--time is -1 (latest), -2 (earliest), -3 (max-timestamp), milliseconds or a date"
        );
    }
    if (!options.topic_partitions.empty() &&
        (!options.topic.empty() || !options.partitions.empty())) {
        return misuse(
            offsets_command, "--topic-partitions takes the place of --topic and --partitions"
        );
    }
    const auto choice = read_choice(options);
    if (choice.has_error()) {
        return misuse(offsets_command, choice.error().text());
    }
    auto cluster = connect(options, offsets_command);
    if (cluster.has_error()) {
        return fail(offsets_command, cluster.error());
    }
    const auto done = list(*cluster, options, *choice, *time, out);
    if (done.has_error()) {
        return fail(offsets_command, done.error());
    }
    return *done ? exit_code::done : exit_code::failed;
}

constexpr refused_option offsets_refused[] = {
    {"--offsets", "one offset of each partition is printed; use --time"},
    {"--version", "logboom version prints it"},
};

} // namespace

void add_offsets(command_line program) {
    auto options = std::make_shared<offsets_options>();
    command_line command =
        program.add_command(offsets_command, "Print topic:partition:offset by time");
    add_kafka_options(command, *options);
    command.add_option("--topic", options->topic, "only this topic");
    command.add_option("--partitions", options->partitions, "only these, separated by commas");
    command
        .add_option(
            "--time",
            options->time,
            "-1 or latest, -2 or earliest, -3 or max-timestamp, milliseconds since 1970, or a date"
        )
        .show_default();
    command.add_flag(
        "--exclude-internal-topics", options->exclude_internal, "leave Kafka's own out"
    );
    command.add_option(
        "--topic-partitions",
        options->topic_partitions,
        "patterns such as logs-.*:0,app:1-3,:2; instead of --topic and --partitions"
    );
    command.add_option(
        "--max-wait-ms", options->wait_ms, "accepted; an answer may take ten seconds"
    );
    command.add_flag("--json", options->json, "print JSON");
    command.refuse(offsets_refused);
    command.when_chosen([options](output& out) { return run(*options, out); });
}

} // namespace logboom::cli
