// `logboom groups`: stands in for kafka-consumer-groups.sh.
#include "base/env.h"
#include "buffer/client/admin.h"
#include "buffer/client/errc.h"
#include "cli/commands.h"
#include "cli/group_reset.h"
#include "cli/kafka_text.h"
#include "cli/kafka_tool.h"
#include "event/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <strings.h>

namespace logboom::cli {
namespace {

struct groups_options : kafka_tool_options {
    std::vector<std::string> groups;
    bool all_groups = false;
    bool list = false;
    bool describe = false;
    bool remove = false;
    bool reset = false;
    bool remove_offsets = false;
    bool members = false;
    /// "any", or the states that --list shows.
    std::string state;
    bool all_kinds = false;
    bool offsets = false;
    bool verbose = false;
    std::vector<std::string> topics;
    bool all_topics = false;
    bool to_earliest = false;
    bool to_latest = false;
    bool to_current = false;
    std::string to_offset;
    std::string to_datetime;
    std::string by_duration;
    std::string shift_by;
    std::string from_file;
    bool dry_run = false;
    bool execute = false;
    bool do_export = false;
};

constexpr const char* groups_command = "groups";
constexpr const char* any_state = "any";
constexpr std::size_t file_size_max = std::size_t{64} << 20U;

result<std::vector<std::string>>
chosen_groups(client::admin& cluster, const groups_options& options) {
    return options.all_groups ? cluster.groups() : result<std::vector<std::string>>(options.groups);
}

/// Whether `state` is one of "Stable,Empty"; as Kafka's tool does it, in any case of letters.
bool is_chosen_state(const std::string& state, std::string_view chosen) {
    if (chosen == any_state) {
        return true;
    }
    while (!chosen.empty()) {
        const std::string_view one = chosen.substr(0, chosen.find(','));
        if (one.size() == state.size() && strncasecmp(one.data(), state.data(), one.size()) == 0) {
            return true;
        }
        chosen.remove_prefix(std::min(one.size() + 1, chosen.size()));
    }
    return false;
}

result<void> list(client::admin& cluster, const groups_options& options, output& out) {
    LB_TRY(const auto names, cluster.groups());
    std::string json;
    std::string plain;
    std::vector<std::pair<std::string, std::string>> states;
    for (const std::string& each : names) {
        if (!options.state.empty()) {
            LB_TRY(const client::group_description group, cluster.group(each));
            if (!is_chosen_state(group.state, options.state)) {
                continue;
            }
            states.emplace_back(each, group.state);
        }
        json += json.empty() ? "" : ",";
        append_json_string(each, json);
        plain += each + "\n";
    }
    out.print(
        options.json            ? "[" + json + "]\n"
        : options.state.empty() ? plain
                                : states_text(states)
    );
    return {};
}

result<std::vector<group_row>>
rows_of(client::admin& cluster, const client::group_description& group) {
    std::map<topic_partition, group_row> rows;
    LB_TRY(const auto committed, cluster.committed(group.name));
    for (const client::partition_offset& each : committed) {
        group_row row;
        row.current = each.offset;
        rows.emplace(each.at, row);
    }
    for (const client::group_member& member : group.members) {
        for (const topic_partition& at : member.partitions) {
            group_row& row = rows[at];
            row.consumer_id = member.id;
            row.host = member.host;
            row.client_id = member.client_id;
        }
    }
    std::vector<group_row> all;
    for (auto& [at, row] : rows) {
        row.group = group.name;
        row.at = at;
        // The topic may have been deleted since.
        if (const auto range = cluster.log_range(at); range.has_value()) {
            row.end = range->end;
        }
        all.push_back(row);
    }
    return all;
}

void say_state(const client::group_description& group) {
    if (group.state == "Empty") {
        std::fprintf(stderr, "\nConsumer group '%s' has no active members.\n", group.name.c_str());
    } else if (group.state != "Stable") {
        std::fprintf(
            stderr, "\nWarning: Consumer group '%s' is rebalancing.\n", group.name.c_str()
        );
    }
}

result<void> describe(client::admin& cluster, const groups_options& options, output& out) {
    LB_TRY(const auto names, chosen_groups(cluster, options));
    std::vector<client::group_description> described;
    for (const std::string& each : names) {
        LB_TRY(client::group_description group, cluster.group(each));
        described.push_back(std::move(group));
    }
    if (!options.state.empty()) {
        out.print(state_text(described));
        return {};
    }
    for (const client::group_description& group : described) {
        say_state(group);
        if (options.members) {
            out.print(members_text(group, options.verbose));
            continue;
        }
        LB_TRY(const auto rows, rows_of(cluster, group));
        if (options.json) {
            out.print(group_json(rows));
        } else if (!rows.empty()) {
            out.print(group_text(rows));
        }
    }
    return {};
}

result<void> remove(client::admin& cluster, const groups_options& options, output& out) {
    LB_TRY(const auto names, chosen_groups(cluster, options));
    result<void> outcome;
    for (const std::string& each : names) {
        if (auto removed = cluster.remove_group(each); removed.has_error()) {
            // One that is in use is no reason to leave the others.
            if (outcome.has_error()) {
                static_cast<void>(fail(groups_command, outcome.error()));
            }
            outcome = removed;
            continue;
        }
        out.print("Deletion of requested consumer groups ('" + each + "') was successful.\n");
    }
    return outcome;
}

result<void> remove_offsets(client::admin& cluster, const groups_options& options, output& out) {
    const std::string& group = options.groups.front();
    LB_TRY(const auto committed, cluster.committed(group));
    for (const std::string& text : options.topics) {
        LB_TRY(const client::topic_choice choice, client::parse_topic_choice(text));
        std::vector<topic_partition> gone;
        for (const client::partition_offset& each : committed) {
            const bool is_chosen =
                choice.partitions.empty() ||
                std::find(choice.partitions.begin(), choice.partitions.end(), each.at.partition) !=
                    choice.partitions.end();
            if (each.at.topic == choice.topic && is_chosen) {
                gone.push_back(each.at);
            }
        }
        if (gone.empty()) {
            return error(
                client::errc::no_such_offset, "group '" + group + "', topic '" + text + "'"
            );
        }
        LB_CHECK(cluster.remove_committed(group, gone));
        std::string table = fmt::format("\n{:<30} {:<15} {:<15}\n", "TOPIC", "PARTITION", "STATUS");
        for (const topic_partition& each : gone) {
            table += fmt::format(
                "{:<30} {:<15} {:<15}\n", each.topic, each.partition.value(), "Successful"
            );
        }
        out.print(
            "Request succeed for deleting offsets with topic " + choice.topic + " group " + group +
            "\n" + table
        );
    }
    return {};
}

/// Text to number without exceptions; false when it is none.
bool number_of(const std::string& text, std::int64_t& into) {
    char* end = nullptr;
    errno = 0;
    into = std::strtoll(text.c_str(), &end, 10);
    return !text.empty() && *end == '\0' && errno == 0;
}

/// The goal that the options name; a sentence when they name none, or two.
std::string read_goal(const groups_options& options, reset_request& into) {
    const int goals = options.to_earliest + options.to_latest + options.to_current +
                      !options.to_offset.empty() + !options.to_datetime.empty() +
                      !options.by_duration.empty() + !options.shift_by.empty() +
                      !options.from_file.empty();
    if (goals != 1) {
        return "--reset-offsets needs exactly one of --to-earliest, --to-latest, --to-current, "
               "--to-offset, --to-datetime, --by-duration, --shift-by, --from-file";
    }
    using client::reset_kind;
    client::reset_goal& goal = into.goal;
    if (options.to_earliest || options.to_latest || options.to_current) {
        goal.kind = options.to_earliest ? reset_kind::earliest
                    : options.to_latest ? reset_kind::latest
                                        : reset_kind::current;
    } else if (!options.to_offset.empty() || !options.shift_by.empty()) {
        goal.kind = options.shift_by.empty() ? reset_kind::to_offset : reset_kind::shift_by;
        const std::string& text = options.shift_by.empty() ? options.to_offset : options.shift_by;
        if (!number_of(text, goal.number)) {
            return "\"" + text + "\" is no whole number";
        }
    } else if (!options.to_datetime.empty()) {
        goal.kind = reset_kind::to_time;
        const auto when = client::parse_reset_time(options.to_datetime);
        if (!when) {
            return "--to-datetime is written YYYY-MM-DDTHH:mm:SS.sss, with Z or +hh:mm if not UTC";
        }
        into.when = *when;
    } else if (!options.by_duration.empty()) {
        goal.kind = reset_kind::to_time;
        const auto span = client::parse_iso_duration(options.by_duration);
        if (!span) {
            return "--by-duration is written PnDTnHnMnS, as in P7D or PT1H30M";
        }
        // Below zero a time would have another meaning.
        into.when = std::max(real_clock().wall_ms() - span->count(), timestamp_ms(0));
    }
    return {};
}

result<void> reset(
    client::admin& cluster, const groups_options& options, const reset_request& request, output& out
) {
    LB_TRY(const auto plan, plan_reset(cluster, request));
    if (options.execute && !plan.empty()) {
        LB_CHECK(cluster.set_committed(request.group, plan));
    }
    out.print(options.do_export ? reset_csv(plan) : reset_text(request.group, plan));
    if (!options.execute && !options.dry_run && !options.do_export) {
        std::fprintf(stderr, "Nothing was changed: --execute does it.\n");
    }
    return {};
}

exit_code run_reset(const groups_options& options, output& out) {
    reset_request request;
    if (options.groups.size() != 1 || options.all_groups) {
        return misuse(groups_command, "--reset-offsets needs one --group");
    }
    if (options.execute && options.dry_run) {
        return misuse(groups_command, "give --dry-run or --execute, not both");
    }
    request.group = options.groups.front();
    request.topics = options.topics;
    request.all_topics = options.all_topics;
    if (const std::string wrong = read_goal(options, request); !wrong.empty()) {
        return misuse(groups_command, wrong);
    }
    if (options.from_file.empty() && options.all_topics == !options.topics.empty()) {
        return misuse(groups_command, "--reset-offsets needs --all-topics, or one --topic or more");
    }
    if (!options.from_file.empty()) {
        auto text = read_file(*make_posix_env(), options.from_file, file_size_max);
        if (text.has_error()) {
            return fail(groups_command, text.error());
        }
        request.file = *std::move(text);
    }
    auto cluster = connect(options, groups_command);
    if (cluster.has_error()) {
        return fail(groups_command, cluster.error());
    }
    const auto done = reset(*cluster, options, request, out);
    return done.has_error() ? fail(groups_command, done.error()) : exit_code::done;
}

exit_code run(const groups_options& options, output& out) {
    if (options.list + options.describe + options.remove + options.reset + options.remove_offsets !=
        1) {
        return misuse(
            groups_command,
            "give exactly one of --list, --describe, --delete, --reset-offsets, --delete-offsets"
        );
    }
    if (options.reset) {
        return run_reset(options, out);
    }
    if (options.remove_offsets && (options.groups.size() != 1 || options.topics.empty())) {
        return misuse(groups_command, "--delete-offsets needs one --group, and --topic");
    }
    if ((options.describe || options.remove) && options.groups.empty() && !options.all_groups) {
        return misuse(groups_command, "--group or --all-groups is missing");
    }
    auto cluster = connect(options, groups_command);
    if (cluster.has_error()) {
        return fail(groups_command, cluster.error());
    }
    const auto done = options.list       ? list(*cluster, options, out)
                      : options.describe ? describe(*cluster, options, out)
                      : options.remove   ? remove(*cluster, options, out)
                                         : remove_offsets(*cluster, options, out);
    return done.has_error() ? fail(groups_command, done.error()) : exit_code::done;
}

void add_reset_options(command_line command, groups_options& options) {
    command.add_option("--topic", options.topics, "topic, or topic:0,1 for some partitions");
    command.add_flag("--all-topics", options.all_topics, "every topic the group has offsets of");
    command.add_flag("--to-earliest", options.to_earliest, "to the first record");
    command.add_flag("--to-latest", options.to_latest, "behind the last record");
    command.add_flag("--to-current", options.to_current, "to where the group stands");
    command.add_option("--to-offset", options.to_offset, "to this offset");
    command.add_option(
        "--to-datetime", options.to_datetime, "to the first record of YYYY-MM-DDTHH:mm:SS.sss"
    );
    command.add_option(
        "--by-duration", options.by_duration, "to the first record of the last PnDTnHnMnS"
    );
    command.add_option("--shift-by", options.shift_by, "forward, or backward if negative");
    command.add_option("--from-file", options.from_file, "to what --export has written");
    command.add_flag(
        "--dry-run", options.dry_run, "only print the new offsets (so it is by default)"
    );
    command.add_flag("--execute", options.execute, "change them");
    command.add_flag("--export", options.do_export, "print topic,partition,offset lines");
}

constexpr refused_option groups_refused[] = {
    {"--zookeeper", "groups are the broker's, not ZooKeeper's; use --bootstrap-server"},
    {"--type", "only classic consumer groups are listed; leave it out"},
    {"--validate-regex", "it checks patterns of KIP-848 groups, which need no check here"},
    {"--version", "logboom version prints it"},
};

} // namespace

void add_groups(command_line program) {
    auto options = std::make_shared<groups_options>();
    command_line command =
        program.add_command(groups_command, "List, describe, delete and reset consumer groups");
    add_kafka_options(command, *options);
    command.add_option("--group", options->groups, "the group");
    command.add_flag("--all-groups", options->all_groups, "every group");
    command.add_flag("--list", options->list, "print the names of all groups");
    command.add_flag("--describe", options->describe, "print offsets and lag");
    command.add_flag("--delete", options->remove, "delete a group without members");
    command.add_flag("--reset-offsets", options->reset, "move the group's offsets");
    command.add_flag("--members", options->members, "--describe: the members instead");
    command
        .add_option(
            "--state",
            options->state,
            "--describe, --list: the state; --list: only groups in these states (Stable,Empty)"
        )
        .value_may_be_missing(any_state);
    command.add_flag("--offsets", options->offsets, "--describe: offsets (so it is by default)");
    command.add_flag("--verbose", options->verbose, "--members: with their partitions");
    command.add_flag(
        "--delete-offsets", options->remove_offsets, "forget the group's offsets of --topic"
    );
    command.add_option("--timeout", options->limit_ms, "milliseconds that an answer may take")
        .in_range(1, 600000);
    command.add_flag(
        "--new-consumer", options->all_kinds, "accepted; every consumer is new by now"
    );
    command.add_flag("--json", options->json, "print JSON");
    add_reset_options(command, *options);
    command.refuse(groups_refused);
    command.when_chosen([options](output& out) { return run(*options, out); });
}

} // namespace logboom::cli
