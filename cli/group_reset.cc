#include "cli/group_reset.h"

#include "buffer/client/errc.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <map>
#include <set>

namespace logboom::cli {
namespace {

using client::partition_offset;

result<void> check_inactive(client::admin& cluster, const std::string& group) {
    const auto described = cluster.group(group);
    if (described.has_error()) {
        // A group that does not exist is given offsets, and so comes into being.
        return described.error() == error(client::errc::no_such_group) ? result<void>()
                                                                       : described.error();
    }
    if (described->state != "Empty") {
        return error(
            client::errc::group_is_active, "group '" + group + "' (" + described->state + ")"
        );
    }
    return {};
}

result<std::set<topic_partition>> chosen_partitions(
    client::admin& cluster,
    const reset_request& request,
    const std::map<topic_partition, offset>& committed
) {
    std::set<topic_partition> all;
    if (request.all_topics) {
        for (const auto& [at, current] : committed) {
            all.insert(at);
        }
        return all;
    }
    for (const std::string& text : request.topics) {
        LB_TRY(const client::topic_choice choice, client::parse_topic_choice(text));
        LB_TRY(const auto topics, cluster.topics(choice.topic));
        const auto& partitions = topics.front().partitions;
        for (const client::partition_description& each : partitions) {
            if (choice.partitions.empty()) {
                all.insert({choice.topic, each.id});
            }
        }
        for (const partition_id each : choice.partitions) {
            const bool exists =
                std::any_of(partitions.begin(), partitions.end(), [&](const auto& known) {
                    return known.id == each;
                });
            if (!exists) {
                return error(client::errc::bad_reset_target, "\"" + text + "\"");
            }
            all.insert({choice.topic, each});
        }
    }
    return all;
}

result<std::vector<partition_offset>>
plan_from_file(client::admin& cluster, const reset_request& request) {
    LB_TRY(auto rows, client::parse_reset_file(*request.file, request.group));
    for (partition_offset& row : rows) {
        LB_TRY(const client::admin::range range, cluster.log_range(row.at));
        const client::reset_facts facts{row.at, no_offset, range.first, range.end, no_offset};
        row.offset = *client::reset_to({client::reset_kind::to_offset, row.offset.value()}, facts);
    }
    return rows;
}

} // namespace

result<std::vector<partition_offset>>
plan_reset(client::admin& cluster, const reset_request& request) {
    LB_CHECK(check_inactive(cluster, request.group));
    if (request.file) {
        return plan_from_file(cluster, request);
    }
    LB_TRY(const auto listed, cluster.committed(request.group));
    std::map<topic_partition, offset> committed;
    for (const partition_offset& each : listed) {
        committed.emplace(each.at, each.offset);
    }
    LB_TRY(const auto chosen, chosen_partitions(cluster, request, committed));
    const std::vector<topic_partition> partitions(chosen.begin(), chosen.end());
    std::map<topic_partition, offset> at_time;
    if (request.goal.kind == client::reset_kind::to_time && !partitions.empty()) {
        LB_TRY(const auto found, cluster.offsets_at(partitions, request.when));
        for (const partition_offset& each : found) {
            at_time.emplace(each.at, each.offset);
        }
    }
    std::vector<partition_offset> plan;
    for (const topic_partition& at : partitions) {
        LB_TRY(const client::admin::range range, cluster.log_range(at));
        client::reset_facts facts{at, no_offset, range.first, range.end, no_offset};
        if (const auto found = committed.find(at); found != committed.end()) {
            facts.current = found->second;
        }
        if (const auto found = at_time.find(at); found != at_time.end()) {
            facts.at_time = found->second;
        }
        const auto to = client::reset_to(request.goal, facts);
        if (!to) {
            return error(
                client::errc::nothing_to_shift,
                at.topic + "-" + std::to_string(at.partition.value())
            );
        }
        plan.push_back({at, *to});
    }
    return plan;
}

} // namespace logboom::cli
