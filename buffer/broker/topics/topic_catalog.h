// The topics of this broker: names, ids, partitions, configuration, and where their logs are. What
// is written down goes through metadata_store (Kafka's znode paths and values); the catalog is the
// snapshot that handlers read. Owned by the server; on the loop.
#pragma once

#include "buffer/broker/config/topic_settings.h"
#include "buffer/broker/topics/metadata_store.h"
#include "buffer/broker/topics/partition.h"
#include "codecs/kafka/error_code.h"
#include "net/event_loop.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace logboom::broker {

struct broker_config;

struct topic_state {
    std::string name;
    uuid id;
    bool internal = false;
    /// Index = partition.
    std::vector<std::shared_ptr<partition>> partitions;
    /// What the topic's owner set; the rest is the broker's default.
    topic_config overrides;

    /// nullptr when there is none of this number.
    [[nodiscard]] partition* find(partition_id number) const {
        return number.value() >= 0 && std::cmp_less(number.value(), partitions.size())
                   ? partitions[static_cast<std::size_t>(number.value())].get()
                   : nullptr;
    }
};

struct new_topic {
    std::string name;
    /// -1: the broker's default.
    std::int32_t partitions = -1;
    std::int16_t replication_factor = -1;
    topic_config overrides;
};

/// What a client is told: Kafka's code and a sentence.
struct topic_refusal {
    kafka::error_code code = kafka::error_code::none;
    std::string message;
};

class topic_catalog {
  public:
    using created = std::function<void(topic_refusal, const topic_state*)>;
    using deleted = std::function<void(topic_refusal)>;

    virtual ~topic_catalog() = default;

    /// nullptr when there is none. Valid until the topic is deleted, which happens on the loop.
    [[nodiscard]] virtual const topic_state* find(std::string_view name) const = 0;
    [[nodiscard]] virtual const topic_state* find(const uuid& id) const = 0;
    [[nodiscard]] virtual const std::map<std::string, topic_state, std::less<>>& all() const = 0;
    /// nullptr when the topic or partition does not exist.
    [[nodiscard]] partition* find(const topic_partition& name) const {
        const topic_state* const topic = find(name.topic);
        return topic == nullptr ? nullptr : topic->find(name.partition);
    }

    /// All of Kafka's checks without doing anything.
    [[nodiscard]] virtual topic_refusal check(const new_topic& topic) const = 0;
    /// `done` is called on the loop when the topic is durable, or with topic_already_exists (and
    /// the topic) when somebody was first.
    virtual void create(new_topic topic, created done) = 0;
    virtual void remove(std::string name, deleted done) = 0;
    virtual void add_partitions(std::string name, std::int32_t count, deleted done) = 0;
    virtual void set_overrides(std::string name, topic_config overrides, deleted done) = 0;
    /// `call` with each topic that is deleted, right before it and its logs go.
    virtual void on_deleted(std::function<void(const topic_state& topic)> call) = 0;
};

} // namespace logboom::broker
