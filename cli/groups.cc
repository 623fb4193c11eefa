// `logboom groups`: stands in for kafka-consumer-groups.sh.
#include "base/env.h"
#include "buffer/client/admin.h"
#include "buffer/client/errc.h"
#include "cli/commands.h"
#include "cli/group_reset.h"
#include "cli/kafka_text.h"
#include "cli/kafka_tool.h"
#include "event/json_writer.h"

#include <cstdio>
#include <map>
#include <memory>

namespace logboom::cli {
namespace {

struct groups_options : kafka_tool_options {
    std::vector<std::string> groups;
    bool all_groups = false;
    bool list = false;
    bool describe = false;
    bool remove = false;
    bool reset = false;
    bool members = false;
    bool state = false;
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
constexpr std::size_t file_size_max = std::size_t{64} << 20U;

result<std::vector<std::string>>
chosen_groups(client::admin& cluster, const groups_options& options) {
    return options.all_groups ? cluster.groups() : result<std::vector<std::string>>(options.groups);
}

result<void> list(client::admin& cluster, const groups_options& options) {
    LB_TRY(const auto names, cluster.groups());
    std::string json;
    for (const std::string& each : names) {
        if (options.json) {
            json += json.empty() ? "" : ",";
            append_json_string(each, json);
        } else if (options.state) {
            LB_TRY(const client::group_description group, cluster.group(each));
            std::printf("%-25s %s\n", each.c_str(), group.state.c_str());
        } else {
            std::printf("%s\n", each.c_str());
        }
    }
    if (options.json) {
        std::printf("[%s]\n", json.c_str());
    }
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

result<void> describe(client::admin& cluster, const groups_options& options) {
    LB_TRY(const auto names, chosen_groups(cluster, options));
    std::vector<client::group_description> described;
    for (const std::string& each : names) {
        LB_TRY(client::group_description group, cluster.group(each));
        described.push_back(std::move(group));
    }
    if (options.state) {
        std::fputs(state_text(described).c_str(), stdout);
        return {};
    }
    for (const client::group_description& group : described) {
        say_state(group);
        if (options.members) {
            std::fputs(members_text(group, options.verbose).c_str(), stdout);
            continue;
        }
        LB_TRY(const auto rows, rows_of(cluster, group));
        if (options.json) {
            std::fputs(group_json(rows).c_str(), stdout);
        } else if (!rows.empty()) {
            std::fputs(group_text(rows).c_str(), stdout);
        }
    }
    return {};
}

result<void> remove(client::admin& cluster, const groups_options& options) {
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
        std::printf("Deletion of requested consumer groups ('%s') was successful.\n", each.c_str());
    }
    return outcome;
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
        into.when = real_clock().wall_ms() - span->count();
    }
    return {};
}

result<void>
reset(client::admin& cluster, const groups_options& options, const reset_request& request) {
    LB_TRY(const auto plan, plan_reset(cluster, request));
    if (options.execute && !plan.empty()) {
        LB_CHECK(cluster.set_committed(request.group, plan));
    }
    const std::string text = options.do_export ? reset_csv(plan) : reset_text(request.group, plan);
    std::fputs(text.c_str(), stdout);
    if (!options.execute && !options.dry_run && !options.do_export) {
        std::fprintf(stderr, "Nothing was changed: --execute does it.\n");
    }
    return {};
}

exit_code run_reset(const groups_options& options) {
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
    auto cluster = connect(options);
    if (cluster.has_error()) {
        return fail(groups_command, cluster.error());
    }
    const auto done = reset(*cluster, options, request);
    return done.has_error() ? fail(groups_command, done.error()) : exit_code::done;
}

exit_code run(const groups_options& options) {
    if (options.list + options.describe + options.remove + options.reset != 1) {
        return misuse(
            groups_command, "give exactly one of --list, --describe, --delete, --reset-offsets"
        );
    }
    if (options.reset) {
        return run_reset(options);
    }
    if ((options.describe || options.remove) && options.groups.empty() && !options.all_groups) {
        return misuse(groups_command, "--group or --all-groups is missing");
    }
    auto cluster = connect(options);
    if (cluster.has_error()) {
        return fail(groups_command, cluster.error());
    }
    const auto done = options.list       ? list(*cluster, options)
                      : options.describe ? describe(*cluster, options)
                                         : remove(*cluster, options);
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
    command.add_flag("--state", options->state, "--describe, --list: the state");
    command.add_flag("--offsets", options->offsets, "--describe: offsets (so it is by default)");
    command.add_flag("--verbose", options->verbose, "--members: with their partitions");
    command.add_flag("--json", options->json, "print JSON");
    add_reset_options(command, *options);
    command.when_chosen([options] { return run(*options); });
}

} // namespace logboom::cli
