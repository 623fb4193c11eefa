// The shapes in which Kafka's own tools print topics, groups and offsets: people cut columns out of
// them. Pure: descriptions in, text out.
#pragma once

#include "buffer/client/admin.h"

#include <optional>
#include <string>
#include <vector>

namespace logboom::cli {

/// kafka-topics.sh --describe of one topic. `configs`: those that are not the default.
std::string topic_text(
    const client::topic_description& topic, const std::vector<client::topic_config>& configs
);
/// Its first line alone.
std::string topic_line(
    const client::topic_description& topic, const std::vector<client::topic_config>& configs
);
/// Its other lines.
std::string partitions_text(const client::topic_description& topic);
std::string topic_json(
    const client::topic_description& topic, const std::vector<client::topic_config>& configs
);

struct group_row {
    std::string group;
    topic_partition at;
    offset current{-1};
    offset end{-1};
    std::string consumer_id = "-";
    std::string host = "-";
    std::string client_id = "-";
};
/// kafka-consumer-groups.sh --describe; begins with the empty line the tool prints.
std::string group_text(const std::vector<group_row>& rows);
std::string group_json(const std::vector<group_row>& rows);
/// ... --describe --members.
std::string members_text(const client::group_description& group, bool verbose);
/// ... --list --state: names and states.
std::string states_text(const std::vector<std::pair<std::string, std::string>>& groups);
/// ... --describe --state.
std::string state_text(const std::vector<client::group_description>& groups);
/// ... --reset-offsets.
std::string reset_text(const std::string& group, const std::vector<client::partition_offset>& to);
/// ... --reset-offsets --export: topic,partition,offset lines.
std::string reset_csv(const std::vector<client::partition_offset>& to);

} // namespace logboom::cli
