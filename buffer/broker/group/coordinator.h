// All groups of this broker and their committed offsets: the table of groups with what works on it,
// members and offsets, and what concerns both. Without I/O of its own: the log of
// __consumer_offsets and the answers are callbacks (group_service wires them to the broker), time
// is asked of a clock. One owner, one thread.
//
// Order matters and is kept: offsets and groups are changed in memory in the order in which their
// records went to the log, so that a restart sees what clients saw.
#pragma once

#include "buffer/broker/group/group_members.h"
#include "buffer/broker/group/offset_store.h"
#include "codecs/kafka/messages/42_delete_groups.h"

namespace logboom::broker {

class group_coordinator {
  public:
    using append_call = group_table::append_call;
    using delete_api = kafka::delete_groups_api;

    group_coordinator(
        coordinator_options options,
        const clock& time,
        append_call append,
        metrics& counters,
        logger messages
    );

    [[nodiscard]] group_members& members() noexcept { return members_; }
    [[nodiscard]] offset_store& offsets() noexcept { return offsets_; }

    // The life of the topic.
    /// __consumer_offsets exists with this many partitions; until then there is no coordinator.
    /// Each is to be loaded before groups of it are served.
    void open(std::int32_t partition_count) { groups_.open(partition_count); }
    /// `groups` is empty for a partition that was just created.
    void loaded(partition_id partition, group_loader::images groups);
    /// It cannot be read: its groups get COORDINATOR_NOT_AVAILABLE until the next start.
    void load_failed(partition_id partition) { groups_.load_failed(partition); }
    [[nodiscard]] bool is_open() const noexcept { return groups_.is_open(); }
    [[nodiscard]] std::int32_t partition_count() const noexcept {
        return groups_.partition_count();
    }

    /// Groups without members, with their offsets.
    void remove(
        const delete_api::request& request, std::function<void(const delete_api::response&)> answer
    );
    /// `call` with each committed offset.
    using offset_visitor = group_table::offset_visitor;
    void visit_offsets(const offset_visitor& call) const { groups_.visit_offsets(call); }
    [[nodiscard]] std::size_t group_count() const noexcept { return groups_.all().size(); }

  private:
    group_table groups_;
    group_members members_;
    offset_store offsets_;
};

} // namespace logboom::broker
