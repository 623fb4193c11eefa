// A member of a consumer group that commits what it is told is final, and nothing else. It owns the
// librdkafka handle and two duties that must never wait for the pipeline: a poll thread answers
// rebalances and commits, while the one fetching thread takes records from a queue of its own and
// may block as long as it likes. (Pausing partitions would throw away what is already fetched.)
//
// Life: make -> start -> fetch() and hand_on() by the fetching thread -> close(). Acks may come on
// any thread, also after close(): they find the lease gone.
#pragma once

#include "base/log.h"
#include "base/metrics.h"
#include "buffer/client/assignment.h"
#include "buffer/client/handle.h"
#include "event/ack.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace logboom::client {

struct consumer_options {
    property_list properties;
    /// Names, or regular expressions that begin with '^'.
    std::vector<std::string> topics;
    std::chrono::milliseconds commit_interval{5000};
    logger log;
    /// Labels of the counters: `input="id"`.
    label_values labels;
};

/// Records of one partition, in order. Owns them.
struct fetched_records {
    topic_partition at;
    client::lease lease;
    /// Where the group stood when the partition was assigned; -1 when nowhere.
    offset committed{-1};
    offset first{-1};
    std::vector<message_handle> messages;
};

class consumer {
  public:
    /// Checks the properties; no broker is contacted before start(). `counters` outlives the
    /// consumer.
    static result<std::unique_ptr<consumer>> make(consumer_options options, metrics& counters);
    ~consumer();
    consumer(const consumer&) = delete;
    consumer& operator=(const consumer&) = delete;

    /// Joins the group; does not wait for a broker. Idempotent.
    result<void> start();
    /// Up to `records_max` records, grouped by partition; empty after `limit` without any.
    std::vector<fetched_records> fetch(std::size_t records_max, std::chrono::milliseconds limit);
    /// True when records lie before what was handed on, because the log is another one under the
    /// same name: they have a new lease then. To be asked before hand_on().
    bool begins_anew(fetched_records& records);
    /// Records [first, end) go to the pipeline: the token moves the committed offset. nullopt when
    /// the partition is no longer ours: drop them.
    std::optional<ack_token> hand_on(client::lease of, offset first, offset end);
    [[nodiscard]] bool owns(client::lease held) const;
    /// Why nothing will come any more: another member has taken the name of this one, or there is
    /// no offset to begin at and the settings choose none.
    [[nodiscard]] std::optional<error> failure() const;

    /// Nothing is fetched any more: what gets lost from now on is for the next start, not read
    /// again. From any thread.
    void end_reading() noexcept;
    /// Waits shortly for acks that are on their way, commits, leaves the group. Idempotent.
    void close();

    /// For admin requests and watermarks; good from start() until destruction.
    [[nodiscard]] rd_kafka_t* handle() const noexcept;
    /// Whoever holds fetched messages holds this too: librdkafka's memory must outlive them.
    [[nodiscard]] std::shared_ptr<const void> lifeline() const;

    /// The inside (consumer.cc).
    struct loop;

  private:
    explicit consumer(std::shared_ptr<loop> made) : loop_(std::move(made)) {}
    /// Shared with the acks on their way.
    std::shared_ptr<loop> loop_;
};

} // namespace logboom::client
