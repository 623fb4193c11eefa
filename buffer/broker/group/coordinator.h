// All groups of this broker and their committed offsets: routes requests to the group they name,
// gives answers back when they come, writes down what must survive, and keeps the timers. Without
// I/O of its own: the log of __consumer_offsets and the answers are callbacks (group_service wires
// them to the broker), time is asked of a clock. One owner, one thread.
//
// Order matters and is kept: offsets and groups are changed in memory in the order in which their
// records went to the log, so that a restart sees what clients saw.
#pragma once

#include "base/log.h"
#include "base/metrics.h"
#include "buffer/broker/group/group.h"
#include "buffer/broker/group/loader.h"
#include "buffer/broker/state/state_record.h"
#include "codecs/kafka/messages/08_offset_commit.h"
#include "codecs/kafka/messages/09_offset_fetch.h"
#include "codecs/kafka/messages/16_list_groups.h"
#include "codecs/kafka/messages/42_delete_groups.h"
#include "codecs/kafka/messages/47_offset_delete.h"

namespace logboom::broker {

struct coordinator_options {
    group_limits limits;
    std::size_t group_count_max = 1'000'000;
    std::size_t offset_metadata_size_max = 4096;
    /// Of offsets of a group without members, since it lost the last one (or since the commit, for
    /// consumers that are in no group).
    std::chrono::milliseconds offsets_retention{std::chrono::hours(24 * 7)};
};

class group_coordinator {
  public:
    /// Appends to this partition of __consumer_offsets; `done(true)` when durable. Calls of `done`
    /// come in the order of the appends, perhaps before this returns.
    using append_call = std::function<
        void(partition_id to, std::vector<state_record> records, std::function<void(bool)> done)>;
    /// Where answers go. `token` of the caller is filled in by the coordinator.
    template <class Response>
    using answer_call = std::function<void(const Response&)>;

    using commit_api = kafka::offset_commit_api;
    using fetch_api = kafka::offset_fetch_api;
    using leave_api = kafka::leave_group_api;
    using delete_api = kafka::delete_groups_api;
    using offset_delete_api = kafka::offset_delete_api;

    group_coordinator(
        coordinator_options options,
        const clock& time,
        append_call append,
        metrics& counters,
        logger messages
    );
    group_coordinator(const group_coordinator&) = delete;
    group_coordinator& operator=(const group_coordinator&) = delete;

    // The life of the topic.
    /// __consumer_offsets exists with this many partitions; until then there is no coordinator.
    /// Each is to be loaded before groups of it are served.
    void open(std::int32_t partition_count);
    /// `groups` is empty for a partition that was just created.
    void loaded(partition_id partition, group_loader::images groups);
    /// It cannot be read: its groups get COORDINATOR_NOT_AVAILABLE until the next start.
    void load_failed(partition_id partition);
    [[nodiscard]] bool is_open() const noexcept { return !homes_.empty(); }
    [[nodiscard]] std::int32_t partition_count() const noexcept {
        return static_cast<std::int32_t>(homes_.size());
    }
    /// Names of all topics that have committed offsets.
    [[nodiscard]] std::set<std::string> topics() const;
    /// The topic was deleted: so are its offsets.
    void forget_topic(const std::string& topic);

    // Requests. Those with a callback may be answered later; the token that join and sync give is
    // for disconnected().
    request_token
    join(const join_request& request, group_caller by, answer_call<join_response> answer);
    request_token
    sync(const sync_request& request, group_caller by, answer_call<sync_response> answer);
    void disconnected(request_token token);
    error_code heartbeat(const kafka::heartbeat_api::request& request);
    leave_api::response leave(const leave_api::request& request, api_version version);
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
    kafka::describe_groups_api::response::group describe(std::string_view group_id) const;
    kafka::list_groups_api::response list(const std::vector<std::string_view>& states) const;
    void remove(const delete_api::request& request, answer_call<delete_api::response> answer);
    void remove(
        const offset_delete_api::request& request, answer_call<offset_delete_api::response> answer
    );

    // Time.
    /// `call` when next_deadline() has become earlier.
    void on_deadline(std::function<void()> call) { earlier_deadline_ = std::move(call); }
    [[nodiscard]] clock::duration next_deadline() const;
    void tick();
    /// KIP-211: offsets of groups that have been Empty for the retention time, and groups of which
    /// nothing is left then. Every offsets.retention.check.interval.ms.
    void expire();

    [[nodiscard]] std::size_t group_count() const noexcept { return entries_.size(); }

  private:
    struct entry {
        group state;
        std::map<topic_partition, committed_offset> offsets;
        /// Tells a group from one of the same name that was deleted before.
        std::uint64_t incarnation = 0;
        /// Commits that are on their way to the log: a deletion must cover them too.
        std::multiset<topic_partition> in_flight;
        clock::duration wake_at = never;

        [[nodiscard]] bool keeps(const topic_partition& at) const {
            return offsets.contains(at) || in_flight.contains(at);
        }
        /// Every partition with an offset that is, or is about to be, in the log.
        [[nodiscard]] std::set<topic_partition> kept() const;
    };
    using entry_map = std::map<std::string, entry, std::less<>>;
    using commit_list = std::vector<std::pair<topic_partition, committed_offset>>;

    enum class home_state { loading, ready, failed };
    enum class name_rule { any, not_empty };
    [[nodiscard]] error_code check_group(std::string_view group_id, name_rule rule) const;
    [[nodiscard]] partition_id home_of(std::string_view group_id) const;
    [[nodiscard]] entry* find(std::string_view group_id);
    [[nodiscard]] const entry* find(std::string_view group_id) const;
    entry* find_or_create(std::string_view group_id);
    /// The same group as when `incarnation` was noted.
    entry* find(const std::string& group_id, std::uint64_t incarnation);

    void carry_out(entry& of, group_actions actions);
    void set_timer(entry& of);
    void store(const std::string& group_id, std::uint64_t incarnation, group_actions::store what);
    void write_commits(entry& to, commit_list commits, std::function<void(bool)> done);
    void
    erase_offsets(entry& of, std::vector<topic_partition> which, std::function<void(bool)> done);
    void erase_group(entry_map::iterator which, std::function<void(bool)> done);
    [[nodiscard]] std::vector<topic_partition>
    expired_offsets(const entry& of, timestamp_ms now) const;
    [[nodiscard]] error_code may_commit(const commit_api::request& request, entry*& into);
    void count_groups();

    coordinator_options options_;
    const clock& time_;
    append_call append_;
    logger log_;
    counter& groups_count_;
    counter& rebalances_count_;
    counter& commits_count_;
    counter& expired_count_;
    counter& append_failures_count_;

    /// By partition of __consumer_offsets.
    std::vector<home_state> homes_;
    entry_map entries_;
    std::uint64_t last_incarnation_ = 0;
    std::uint64_t last_token_ = 0;
    std::map<request_token, std::pair<std::string, answer_call<join_response>>> parked_joins_;
    std::map<request_token, std::pair<std::string, answer_call<sync_response>>> parked_syncs_;
    /// Group ids by the time at which they want tick(); lazily moved later.
    std::multimap<clock::duration, std::string> timers_;
    std::function<void()> earlier_deadline_;
};

} // namespace logboom::broker
