// What the command line tools ask of a cluster: topics, their configurations, groups and offsets.
// Blocking calls on one librdkafka client, each bounded by the limit given to connect(); an error
// names the topic or group and says the broker's own reason. One thread.
#pragma once

#include "base/ids.h"
#include "buffer/client/admin_call.h"
#include "buffer/client/assignment.h"
#include "buffer/client/call_watch.h"
#include "buffer/client/handle.h"

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace logboom::client {

struct partition_description {
    partition_id id;
    broker_id leader{-1};
    std::vector<std::int32_t> replicas;
    std::vector<std::int32_t> in_sync;
};
struct topic_description {
    std::string name;
    std::vector<partition_description> partitions;
};
struct new_topic {
    std::string name;
    /// -1: the broker's default.
    int partitions = -1;
    int replication_factor = -1;
    std::map<std::string, std::string> configs;
};
struct topic_config {
    std::string name;
    std::string value;
    bool is_default = true;
    /// Set on the topic itself, not inherited from the broker.
    bool is_own = false;
    bool is_read_only = false;
};
struct group_member {
    std::string id;
    std::string instance_id;
    std::string client_id;
    std::string host;
    std::vector<topic_partition> partitions;
};
struct group_description {
    std::string name;
    /// "Stable", "Empty", "Dead", ...
    std::string state;
    std::string assignor;
    std::string coordinator;
    std::vector<group_member> members;
};

class admin {
  public:
    /// Needs "bootstrap.servers" among `properties`. Fails with errc::unreachable at once when
    /// every broker refuses (the error says why), with errc::no_broker when none answers within
    /// `limit`. `notice` hears of each call, this and later ones, that waits for more than a
    /// second.
    static result<admin>
    connect(property_list properties, std::chrono::milliseconds limit, waiting_notice notice = {});

    /// All topics by name, or only the one; fails with errc::no_such_topic.
    result<std::vector<topic_description>> topics(const std::string& only = {});
    result<void> create(const new_topic& topic);
    result<void> remove(const std::string& topic);
    /// `total`: how many it shall have.
    result<void> add_partitions(const std::string& topic, int total);
    result<std::vector<topic_config>> configs(const std::string& topic);
    /// Sets some and removes some of the topic's own; the others stay.
    result<void> change_configs(
        const std::string& topic,
        const std::map<std::string, std::string>& set,
        const std::vector<std::string>& remove
    );

    result<std::vector<std::string>> groups();
    /// Fails with errc::no_such_group.
    result<group_description> group(const std::string& name);
    result<void> remove_group(const std::string& name);
    /// What the group has committed, by partition.
    result<std::vector<partition_offset>> committed(const std::string& group);
    /// Forgets what the group has committed there; not while it reads that topic.
    result<void>
    remove_committed(const std::string& group, std::span<const topic_partition> partitions);
    /// Only while the group has no members.
    result<void> set_committed(const std::string& group, const std::vector<partition_offset>& to);

    struct range {
        offset first{-1};
        offset end{-1};
    };
    result<range> log_range(const topic_partition& of);
    /// Of each partition the first record not older than `when`; -1 where there is none.
    result<std::vector<partition_offset>>
    offsets_at(std::span<const topic_partition> of, timestamp_ms when);
    /// Of each partition the first record with the greatest timestamp; -1 where there is none.
    result<std::vector<partition_offset>> newest(std::span<const topic_partition> of);

    [[nodiscard]] rd_kafka_t* handle() const noexcept { return client_.get(); }

  private:
    admin(std::chrono::milliseconds limit, std::string servers)
        : limit_(limit), servers_(std::move(servers)) {}

    result<void> wait_for_broker();
    /// One admin request and its answer; a failure names what the connection met.
    result<event_handle> call(rd_kafka_admin_op_t operation, const admin_request& request);
    /// Instead of offsets the list has times; the answers are in its order.
    result<std::vector<partition_offset>> ask_offsets(rd_kafka_topic_partition_list_t& times);
    /// For an answer that did not come.
    [[nodiscard]] error no_answer() const;
    /// For one that is an error, or that did not come: what the connection met when that is known.
    [[nodiscard]] error failure(
        rd_kafka_resp_err_t code, const std::string& subject, std::string_view reason = {}
    ) const;
    [[nodiscard]] int limit_ms() const { return static_cast<int>(limit_.count()); }

    std::unique_ptr<connection_trouble> trouble_ = std::make_unique<connection_trouble>();
    client_handle client_;
    std::unique_ptr<call_watch> watch_;
    std::chrono::milliseconds limit_;
    std::string servers_;
};

} // namespace logboom::client
