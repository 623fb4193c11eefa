// Every group of this broker, and the partition of __consumer_offsets that keeps each: which of
// them are read already, making, finding and erasing groups, and the way to the log. Membership and
// offsets (members.h, offset_store.h) work on it. One owner, one thread.
#pragma once

#include "base/log.h"
#include "base/metrics.h"
#include "buffer/broker/config/broker_config.h"
#include "buffer/broker/group/group.h"
#include "buffer/broker/group/loader.h"
#include "buffer/broker/state/state_record.h"

#include <functional>
#include <map>
#include <set>

namespace logboom::broker {

struct coordinator_options {
    static constexpr std::size_t group_count_max = 1'000'000;

    group_limits limits;
    std::size_t offset_metadata_size_max{};
    /// Of offsets of a group without members, since it lost the last one (or since the commit, for
    /// consumers that are in no group).
    std::chrono::milliseconds offsets_retention{};
};

/// What the configuration says; group_limits::make_id is the caller's.
coordinator_options make_coordinator_options(const group_config& config);

struct group_entry {
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

class group_table {
  public:
    /// Appends to this partition of __consumer_offsets; `done(true)` when durable. Calls of `done`
    /// come in the order of the appends, perhaps before this returns.
    using append_call = std::function<
        void(partition_id to, std::vector<state_record> records, std::function<void(bool)> done)>;
    enum class name_rule { any, not_empty };

    group_table(
        coordinator_options options,
        const clock& time,
        append_call append,
        metrics& counters,
        logger messages
    );
    group_table(const group_table&) = delete;
    group_table& operator=(const group_table&) = delete;

    // The life of the topic: coordinator.h.
    void open(std::int32_t partition_count);
    /// Gives the groups that came.
    std::vector<group_entry*> loaded(partition_id partition, group_loader::images groups);
    void load_failed(partition_id partition);
    [[nodiscard]] bool is_open() const noexcept { return !homes_.empty(); }
    [[nodiscard]] bool is_loading() const noexcept;
    [[nodiscard]] std::int32_t partition_count() const noexcept {
        return static_cast<std::int32_t>(homes_.size());
    }

    /// Why a request for this group cannot be served now; none when it can.
    [[nodiscard]] error_code check(std::string_view group_id, name_rule rule) const;

    [[nodiscard]] const std::map<std::string, group_entry, std::less<>>& all() const noexcept {
        return entries_;
    }
    using offset_visitor = std::function<
        void(const std::string& group, const topic_partition& place, offset committed)>;
    /// `call` with each committed offset.
    void visit_offsets(const offset_visitor& call) const;
    [[nodiscard]] std::vector<std::string> ids() const;
    // nullptr when there is none.
    [[nodiscard]] group_entry* find(std::string_view group_id);
    [[nodiscard]] const group_entry* find(std::string_view group_id) const;
    /// The same group as when `incarnation` was noted.
    [[nodiscard]] group_entry* find(std::string_view group_id, std::uint64_t incarnation);
    /// nullptr when there are too many.
    group_entry* find_or_create(std::string_view group_id);

    /// To the partition that keeps the group.
    void append(
        std::string_view group_id, std::vector<state_record> records, std::function<void(bool)> done
    );
    /// The group, its offsets and those on their way: gone at once, `done(true)` when durably.
    void erase(const std::string& group_id, std::function<void(bool)> done);

    [[nodiscard]] const coordinator_options& options() const noexcept { return options_; }
    [[nodiscard]] const clock& time() const noexcept { return time_; }
    [[nodiscard]] logger& messages() noexcept { return messages_; }

  private:
    enum class home_state { loading, ready, failed };

    [[nodiscard]] partition_id home_of(std::string_view group_id) const;
    void count_groups();

    coordinator_options options_;
    const clock& time_;
    append_call append_;
    logger messages_;
    gauge groups_count_;
    counter append_failures_count_;
    /// By partition of __consumer_offsets.
    std::vector<home_state> homes_;
    std::map<std::string, group_entry, std::less<>> entries_;
    std::uint64_t last_incarnation_ = 0;
};

} // namespace logboom::broker
