// `logboom offsets`: stands in for Kafka's GetOffsetShell.
#include "buffer/client/admin.h"
#include "buffer/client/errc.h"
#include "buffer/client/reset_offsets.h"
#include "cli/commands.h"
#include "cli/kafka_tool.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>

namespace logboom::cli {
namespace {

struct offsets_options : kafka_tool_options {
    std::string topic;
    std::string partitions;
    std::string time = "-1";
    bool exclude_internal = false;
};

constexpr const char* offsets_command = "offsets";
constexpr std::int64_t time_latest = -1;
constexpr std::int64_t time_earliest = -2;

std::optional<std::int64_t> parse_time(std::string_view text) {
    if (text == "latest") {
        return time_latest;
    }
    if (text == "earliest") {
        return time_earliest;
    }
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || end != text.data() + text.size() || number < time_earliest) {
        const auto date = client::parse_reset_time(text);
        return date ? std::optional(date->value()) : std::nullopt;
    }
    return number;
}

void print(const topic_partition& at, offset found, bool json) {
    const std::string number = found == no_offset ? "" : std::to_string(found.value());
    if (json) {
        std::printf(
            "{\"topic\":\"%s\",\"partition\":%d,\"offset\":%s}\n",
            at.topic.c_str(),
            at.partition.value(),
            number.empty() ? "null" : number.c_str()
        );
    } else {
        std::printf("%s:%d:%s\n", at.topic.c_str(), at.partition.value(), number.c_str());
    }
}

result<void> list(client::admin& cluster, const offsets_options& options, std::int64_t time) {
    LB_TRY(const auto topics, cluster.topics(options.topic));
    std::vector<topic_partition> wanted;
    LB_TRY(
        const client::topic_choice chosen,
        client::parse_topic_choice(options.partitions.empty() ? "x" : "x:" + options.partitions)
    );
    for (const client::topic_description& topic : topics) {
        if (options.exclude_internal && topic.name.starts_with("__")) {
            continue;
        }
        for (const client::partition_description& each : topic.partitions) {
            const bool is_chosen =
                chosen.partitions.empty() ||
                std::find(chosen.partitions.begin(), chosen.partitions.end(), each.id) !=
                    chosen.partitions.end();
            if (is_chosen) {
                wanted.push_back({topic.name, each.id});
            }
        }
    }
    if (time >= 0) {
        LB_TRY(const auto found, cluster.offsets_at(wanted, timestamp_ms(time)));
        for (const client::partition_offset& each : found) {
            print(each.at, each.offset, options.json);
        }
        return {};
    }
    for (const topic_partition& at : wanted) {
        LB_TRY(const client::admin::range range, cluster.log_range(at));
        print(at, time == time_earliest ? range.first : range.end, options.json);
    }
    return {};
}

exit_code run(const offsets_options& options) {
    const auto time = parse_time(options.time);
    if (!time) {
        return misuse(
            offsets_command, "--time is -1 (latest), -2 (earliest), milliseconds or a date"
        );
    }
    auto cluster = connect(options);
    if (cluster.has_error()) {
        return fail(offsets_command, cluster.error());
    }
    const auto done = list(*cluster, options, *time);
    return done.has_error() ? fail(offsets_command, done.error()) : exit_code::done;
}

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
            "-1 or latest, -2 or earliest, milliseconds since 1970, or a date"
        )
        .show_default();
    command.add_flag(
        "--exclude-internal-topics", options->exclude_internal, "leave Kafka's own out"
    );
    command.add_flag("--json", options->json, "print JSON");
    command.when_chosen([options] { return run(*options); });
}

} // namespace logboom::cli
