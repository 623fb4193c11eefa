// Groups and offsets, for the tools.
#include "buffer/client/admin.h"
#include "buffer/client/errc.h"

#include <algorithm>
#include <limits>

namespace logboom::client {
namespace {

std::string quoted(const std::string& group) {
    return "group '" + group + "'";
}

result<void> outcome(const rd_kafka_group_result_t** results, std::size_t count) {
    if (count != 1) {
        return error(errc::no_broker);
    }
    const rd_kafka_error_t* failed = rd_kafka_group_result_error(results[0]);
    const std::string name = quoted(rd_kafka_group_result_name(results[0]));
    if (failed != nullptr) {
        const rd_kafka_resp_err_t code = rd_kafka_error_code(failed);
        if (code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) {
            return error(errc::no_such_group, name);
        }
        return kafka_error(code, name, rd_kafka_error_string(failed));
    }
    const rd_kafka_topic_partition_list_t* list = rd_kafka_group_result_partitions(results[0]);
    for (int i = 0; list != nullptr && i < list->cnt; ++i) {
        if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return kafka_error(
                list->elems[i].err,
                name + ", " + list->elems[i].topic + "-" + std::to_string(list->elems[i].partition)
            );
        }
    }
    return {};
}

group_member describe_member(const rd_kafka_MemberDescription_t* from) {
    const auto text = [](const char* given) { return std::string(given == nullptr ? "" : given); };
    group_member made;
    made.id = text(rd_kafka_MemberDescription_consumer_id(from));
    made.instance_id = text(rd_kafka_MemberDescription_group_instance_id(from));
    made.client_id = text(rd_kafka_MemberDescription_client_id(from));
    made.host = text(rd_kafka_MemberDescription_host(from));
    const rd_kafka_MemberAssignment_t* assigned = rd_kafka_MemberDescription_assignment(from);
    const rd_kafka_topic_partition_list_t* list =
        assigned == nullptr ? nullptr : rd_kafka_MemberAssignment_partitions(assigned);
    for (int i = 0; list != nullptr && i < list->cnt; ++i) {
        made.partitions.push_back({list->elems[i].topic, partition_id(list->elems[i].partition)});
    }
    std::sort(made.partitions.begin(), made.partitions.end());
    return made;
}

/// Kafka's spelling; librdkafka's own has no spaces either but other capitals.
std::string state_name(rd_kafka_consumer_group_state_t state) {
    switch (state) {
    case RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE:
        return "PreparingRebalance";
    case RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE:
        return "CompletingRebalance";
    case RD_KAFKA_CONSUMER_GROUP_STATE_STABLE:
        return "Stable";
    case RD_KAFKA_CONSUMER_GROUP_STATE_DEAD:
        return "Dead";
    case RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY:
        return "Empty";
    default:
        return "Unknown";
    }
}

} // namespace

result<std::vector<std::string>> admin::groups() {
    LB_TRY(
        const event_handle event,
        call(
            RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS,
            [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                rd_kafka_ListConsumerGroups(client_.get(), options, queue);
            }
        )
    );
    const auto* listed = rd_kafka_event_ListConsumerGroups_result(event.get());
    // Each broker is asked for its own groups: an answer that is missing makes the list a lie.
    std::size_t failures = 0;
    const auto** failed = rd_kafka_ListConsumerGroups_result_errors(listed, &failures);
    if (failures > 0) {
        return failure(rd_kafka_error_code(failed[0]), "groups", rd_kafka_error_string(failed[0]));
    }
    std::size_t count = 0;
    const auto** valid = rd_kafka_ListConsumerGroups_result_valid(listed, &count);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) {
        names.emplace_back(rd_kafka_ConsumerGroupListing_group_id(valid[i]));
    }
    std::sort(names.begin(), names.end());
    return names;
}

result<group_description> admin::group(const std::string& name) {
    LB_TRY(
        const event_handle event,
        call(
            RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
            [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                const char* one = name.c_str();
                rd_kafka_DescribeConsumerGroups(client_.get(), &one, 1, options, queue);
            }
        )
    );
    std::size_t count = 0;
    const auto** described = rd_kafka_DescribeConsumerGroups_result_groups(
        rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count
    );
    if (count != 1) {
        return no_answer();
    }
    if (const auto* failed = rd_kafka_ConsumerGroupDescription_error(described[0])) {
        return failure(rd_kafka_error_code(failed), quoted(name), rd_kafka_error_string(failed));
    }
    group_description made;
    made.name = name;
    made.state = state_name(rd_kafka_ConsumerGroupDescription_state(described[0]));
    const char* assignor = rd_kafka_ConsumerGroupDescription_partition_assignor(described[0]);
    made.assignor = assignor == nullptr ? "" : assignor;
    if (const auto* node = rd_kafka_ConsumerGroupDescription_coordinator(described[0])) {
        made.coordinator = std::string(rd_kafka_Node_host(node)) + ":" +
                           std::to_string(rd_kafka_Node_port(node)) + "  (" +
                           std::to_string(rd_kafka_Node_id(node)) + ")";
    }
    for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(described[0]); ++i) {
        made.members.push_back(
            describe_member(rd_kafka_ConsumerGroupDescription_member(described[0], i))
        );
    }
    if (made.state == "Dead") {
        return error(errc::no_such_group, quoted(name));
    }
    return made;
}

result<void> admin::remove_group(const std::string& name) {
    rd_kafka_DeleteGroup_t* one = rd_kafka_DeleteGroup_new(name.c_str());
    auto event = call(
        RD_KAFKA_ADMIN_OP_DELETEGROUPS,
        [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
            rd_kafka_DeleteGroups(client_.get(), &one, 1, options, queue);
        }
    );
    rd_kafka_DeleteGroup_destroy(one);
    LB_TRY(const event_handle done, std::move(event));
    std::size_t count = 0;
    const auto* results = rd_kafka_event_DeleteGroups_result(done.get());
    return outcome(rd_kafka_DeleteGroups_result_groups(results, &count), count);
}

result<std::vector<partition_offset>> admin::committed(const std::string& group) {
    rd_kafka_ListConsumerGroupOffsets_t* one =
        rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr);
    auto event = call(
        RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
        [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
            rd_kafka_ListConsumerGroupOffsets(client_.get(), &one, 1, options, queue);
        }
    );
    rd_kafka_ListConsumerGroupOffsets_destroy(one);
    LB_TRY(const event_handle done, std::move(event));
    std::size_t count = 0;
    const auto** results = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(done.get()), &count
    );
    LB_CHECK(outcome(results, count));
    std::vector<partition_offset> all;
    const auto* list = rd_kafka_group_result_partitions(results[0]);
    for (int i = 0; list != nullptr && i < list->cnt; ++i) {
        const rd_kafka_topic_partition_t& each = list->elems[i];
        if (each.offset >= 0) {
            all.push_back({{each.topic, partition_id(each.partition)}, offset(each.offset)});
        }
    }
    std::sort(all.begin(), all.end(), [](const auto& left, const auto& right) {
        return left.at < right.at;
    });
    return all;
}

result<void>
admin::remove_committed(const std::string& group, std::span<const topic_partition> partitions) {
    const partition_list list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))
    );
    for (const topic_partition& at : partitions) {
        rd_kafka_topic_partition_list_add(list.get(), at.topic.c_str(), at.partition.value());
    }
    rd_kafka_DeleteConsumerGroupOffsets_t* one =
        rd_kafka_DeleteConsumerGroupOffsets_new(group.c_str(), list.get());
    auto event = call(
        RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS,
        [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
            rd_kafka_DeleteConsumerGroupOffsets(client_.get(), &one, 1, options, queue);
        }
    );
    rd_kafka_DeleteConsumerGroupOffsets_destroy(one);
    LB_TRY(const event_handle done, std::move(event));
    std::size_t count = 0;
    const auto* results = rd_kafka_event_DeleteConsumerGroupOffsets_result(done.get());
    return outcome(rd_kafka_DeleteConsumerGroupOffsets_result_groups(results, &count), count);
}

result<void>
admin::set_committed(const std::string& group, const std::vector<partition_offset>& to) {
    const partition_list list(rd_kafka_topic_partition_list_new(static_cast<int>(to.size())));
    for (const partition_offset& each : to) {
        rd_kafka_topic_partition_list_add(
            list.get(), each.at.topic.c_str(), each.at.partition.value()
        )
            ->offset = each.offset.value();
    }
    rd_kafka_AlterConsumerGroupOffsets_t* one =
        rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), list.get());
    auto event = call(
        RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS,
        [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
            rd_kafka_AlterConsumerGroupOffsets(client_.get(), &one, 1, options, queue);
        }
    );
    rd_kafka_AlterConsumerGroupOffsets_destroy(one);
    LB_TRY(const event_handle done, std::move(event));
    std::size_t count = 0;
    const auto* results = rd_kafka_event_AlterConsumerGroupOffsets_result(done.get());
    return outcome(rd_kafka_AlterConsumerGroupOffsets_result_groups(results, &count), count);
}

result<admin::range> admin::log_range(const topic_partition& of) {
    const call_watch::call timed(*watch_);
    std::int64_t low = -1;
    std::int64_t high = -1;
    const auto code = rd_kafka_query_watermark_offsets(
        client_.get(), of.topic.c_str(), of.partition.value(), &low, &high, limit_ms()
    );
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return failure(code, of.topic + "-" + std::to_string(of.partition.value()));
    }
    return range{offset(low), offset(high)};
}

result<std::vector<partition_offset>>
admin::offsets_at(std::span<const topic_partition> of, timestamp_ms when) {
    const partition_list list(rd_kafka_topic_partition_list_new(static_cast<int>(of.size())));
    for (const topic_partition& at : of) {
        rd_kafka_topic_partition_list_add(list.get(), at.topic.c_str(), at.partition.value())
            ->offset = when.value();
    }
    return ask_offsets(*list);
}

result<std::vector<partition_offset>> admin::ask_offsets(rd_kafka_topic_partition_list_t& times) {
    const call_watch::call timed(*watch_);
    const auto code = rd_kafka_offsets_for_times(client_.get(), &times, limit_ms());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return failure(code, "offsets by time");
    }
    std::vector<partition_offset> all;
    for (int i = 0; i < times.cnt; ++i) {
        const rd_kafka_topic_partition_t& each = times.elems[i];
        const topic_partition at{each.topic, partition_id(each.partition)};
        if (each.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return failure(each.err, at.topic + "-" + std::to_string(each.partition));
        }
        all.push_back({at, offset(std::max<std::int64_t>(each.offset, -1))});
    }
    return all;
}

// The request that asks for it by name is younger than librdkafka 2.0. Halving the time in which
// the newest record can lie finds it with any broker.
result<std::vector<partition_offset>> admin::newest(std::span<const topic_partition> of) {
    struct search {
        std::int64_t low = 0;
        std::int64_t high = std::numeric_limits<std::int64_t>::max() - 1;
        logboom::offset found{-1};
    };
    std::vector<search> searches(of.size());
    for (bool goes_on = !of.empty(); goes_on;) {
        const partition_list list(rd_kafka_topic_partition_list_new(static_cast<int>(of.size())));
        for (std::size_t i = 0; i < of.size(); ++i) {
            const search& each = searches[i];
            rd_kafka_topic_partition_list_add(
                list.get(), of[i].topic.c_str(), of[i].partition.value()
            )
                ->offset = each.low + (each.high - each.low) / 2;
        }
        LB_TRY(const auto answers, ask_offsets(*list));
        goes_on = false;
        for (std::size_t i = 0; i < of.size(); ++i) {
            search& each = searches[i];
            const std::int64_t middle = each.low + (each.high - each.low) / 2;
            if (each.low > each.high) {
                continue;
            }
            if (answers[i].offset == no_offset) {
                each.high = middle - 1;
            } else {
                each.found = answers[i].offset;
                each.low = middle + 1;
            }
            goes_on = goes_on || each.low <= each.high;
        }
    }
    std::vector<partition_offset> all;
    for (std::size_t i = 0; i < of.size(); ++i) {
        all.push_back({of[i], searches[i].found});
    }
    return all;
}

} // namespace logboom::client
