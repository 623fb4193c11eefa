// The columns, rows and JSON of Kafka's tools.
#include "cli/kafka_text.h"

#include "buffer/client/topic_ids.h"
#include "event/json_writer.h"

#include <fmt/format.h>

#include <algorithm>

namespace logboom::cli {
namespace {

std::string json_string(std::string_view text) {
    std::string out;
    append_json_string(text, out);
    return out;
}

std::string number_or_dash(offset value) {
    return value == no_offset ? "-" : std::to_string(value.value());
}

std::string lag_of(const group_row& row) {
    return row.current == no_offset || row.end == no_offset
               ? "-"
               : std::to_string(std::max<std::int64_t>(row.end - row.current, 0));
}

/// The tool's columns are as wide as the longest entry, and 15 at least.
template <class Rows, class Text>
std::size_t width_of(const Rows& rows, const Text& text) {
    constexpr std::size_t width_min = 15;
    std::size_t width = width_min;
    for (const auto& each : rows) {
        width = std::max(width, std::string_view(text(each)).size());
    }
    return width;
}

int replication_of(const client::topic_description& topic) {
    return topic.partitions.empty() ? 0
                                    : static_cast<int>(topic.partitions.front().replicas.size());
}

std::string id_of(const std::vector<client::topic_config>& configs) {
    const auto found = std::find_if(configs.begin(), configs.end(), [](const auto& each) {
        return each.name == client::topic_id_config;
    });
    return found == configs.end() ? "" : found->value;
}

std::string compact_assignment(const std::vector<topic_partition>& partitions) {
    std::string out;
    std::string last;
    for (const topic_partition& each : partitions) {
        if (each.topic != last) {
            out += out.empty() ? "" : "), ";
            out += each.topic + "(";
            last = each.topic;
        } else {
            out += ",";
        }
        out += std::to_string(each.partition.value());
    }
    return out.empty() ? "-" : out + ")";
}

} // namespace

std::string topic_text(
    const client::topic_description& topic, const std::vector<client::topic_config>& configs
) {
    return topic_line(topic, configs) + partitions_text(topic);
}

std::string topic_line(
    const client::topic_description& topic, const std::vector<client::topic_config>& configs
) {
    std::vector<std::string> shown;
    for (const client::topic_config& each : configs) {
        if (!each.is_default && !each.is_read_only) {
            shown.push_back(each.name + "=" + each.value);
        }
    }
    const std::string id = id_of(configs);
    return fmt::format(
        "Topic: {}{}\tPartitionCount: {}\tReplicationFactor: {}\tConfigs: {}\n",
        topic.name,
        id.empty() ? "" : "\tTopicId: " + id,
        topic.partitions.size(),
        replication_of(topic),
        fmt::join(shown, ",")
    );
}

std::string partitions_text(const client::topic_description& topic) {
    std::string out;
    for (const client::partition_description& each : topic.partitions) {
        out += fmt::format(
            "\tTopic: {}\tPartition: {}\tLeader: {}\tReplicas: {}\tIsr: {}\n",
            topic.name,
            each.id.value(),
            each.leader.value() < 0 ? "none" : std::to_string(each.leader.value()),
            fmt::join(each.replicas, ","),
            fmt::join(each.in_sync, ",")
        );
    }
    return out;
}

std::string topic_json(
    const client::topic_description& topic, const std::vector<client::topic_config>& configs
) {
    std::vector<std::string> partitions;
    for (const client::partition_description& each : topic.partitions) {
        partitions.push_back(fmt::format(
            R"({{"partition":{},"leader":{},"replicas":[{}],"isr":[{}]}})",
            each.id.value(),
            each.leader.value(),
            fmt::join(each.replicas, ","),
            fmt::join(each.in_sync, ",")
        ));
    }
    std::vector<std::string> shown;
    for (const client::topic_config& each : configs) {
        if (!each.is_default && !each.is_read_only) {
            shown.push_back(json_string(each.name) + ":" + json_string(each.value));
        }
    }
    return fmt::format(
        R"({{"topic":{},"topic_id":{},"partition_count":{},"replication_factor":{},"configs":{{{}}},"partitions":[{}]}})"
        "\n",
        json_string(topic.name),
        json_string(id_of(configs)),
        topic.partitions.size(),
        replication_of(topic),
        fmt::join(shown, ","),
        fmt::join(partitions, ",")
    );
}

std::string group_text(const std::vector<group_row>& rows) {
    const auto group = width_of(rows, [](const auto& row) { return row.group; });
    const auto topic = width_of(rows, [](const auto& row) { return row.at.topic; });
    const auto consumer = width_of(rows, [](const auto& row) { return row.consumer_id; });
    const auto host = width_of(rows, [](const auto& row) { return row.host; });
    const auto line = [&](const std::string& a, const std::string& b, const auto&... rest) {
        return fmt::format("\n{:<{}} {:<{}} ", a, group, b, topic) +
               [&](const std::string& partition,
                   const std::string& current,
                   const std::string& end,
                   const std::string& lag,
                   const std::string& id,
                   const std::string& where,
                   const std::string& name) {
                   return fmt::format(
                       "{:<10} {:<15} {:<15} {:<15} {:<{}} {:<{}} {}",
                       partition,
                       current,
                       end,
                       lag,
                       id,
                       consumer,
                       where,
                       host,
                       name
                   );
               }(rest...);
    };
    std::string out = line(
        "GROUP",
        "TOPIC",
        "PARTITION",
        "CURRENT-OFFSET",
        "LOG-END-OFFSET",
        "LAG",
        "CONSUMER-ID",
        "HOST",
        "CLIENT-ID"
    );
    for (const group_row& row : rows) {
        out += line(
            row.group,
            row.at.topic,
            std::to_string(row.at.partition.value()),
            number_or_dash(row.current),
            number_or_dash(row.end),
            lag_of(row),
            row.consumer_id,
            row.host,
            row.client_id
        );
    }
    return out + "\n";
}

std::string group_json(const std::vector<group_row>& rows) {
    const auto number = [](const std::string& text) { return text == "-" ? "null" : text; };
    const auto text = [](const std::string& given) {
        return given == "-" ? std::string("null") : json_string(given);
    };
    std::string out;
    for (const group_row& row : rows) {
        out += fmt::format(
            R"({{"group":{},"topic":{},"partition":{},"current_offset":{},"log_end_offset":{},"lag":{},"consumer_id":{},"host":{},"client_id":{}}})"
            "\n",
            json_string(row.group),
            json_string(row.at.topic),
            row.at.partition.value(),
            number(number_or_dash(row.current)),
            number(number_or_dash(row.end)),
            number(lag_of(row)),
            text(row.consumer_id),
            text(row.host),
            text(row.client_id)
        );
    }
    return out;
}

std::string members_text(const client::group_description& group, bool verbose) {
    const auto& all = group.members;
    const std::size_t name = std::max<std::size_t>(group.name.size(), 15);
    const auto consumer = width_of(all, [](const auto& each) { return each.id; });
    const auto host = width_of(all, [](const auto& each) { return each.host; });
    const auto client = width_of(all, [](const auto& each) { return each.client_id; });
    std::string out = fmt::format(
        "\n{:<{}} {:<{}} {:<{}} {:<{}} {:<15}{}",
        "GROUP",
        name,
        "CONSUMER-ID",
        consumer,
        "HOST",
        host,
        "CLIENT-ID",
        client,
        "#PARTITIONS",
        verbose ? " ASSIGNMENT" : ""
    );
    for (const client::group_member& each : all) {
        out += fmt::format(
            "\n{:<{}} {:<{}} {:<{}} {:<{}} {:<15}{}",
            group.name,
            name,
            each.id,
            consumer,
            each.host,
            host,
            each.client_id,
            client,
            each.partitions.size(),
            verbose ? " " + compact_assignment(each.partitions) : ""
        );
    }
    return out + "\n";
}

std::string states_text(const std::vector<std::pair<std::string, std::string>>& groups) {
    const auto name = width_of(groups, [](const auto& each) { return each.first; });
    std::string out = fmt::format("{:<{}} {}\n", "GROUP", name, "STATE");
    for (const auto& [group, state] : groups) {
        out += fmt::format("{:<{}} {}\n", group, name, state);
    }
    return out;
}

std::string state_text(const std::vector<client::group_description>& groups) {
    const auto name = width_of(groups, [](const auto& each) { return each.name; });
    const auto coordinator = std::max<std::size_t>(
        width_of(groups, [](const auto& each) { return each.coordinator; }), 25
    );
    const auto row = [&](const std::string& a,
                         const std::string& b,
                         const std::string& c,
                         const std::string& d,
                         const std::string& e) {
        return fmt::format("\n{:<{}} {:<{}} {:<25} {:<20} {}", a, name, b, coordinator, c, d, e);
    };
    std::string out = row("GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE", "#MEMBERS");
    for (const client::group_description& each : groups) {
        out +=
            row(each.name,
                each.coordinator,
                each.assignor.empty() ? "-" : each.assignor,
                each.state,
                std::to_string(each.members.size()));
    }
    return out + "\n";
}

std::string reset_text(const std::string& group, const std::vector<client::partition_offset>& to) {
    std::string out =
        fmt::format("\n{:<30} {:<30} {:<10} {:<15}", "GROUP", "TOPIC", "PARTITION", "NEW-OFFSET");
    for (const client::partition_offset& each : to) {
        out += fmt::format(
            "\n{:<30} {:<30} {:<10} {:<15}",
            group,
            each.at.topic,
            each.at.partition.value(),
            each.offset.value()
        );
    }
    return out + "\n";
}

std::string reset_csv(const std::vector<client::partition_offset>& to) {
    std::string out;
    for (const client::partition_offset& each : to) {
        out += fmt::format(
            "{},{},{}\n", each.at.topic, each.at.partition.value(), each.offset.value()
        );
    }
    return out;
}

} // namespace logboom::cli
