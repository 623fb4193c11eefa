// The topic_catalog of a broker that holds every partition itself: what the metadata store says,
// joined with the log directories. Topics found on disk that the store does not know are adopted (a
// Kafka directory moved in); deletions that a crash interrupted are finished at start.
#pragma once

#include "base/log.h"
#include "buffer/broker/config/broker_config.h"
#include "buffer/broker/topics/topic_catalog.h"
#include "buffer/broker/topics/topic_record.h"

namespace logboom::broker {

class local_topic_catalog final : public topic_catalog {
  public:
    /// All outlive the catalog. Call load() next.
    local_topic_catalog(
        const broker_config& config,
        metadata_store& store,
        std::vector<log::log_directory*> directories,
        logger messages
    );

    /// `done` when store and directories agree and every topic is there.
    void load(std::function<void(result<void>)> done);

    [[nodiscard]] const topic_state* find(std::string_view name) const override;
    [[nodiscard]] const topic_state* find(const uuid& id) const override;
    [[nodiscard]] const std::map<std::string, topic_state, std::less<>>& all() const override {
        return topics_;
    }
    using topic_catalog::find;
    [[nodiscard]] topic_refusal check(const new_topic& topic) const override;
    void create(new_topic topic, created done) override;
    void remove(std::string name, deleted done) override;
    void add_partitions(std::string name, std::int32_t count, deleted done) override;
    void set_overrides(std::string name, topic_config overrides, deleted done) override;
    void on_deleted(std::function<void(const topic_state& topic)> call) override {
        deletion_calls_.push_back(std::move(call));
    }

  private:
    [[nodiscard]] std::vector<metadata_change> adoptions() const;
    [[nodiscard]] topic_record record_of(const uuid& id, std::size_t partitions) const;
    void finish_deletions(std::vector<std::string> names, std::function<void(result<void>)> done);
    result<void> load_topics();
    /// Makes the topic's state from its record, creating the logs that are missing.
    topic_state& materialize(const std::string& name, const topic_record& record);
    std::shared_ptr<partition> open_partition(const topic_partition& at, const topic_state& topic);
    void lead(log::partition_log& log) const;
    void remove_logs(const std::string& name);
    void finish_create(const std::string& name, const topic_record& record, const created& done);

    const broker_config& config_;
    metadata_store& store_;
    std::vector<log::log_directory*> directories_;
    logger messages_;
    std::map<std::string, topic_state, std::less<>> topics_;
    std::map<uuid, std::string> names_by_id_;
    /// collision_key to the topic's name.
    std::map<std::string, std::string> collisions_;
    /// Who else wants a topic that is being created.
    std::map<std::string, std::vector<created>> creating_;
    std::vector<std::function<void(const topic_state&)>> deletion_calls_;
};

} // namespace logboom::broker
