// What a consumer needs of librdkafka, as a seam: so its loop (assignment, rewinds, commits,
// rebalances, errors that end it) runs in tests with a fake and a manual clock. Real links are made
// by open_consumer_link().
#pragma once

#include "buffer/client/assignment.h"
#include "buffer/client/handle.h"
#include "buffer/client/partition_watch.h"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace logboom::client {

/// What a request said of one partition.
struct partition_answer {
    topic_partition at;
    logboom::offset offset{-1};
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
};

/// Records of one partition as they lay in the queue; their offsets rise.
struct taken_records {
    topic_partition at;
    offset first{-1};
    std::vector<message_handle> messages;
};

/// An error among the records of a partition. Views are good during the call.
struct record_error {
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    /// "-": of none.
    std::string_view topic = "-";
    std::int32_t partition = -1;
    std::string_view reason;
};

class consumer_listener : public client_listener {
  public:
    /// During poll() and close(), on their thread: these are ours from now on; answer with
    /// assign().
    virtual void on_assigned(std::span<const topic_partition> partitions) = 0;
    /// Likewise, with unassign(). `is_lost`: the group has given them to others already.
    virtual void on_revoked(std::span<const topic_partition> partitions, bool is_lost) = 0;
    /// During poll_commits(): what became of one commit().
    virtual void
    on_commit(rd_kafka_resp_err_t code, std::span<const partition_answer> partitions) = 0;
    /// During poll() and take(), on their threads.
    virtual void on_record_error(const record_error& met) = 0;
    /// During poll(), each statistics.interval.ms: all that are read.
    virtual void on_partitions(std::span<const partition_state> states) = 0;

  protected:
    ~consumer_listener() = default;
};

/// One client. The fetching thread calls take() alone, the polling thread all the rest.
class consumer_link {
  public:
    virtual ~consumer_link() = default;

    /// Names, or regular expressions that begin with '^'. Joins the group.
    virtual rd_kafka_resp_err_t subscribe(const std::vector<std::string>& topics) = 0;
    /// Rebalances and errors; waits for some at most so long.
    virtual void poll(std::chrono::milliseconds limit) = 0;

    /// Where the group stands; one answer for each partition.
    virtual std::vector<partition_answer>
    committed(std::span<const topic_partition> partitions, std::chrono::milliseconds limit) = 0;
    /// Reading begins, from what the group has committed or where the policy says.
    virtual void assign(std::span<const topic_partition> partitions) = 0;
    virtual void unassign(std::span<const topic_partition> partitions) = 0;
    /// Reads on from there; what was fetched of the partition and not taken is dropped.
    virtual rd_kafka_resp_err_t
    seek(const partition_offset& to, std::chrono::milliseconds limit) = 0;

    /// Anything but NO_ERROR: not sent, and no answer will come.
    virtual rd_kafka_resp_err_t commit(std::span<const partition_offset> offsets) = 0;
    virtual void poll_commits(std::chrono::milliseconds limit) = 0;

    /// Up to `records_max` records by partition, in order; waits for the first at most so long. A
    /// partition comes twice when its log begins anew among them.
    virtual std::vector<taken_records>
    take(std::size_t records_max, std::chrono::milliseconds limit) = 0;
    /// Ends a take() that waits.
    virtual void wake() = 0;

    /// Of topics that have partitions; nullopt: no broker answered. Has the client look at its
    /// subscription anew.
    virtual std::optional<std::vector<std::string>> topic_names(std::chrono::milliseconds limit
    ) = 0;
    /// Lets the broker make the topic, if it does so.
    virtual void ask_for(const std::string& topic, std::chrono::milliseconds limit) = 0;
    /// The end of the partition's log as of the last fetch.
    [[nodiscard]] virtual std::optional<offset> known_end(const topic_partition& at) const = 0;

    /// Leaves the group, at most for so long. Nothing but destruction after that.
    virtual void close(std::chrono::milliseconds limit) = 0;
    /// For requests beside the group; null for a fake.
    [[nodiscard]] virtual rd_kafka_t* handle() const = 0;
};

/// Does not wait for a broker. `listener` outlives the link.
result<std::unique_ptr<consumer_link>>
open_consumer_link(const property_list& properties, consumer_listener& listener);

} // namespace logboom::client
