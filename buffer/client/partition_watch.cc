// Partitions that stand still: what librdkafka's statistics say of each, and for how long.
#include "buffer/client/partition_watch.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <set>

namespace logboom::client {
namespace {

using json_value = rapidjson::Value;

std::int64_t number_of(const json_value& object, const char* name, std::int64_t missing) {
    const auto found = object.FindMember(name);
    return found != object.MemberEnd() && found->value.IsInt64() ? found->value.GetInt64()
                                                                 : missing;
}

std::string_view text_of(const json_value& object, const char* name) {
    const auto found = object.FindMember(name);
    return found != object.MemberEnd() && found->value.IsString()
               ? std::string_view(found->value.GetString(), found->value.GetStringLength())
               : std::string_view{};
}

/// The member, when it is an object; else an empty one.
const json_value& object_of(const json_value& object, const char* name) {
    static const json_value none(rapidjson::kObjectType);
    const auto found = object.FindMember(name);
    return found != object.MemberEnd() && found->value.IsObject() ? found->value : none;
}

struct leader_state {
    std::string address;
    bool is_connected = false;
};

std::map<std::int64_t, leader_state> leaders_of(const json_value& statistics) {
    std::map<std::int64_t, leader_state> all;
    for (const auto& [name, broker] : object_of(statistics, "brokers").GetObject()) {
        const std::int64_t id = broker.IsObject() ? number_of(broker, "nodeid", -1) : -1;
        if (id >= 0) {
            const std::string_view state = text_of(broker, "state");
            all[id] = {
                std::string(text_of(broker, "nodename")),
                state == "UP" || state == "UPDATE" || state == "REAUTH",
            };
        }
    }
    return all;
}

partition_state
state_of(const json_value& partition, const std::map<std::int64_t, leader_state>& leaders) {
    partition_state state;
    state.at.partition =
        partition_id(static_cast<std::int32_t>(number_of(partition, "partition", -1)));
    state.leader = static_cast<std::int32_t>(number_of(partition, "leader", -1));
    for (const char* queue : {"msgq_cnt", "xmit_msgq_cnt", "msgs_inflight"}) {
        state.waiting += number_of(partition, queue, 0);
    }
    const auto desired = partition.FindMember("desired");
    state.is_read = desired != partition.MemberEnd() && desired->value.IsTrue();
    if (const auto found = leaders.find(state.leader); found != leaders.end()) {
        state.address = found->second.address;
        state.is_connected = found->second.is_connected;
    }
    return state;
}

} // namespace

std::vector<partition_state> partition_states(std::string_view statistics) {
    rapidjson::Document parsed;
    parsed.Parse(statistics.data(), statistics.size());
    std::vector<partition_state> states;
    if (parsed.HasParseError() || !parsed.IsObject()) {
        return states;
    }
    const auto leaders = leaders_of(parsed);
    for (const auto& [name, topic] : object_of(parsed, "topics").GetObject()) {
        if (!topic.IsObject()) {
            continue;
        }
        for (const auto& [number, partition] : object_of(topic, "partitions").GetObject()) {
            if (!partition.IsObject()) {
                continue;
            }
            partition_state state = state_of(partition, leaders);
            if (state.waiting > 0 || state.is_read) {
                state.at.topic.assign(name.GetString(), name.GetStringLength());
                states.push_back(std::move(state));
            }
        }
    }
    return states;
}

void ask_for_statistics(property_list& properties, std::chrono::nanoseconds bearable) {
    constexpr const char* name = "statistics.interval.ms";
    if (find_property(properties, name).empty()) {
        const auto interval = std::chrono::ceil<std::chrono::milliseconds>(bearable / 3);
        properties.emplace_back(name, std::to_string(interval.count()));
    }
}

std::string cause_of_stall(const partition_state& state, const connection_trouble& trouble) {
    if (state.at.partition.value() < 0) {
        return "no broker has told of the topic yet";
    }
    if (state.leader < 0) {
        return "no leader: offline";
    }
    const std::string known = state.is_connected ? trouble.cause_of_partition(state.at)
                                                 : trouble.cause_of_broker(state.leader);
    if (!known.empty()) {
        return known;
    }
    return fmt::format(
        "{} (broker {}): {}",
        state.address,
        state.leader,
        state.is_connected ? "no answer" : "not connected"
    );
}

std::string names_of(std::span<const topic_partition> partitions) {
    constexpr std::size_t named_max = 5;
    std::string names;
    for (const topic_partition& at : partitions.first(std::min(partitions.size(), named_max))) {
        names += names.empty() ? "" : ", ";
        names += at.topic;
        if (at.partition.value() >= 0) {
            names += "-" + std::to_string(at.partition.value());
        }
    }
    if (partitions.size() > named_max) {
        names += " and " + std::to_string(partitions.size() - named_max) + " more";
    }
    return names;
}

void partition_watch::moved(const void* topic_key, const char* topic, std::int32_t partition) {
    const place where(topic_key, partition);
    if (where != last_moved_) {
        last_moved_ = where;
        if (!moved_.contains(where)) {
            moved_.emplace(where, topic_partition{topic, partition_id(partition)});
        }
    }
}

partition_watch::finding partition_watch::look(
    std::chrono::nanoseconds now,
    std::span<const partition_state> states,
    const connection_trouble& trouble
) {
    finding found;
    std::set<topic_partition> moved;
    for (auto& [where, at] : std::exchange(moved_, {})) {
        moved.insert(std::move(at));
    }
    last_moved_ = {nullptr, -1};
    is_suspicious_ = false;
    for (auto& [at, suspect] : suspects_) {
        suspect.is_standing = false;
    }
    for (const partition_state& state : states) {
        const bool is_cut_off = state.is_read && (state.leader < 0 || !state.is_connected);
        if (!is_cut_off && (state.waiting == 0 || moved.contains(state.at))) {
            continue;
        }
        suspect& known = suspects_.try_emplace(state.at, suspect{now}).first->second;
        known.is_standing = true;
        is_suspicious_ = is_suspicious_ || now - known.since >= bearable_ / 2;
        if (!known.was_found && now - known.since >= bearable_) {
            known.was_found = true;
            stall& same_cause = found.stalled[cause_of_stall(state, trouble)];
            same_cause.partitions.push_back(state.at);
            same_cause.waiting += state.waiting;
        }
    }
    std::erase_if(suspects_, [&](const auto& each) {
        if (!each.second.is_standing && each.second.was_found) {
            found.moving.push_back(each.first);
        }
        return !each.second.is_standing;
    });
    return found;
}

void partition_watch::forget() {
    suspects_.clear();
    moved_.clear();
    last_moved_ = {nullptr, -1};
    is_suspicious_ = false;
}

} // namespace logboom::client
