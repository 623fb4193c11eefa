// The poll thread of a consumer and what it holds: the client, rebalances, commits, what it says of
// brokers. Only consumer.cc and consumer_loop.cc include it.
#pragma once

#include "base/clock.h"
#include "buffer/client/connection_trouble.h"
#include "buffer/client/consumer.h"
#include "buffer/client/consumer_link.h"

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace logboom::client {

using consumer_opener =
    std::function<result<std::unique_ptr<consumer_link>>(const property_list&, consumer_listener&)>;

struct consumer::loop final : consumer_listener {
    /// `counters` and `time` outlive the loop.
    loop(
        consumer_options with,
        metrics& counters,
        const clock& time,
        consumer_opener open_link = open_consumer_link
    );
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;

    /// Opens the client and joins the group. Before anything else, once.
    result<void> join();
    /// Steps until it is closed; the poll thread.
    void run();
    /// Rebalances, commits, lost records read again, topics that are not there yet.
    void step();
    /// After the poll thread has ended: commits, and leaves the group.
    void leave();

    /// What the fetching thread does, as consumer's methods of these names.
    std::vector<fetched_records> fetch(std::size_t records_max, std::chrono::milliseconds limit);
    bool begins_anew(fetched_records& group);
    std::optional<hand_over> begin(client::lease of, offset first, offset end);
    void on_ack(const hand_over& batch, ack_verdict verdict);

    void on_assigned(std::span<const topic_partition> partitions) override;
    void on_revoked(std::span<const topic_partition> partitions, bool is_lost) override;
    void on_commit(rd_kafka_resp_err_t code, std::span<const partition_answer> partitions) override;
    void on_error(rd_kafka_resp_err_t code, std::string_view reason) override;
    void on_log(std::string_view /*facility*/, std::string_view /*text*/) override {}
    void on_record_error(const record_error& met) override;
    void on_partitions(std::span<const partition_state> states) override;

    consumer_options options;
    metrics& registry;
    counter records;
    counter committed;
    counter commit_failures;
    counter rebalances;
    counter rewinds;
    counter late_acks;
    gauge up;
    const clock& time;
    consumer_opener open_link;

    /// Before the client: it reports until its end.
    connection_trouble trouble;
    std::unique_ptr<consumer_link> live;
    std::thread poller;
    std::atomic<bool> stopping{false};
    std::atomic<bool> reading_ended{false};
    std::atomic<bool> unreachable{false};

    /// Held while records are taken from the queue, and while partitions change hands: so records
    /// that are taken belong to the lease they are given.
    std::mutex fetch_mutex;
    std::atomic<bool> changing_hands{false};

    /// Guards `owned` and `failure`; never held over a call that waits.
    mutable std::mutex mutex;
    assignment owned;
    /// Why nothing can be read any more.
    std::optional<error> failure;

  private:
    [[nodiscard]] std::chrono::nanoseconds now() const { return time.steady(); }
    void commit(std::chrono::nanoseconds wait);
    void rewind_lost();
    void rewind(const partition_offset& to);
    gauge& lag_of(const topic_partition& at);
    void report_lag();
    void look_for_topics();
    void complain_of_broker();
    void fail(const error& why);
    void say_reachable();
    void wait_for_acks(std::span<const topic_partition> of, std::chrono::nanoseconds limit);

    int commits_under_way = 0;
    /// Of the poll thread.
    std::map<topic_partition, gauge> lags;
    std::chrono::nanoseconds next_commit{0};
    std::chrono::nanoseconds next_rewind{0};
    std::chrono::nanoseconds next_look{0};
    std::chrono::nanoseconds look_pause{0};
    partition_watch partition_stalls;
    /// A single broker's connection failed; said when it does not pass at once. Zero: none did.
    std::chrono::nanoseconds complaint_due{0};
    std::chrono::nanoseconds next_complaint{0};
    std::string complaint;
    /// A topic we subscribe to was not there. Set by the poll thread and by the fetching one.
    std::atomic<bool> topic_missing{false};
    /// Met by the poll thread and by the fetching one.
    std::atomic<rd_kafka_resp_err_t> last_record_error = RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_resp_err_t last_commit_error = RD_KAFKA_RESP_ERR_NO_ERROR;
};

} // namespace logboom::client
