// The poll thread of a consumer and what it holds: the client, rebalances, commits, what it says of
// brokers. Only consumer.cc and consumer_loop.cc include it.
#pragma once

#include "buffer/client/connection_trouble.h"
#include "buffer/client/consumer.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace logboom::client {

struct consumer::loop final : client_listener {
    loop(consumer_options with, metrics& counters);
    ~loop();

    result<void> open();
    result<void> subscribe();
    void run();
    void close();

    void on_rebalance(rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list);
    void on_commit(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t* offsets);
    void on_error(rd_kafka_resp_err_t code, std::string_view reason) override;
    void on_log(std::string_view /*facility*/, std::string_view /*text*/) override {}
    /// An error among the records of a partition.
    void on_record_error(const rd_kafka_message_t& message);
    void on_ack(const hand_over& batch, ack_verdict verdict);
    void say_reachable();

    consumer_options options;
    metrics& registry;
    counter records;
    counter committed;
    counter commit_failures;
    counter rebalances;
    counter rewinds;
    counter late_acks;
    gauge up;

    /// Before the client: it reports until its end.
    connection_trouble trouble;
    client_handle client;
    queue_handle fetch_queue;
    queue_handle commit_queue;
    std::thread poller;
    std::atomic<bool> stopping{false};
    std::atomic<bool> reading_ended{false};
    std::atomic<bool> unreachable{false};
    bool is_subscribed = false;
    bool was_assigned = false;

    /// Held while records are taken from the queue, and while partitions change hands: so records
    /// that are taken belong to the lease they are given.
    std::mutex fetch_mutex;
    std::atomic<bool> changing_hands{false};

    /// Guards `owned`; never held over a call that waits.
    mutable std::mutex mutex;
    std::condition_variable acked;
    assignment owned;

  private:
    void take(const rd_kafka_topic_partition_list_t& list);
    void give_back(const rd_kafka_topic_partition_list_t& list, bool is_lost);
    void commit(std::chrono::nanoseconds wait);
    void rewind_lost();
    gauge& lag_of(const topic_partition& at);
    void report_lag();
    void look_for_topics();
    void complain_of_broker();
    void ask_for(const std::string& topic) const;
    void wait_for_acks(std::span<const topic_partition> of, std::chrono::nanoseconds limit);

    int commits_under_way = 0;
    /// Of the poll thread.
    std::map<topic_partition, gauge> lags;
    std::chrono::nanoseconds next_rewind{0};
    std::chrono::nanoseconds next_look{0};
    std::chrono::nanoseconds look_pause{0};
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
