// Topics of a single node: loading and adopting them, and the changes, each of them written to the
// store before it is done.
#include "buffer/broker/topics/local_topic_catalog.h"

#include "buffer/broker/core/errc.h"

#include <fmt/format.h>

#include <algorithm>

namespace logboom::broker {
namespace {

using kafka::error_code;

/// More would be a mistake of the client; creating them would hold the loop for minutes.
constexpr std::int32_t partitions_per_topic_max = 100'000;

topic_refusal refusal_of(const result<void>& outcome) {
    if (outcome.has_value()) {
        return {};
    }
    return {error_code::kafka_storage_error, outcome.error().text()};
}

topic_refusal no_such_topic() {
    return {
        error_code::unknown_topic_or_partition, "This server does not host this topic-partition."};
}

/// Of the topic of this name, offline or not.
std::vector<topic_partition> partitions_of(const log::log_directory& in, const std::string& name) {
    std::vector<topic_partition> found;
    for (const auto& [at, log] : in.logs()) {
        if (at.topic == name) {
            found.push_back(at);
        }
    }
    for (const log::offline_partition& each : in.offline()) {
        if (each.partition.topic == name) {
            found.push_back(each.partition);
        }
    }
    return found;
}

} // namespace

local_topic_catalog::local_topic_catalog(
    const broker_config& config,
    metadata_store& store,
    std::vector<log::log_directory*> directories,
    logger messages
)
    : config_(config)
    , store_(store)
    , directories_(std::move(directories))
    , messages_(std::move(messages)) {}

void local_topic_catalog::load(std::function<void(result<void>)> done) {
    auto unfinished = store_.children("/admin/delete_topics");
    finish_deletions(std::move(unfinished), [this, done = std::move(done)](result<void> cleaned) {
        if (cleaned.has_error()) {
            done(cleaned);
            return;
        }
        std::vector<metadata_change> found = adoptions();
        if (found.empty()) {
            done(load_topics());
            return;
        }
        store_.commit(std::move(found), [this, done](const result<void>& written) {
            done(written.has_value() ? load_topics() : written);
        });
    });
}

void local_topic_catalog::finish_deletions(
    std::vector<std::string> names, std::function<void(result<void>)> done
) {
    std::vector<metadata_change> changes;
    for (const std::string& name : names) {
        remove_logs(name);
        for (const std::string& path :
             {topic_path(name), topic_config_path(name), topic_deletion_path(name)}) {
            if (store_.read(path)) {
                changes.push_back({metadata_change::kind::remove, path, "", -1});
            }
        }
    }
    if (changes.empty()) {
        done({});
        return;
    }
    store_.commit(std::move(changes), std::move(done));
}

topic_record local_topic_catalog::record_of(const uuid& id, std::size_t partitions) const {
    return {id, std::vector<std::vector<broker_id>>(partitions, {config_.node})};
}

std::vector<metadata_change> local_topic_catalog::adoptions() const {
    struct found_topic {
        uuid id;
        std::int32_t partitions = 0;
    };
    std::map<std::string, found_topic> found;
    for (const log::log_directory* directory : directories_) {
        for (const auto& [at, log] : directory->logs()) {
            found_topic& topic = found[at.topic];
            topic.partitions = std::max(topic.partitions, at.partition.value() + 1);
            const uuid id = directory->topic_id(at);
            topic.id = id.is_zero() ? topic.id : id;
        }
    }
    std::vector<metadata_change> changes;
    for (const auto& [name, topic] : found) {
        if (store_.read(topic_path(name)) || topic.partitions > partitions_per_topic_max) {
            continue;
        }
        const uuid id = topic.id.is_zero() ? uuid::random() : topic.id;
        messages_.info(
            "Found a topic on disk that was not known here, and adopted it. topic={} partitions={}",
            name,
            topic.partitions
        );
        const auto count = static_cast<std::size_t>(topic.partitions);
        changes.push_back(
            {metadata_change::kind::create, topic_path(name), encode_topic(record_of(id, count))}
        );
        // What Kafka had configured is not in its log directories. These two must not lose what is
        // older than retention.ms: committed offsets of quiet groups.
        if (is_internal_topic(name) && !store_.read(topic_config_path(name))) {
            changes.push_back(
                {metadata_change::kind::create,
                 topic_config_path(name),
                 encode_topic_config({{"cleanup.policy", "compact"}})}
            );
        }
    }
    return changes;
}

result<void> local_topic_catalog::load_topics() {
    for (const std::string& name : store_.children("/brokers/topics")) {
        LB_TRY(const topic_record record, decode_topic(store_.read(topic_path(name))->value));
        materialize(name, record);
    }
    return {};
}

topic_state& local_topic_catalog::materialize(const std::string& name, const topic_record& record) {
    topic_state& topic = topics_[name];
    topic.name = name;
    topic.id = record.id;
    topic.internal = is_internal_topic(name);
    if (const auto node = store_.read(topic_config_path(name))) {
        if (auto overrides = decode_topic_config(node->value); overrides.has_value()) {
            topic.overrides = *std::move(overrides);
        }
    }
    names_by_id_.insert_or_assign(topic.id, name);
    collisions_.emplace(collision_key(name), name);
    const log::log_config config = make_log_config(config_.topic_defaults, topic.overrides);
    for (std::size_t i = topic.partitions.size(); i < record.replicas.size(); ++i) {
        const topic_partition at{name, partition_id(static_cast<std::int32_t>(i))};
        topic.partitions.push_back(open_partition(at, topic));
        if (log::partition_log* log = topic.partitions.back()->log()) {
            log->configure(config);
            lead(*log);
        }
    }
    return topic;
}

/// Alone, this broker leads every partition: in the epoch that its log is in already.
void local_topic_catalog::lead(log::partition_log& log) const {
    const leader_epoch epoch = std::max(log.current_epoch(), leader_epoch(0));
    if (auto led = log.become_leader(epoch); led.has_error()) {
        messages_.error(
            "A partition cannot be led. directory={} error={}", log.directory(), led.error().text()
        );
    }
}

std::shared_ptr<partition>
local_topic_catalog::open_partition(const topic_partition& at, const topic_state& topic) {
    log::log_directory* emptiest = nullptr;
    for (log::log_directory* directory : directories_) {
        if (log::partition_log* log = directory->find(at)) {
            const uuid on_disk = directory->topic_id(at);
            if (!on_disk.is_zero() && on_disk != topic.id) {
                messages_.error(
                    "A partition on disk belongs to another topic of the same name; it stays "
                    "offline. topic={} partition={} id={} expected_id={}",
                    at.topic,
                    at.partition.value(),
                    on_disk.text(),
                    topic.id.text()
                );
                return std::make_shared<partition>(
                    at, *directory, "what is on disk belongs to another topic of the same name"
                );
            }
            return std::make_shared<partition>(at, *directory, *log);
        }
        for (const log::offline_partition& each : directory->offline()) {
            if (each.partition == at) {
                return std::make_shared<partition>(at, *directory, each.why.text());
            }
        }
        if (emptiest == nullptr || directory->logs().size() < emptiest->logs().size()) {
            emptiest = directory;
        }
    }
    const log::log_config config = make_log_config(config_.topic_defaults, topic.overrides);
    auto made = emptiest->create(at, topic.id, config);
    if (made.has_error()) {
        messages_.error(
            "The log of a partition cannot be created; it is offline. topic={} partition={} "
            "error={}",
            at.topic,
            at.partition.value(),
            made.error().text()
        );
        return std::make_shared<partition>(at, *emptiest, made.error().text());
    }
    return std::make_shared<partition>(at, *emptiest, **made);
}

const topic_state* local_topic_catalog::find(std::string_view name) const {
    const auto found = topics_.find(name);
    return found == topics_.end() ? nullptr : &found->second;
}

const topic_state* local_topic_catalog::find(const uuid& id) const {
    const auto found = names_by_id_.find(id);
    return found == names_by_id_.end() ? nullptr : find(found->second);
}

topic_refusal local_topic_catalog::check(const new_topic& topic) const {
    if (std::string wrong = check_topic_name(topic.name); !wrong.empty()) {
        return {error_code::invalid_topic, std::move(wrong)};
    }
    if (topics_.contains(topic.name)) {
        return {
            error_code::topic_already_exists,
            fmt::format("Topic '{}' already exists.", topic.name)};
    }
    if (const auto other = collisions_.find(collision_key(topic.name));
        other != collisions_.end()) {
        return {
            error_code::invalid_topic,
            fmt::format("Topic '{}' collides with existing topics: {}", topic.name, other->second)};
    }
    if (std::any_of(directories_.begin(), directories_.end(), [&](const auto* each) {
            return !partitions_of(*each, topic.name).empty();
        })) {
        // It could not be opened, or belongs to nobody. A creation that fails takes its logs away.
        return {
            error_code::kafka_storage_error,
            fmt::format("A log of topic '{}' is on disk and not in use.", topic.name)};
    }
    if (topic.partitions == 0 || topic.partitions < -1) {
        return {error_code::invalid_partitions, "Number of partitions must be larger than 0."};
    }
    if (topic.partitions > partitions_per_topic_max) {
        return {
            error_code::invalid_partitions,
            fmt::format("Number of partitions must not exceed {}.", partitions_per_topic_max)};
    }
    const std::int16_t replicas = topic.replication_factor == -1
                                      ? config_.default_replication_factor
                                      : topic.replication_factor;
    if (replicas <= 0) {
        return {
            error_code::invalid_replication_factor, "Replication factor must be larger than 0."};
    }
    if (replicas > 1) {
        return {
            error_code::invalid_replication_factor,
            fmt::format(
                "Unable to replicate the partition {} time(s): The target replication factor of {} "
                "cannot be reached because only 1 broker(s) are registered.",
                replicas,
                replicas
            )};
    }
    if (std::string wrong = check_overrides(topic.overrides); !wrong.empty()) {
        return {error_code::invalid_config, std::move(wrong)};
    }
    return {};
}

void local_topic_catalog::create(new_topic topic, created done) {
    if (const auto under_way = creating_.find(topic.name); under_way != creating_.end()) {
        under_way->second.push_back(std::move(done));
        return;
    }
    if (topic_refusal refused = check(topic); refused.code != error_code::none) {
        done(std::move(refused), find(topic.name));
        return;
    }
    const std::int32_t count = topic.partitions == -1 ? config_.num_partitions : topic.partitions;
    topic_record record = record_of(uuid::random(), static_cast<std::size_t>(count));
    std::vector<metadata_change> changes;
    changes.push_back({metadata_change::kind::create, topic_path(topic.name), encode_topic(record)}
    );
    if (!topic.overrides.empty()) {
        changes.push_back(
            {metadata_change::kind::create,
             topic_config_path(topic.name),
             encode_topic_config(topic.overrides)}
        );
    }
    creating_[topic.name];
    collisions_.emplace(collision_key(topic.name), topic.name);
    store_.commit(
        std::move(changes),
        [this, name = topic.name, record = std::move(record), done = std::move(done)](
            const result<void>& written
        ) {
            if (written.has_value()) {
                finish_create(name, record, done);
                return;
            }
            collisions_.erase(collision_key(name));
            const std::vector<created> others = std::move(creating_.extract(name).mapped());
            done(refusal_of(written), nullptr);
            for (const created& each : others) {
                each(refusal_of(written), nullptr);
            }
        }
    );
}

void local_topic_catalog::finish_create(
    const std::string& name, const topic_record& record, const created& done
) {
    const topic_state& topic = materialize(name, record);
    std::vector<created> others = std::move(creating_.extract(name).mapped());
    const auto has_log = [](const auto& each) { return each->log() != nullptr; };
    if (!std::all_of(topic.partitions.begin(), topic.partitions.end(), has_log)) {
        // Rather none than one that nobody can write to: the next try may find room.
        others.insert(others.begin(), done);
        remove(name, [others](const topic_refusal& /*outcome*/) {
            for (const created& each : others) {
                each(
                    {error_code::kafka_storage_error, "The log of a partition cannot be created."},
                    nullptr
                );
            }
        });
        return;
    }
    messages_.info(
        "Created a topic. topic={} partitions={} id={}",
        name,
        topic.partitions.size(),
        topic.id.text()
    );
    done({}, &topic);
    for (const created& each : others) {
        each(
            {error_code::topic_already_exists, fmt::format("Topic '{}' already exists.", name)},
            find(name)
        );
    }
}

void local_topic_catalog::remove_logs(const std::string& name) {
    for (log::log_directory* directory : directories_) {
        for (const topic_partition& at : partitions_of(*directory, name)) {
            if (auto removed = directory->remove(at); removed.has_error()) {
                messages_.error(
                    "The log of a deleted topic cannot be removed. topic={} partition={} error={}",
                    at.topic,
                    at.partition.value(),
                    removed.error().text()
                );
            }
        }
    }
}

void local_topic_catalog::remove(std::string name, deleted done) {
    const auto found = topics_.find(name);
    if (found == topics_.end()) {
        done(no_such_topic());
        return;
    }
    // The mark first: a crash between here and the end finishes the deletion at the next start
    // instead of adopting what is left on disk.
    std::vector<metadata_change> mark;
    mark.push_back({metadata_change::kind::create, topic_deletion_path(name), ""});
    store_.commit(
        std::move(mark),
        [this, name, done = std::move(done)](const result<void>& marked) {
            const auto topic = topics_.find(name);
            if (marked.has_error() || topic == topics_.end()) {
                done(topic == topics_.end() ? no_such_topic() : refusal_of(marked));
                return;
            }
            for (const auto& call : deletion_calls_) {
                call(topic->second);
            }
            for (const auto& each : topic->second.partitions) {
                each->retire();
            }
            names_by_id_.erase(topic->second.id);
            collisions_.erase(collision_key(name));
            topics_.erase(topic);
            finish_deletions({name}, [this, name, done](const result<void>& written) {
                messages_.info("Deleted a topic. topic={}", name);
                done(refusal_of(written));
            });
        }
    );
}

void local_topic_catalog::add_partitions(std::string name, std::int32_t count, deleted done) {
    const topic_state* topic = find(name);
    if (topic == nullptr) {
        done(no_such_topic());
        return;
    }
    const auto current = static_cast<std::int32_t>(topic->partitions.size());
    if (count <= current || count > partitions_per_topic_max) {
        done(
            {error_code::invalid_partitions,
             fmt::format(
                 "The topic {} currently has {} partition(s); {} would not be an increase.",
                 name,
                 current,
                 count
             )}
        );
        return;
    }
    topic_record record = record_of(topic->id, static_cast<std::size_t>(count));
    std::vector<metadata_change> changes;
    changes.push_back({metadata_change::kind::update, topic_path(name), encode_topic(record)});
    store_.commit(
        std::move(changes),
        [this, name, record = std::move(record), done = std::move(done)](const result<void>& written
        ) {
            if (written.has_value() && topics_.contains(name)) {
                materialize(name, record);
            }
            done(refusal_of(written));
        }
    );
}

void local_topic_catalog::set_overrides(std::string name, topic_config overrides, deleted done) {
    if (!topics_.contains(name)) {
        done(no_such_topic());
        return;
    }
    if (std::string wrong = check_overrides(overrides); !wrong.empty()) {
        done({error_code::invalid_config, std::move(wrong)});
        return;
    }
    const std::string path = topic_config_path(name);
    const auto kind =
        store_.read(path) ? metadata_change::kind::update : metadata_change::kind::create;
    std::vector<metadata_change> changes;
    changes.push_back({kind, path, encode_topic_config(overrides)});
    store_.commit(
        std::move(changes),
        [this, name, overrides = std::move(overrides), done = std::move(done)](
            const result<void>& written
        ) {
            const auto topic = topics_.find(name);
            if (written.has_value() && topic != topics_.end()) {
                topic->second.overrides = overrides;
                const log::log_config config = make_log_config(config_.topic_defaults, overrides);
                for (const auto& each : topic->second.partitions) {
                    if (each->log() != nullptr) {
                        each->log()->configure(config);
                    }
                }
            }
            done(refusal_of(written));
        }
    );
}

} // namespace logboom::broker
