// The committed offsets of all groups: who may commit, what is written, what is forgotten and when.
// Memory changes when the record is durable, in the order of the log. One owner, one thread.
#pragma once

#include "buffer/broker/group/group_table.h"
#include "codecs/kafka/messages/08_offset_commit.h"
#include "codecs/kafka/messages/09_offset_fetch.h"
#include "codecs/kafka/messages/47_offset_delete.h"

namespace logboom::broker {

class offset_store {
  public:
    template <class Response>
    using answer_call = std::function<void(const Response&)>;
    using commit_api = kafka::offset_commit_api;
    using fetch_api = kafka::offset_fetch_api;
    using delete_api = kafka::offset_delete_api;

    /// `groups` outlives it.
    offset_store(group_table& groups, metrics& counters);
    offset_store(const offset_store&) = delete;
    offset_store& operator=(const offset_store&) = delete;

    /// Refusals of single partitions (they do not exist) are the caller's to decide: `refuse` gives
    /// none for those to commit.
    void commit(
        const commit_api::request& request,
        const std::function<error_code(std::string_view topic, partition_id)>& refuse,
        answer_call<commit_api::response> answer
    );
    fetch_api::response::group fetch(
        std::string_view group_id,
        const std::optional<std::vector<fetch_api::request::topic>>& topics
    ) const;
    void remove(const delete_api::request& request, answer_call<delete_api::response> answer);

    /// Names of all topics that have committed offsets.
    [[nodiscard]] std::set<std::string> topics() const;
    /// The topic was deleted: so are its offsets.
    void forget_topic(const std::string& topic);
    /// KIP-211: offsets of groups that have been Empty for the retention time, and groups of which
    /// nothing is left then. Every offsets.retention.check.interval.ms.
    void expire();

  private:
    using commit_list = std::vector<std::pair<topic_partition, committed_offset>>;

    [[nodiscard]] error_code may_commit(const commit_api::request& request, group_entry*& into);
    void write(group_entry& to, commit_list commits, std::function<void(bool)> done);
    void erase(group_entry& of, std::vector<topic_partition> which, std::function<void(bool)> done);
    [[nodiscard]] std::vector<topic_partition>
    expired(const group_entry& of, timestamp_ms now) const;

    group_table& groups_;
    counter commits_count_;
    counter expired_count_;
};

} // namespace logboom::broker
