// The poll thread of a producer and what it holds: the live client with its topics, and the records
// that wait to be sent again. Only producer.cc and producer_loop.cc include it.
#pragma once

#include "buffer/client/connection_trouble.h"
#include "buffer/client/pace.h"
#include "buffer/client/partition_watch.h"
#include "buffer/client/producer.h"
#include "buffer/client/producer_link.h"
#include "buffer/client/stall_watch.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <thread>

namespace logboom::client {

/// A record that came back with an error that will pass.
struct returned_record {
    std::string topic;
    std::string payload;
    std::string key;
    bool has_key = false;
    /// A record without a value deletes its key from a compacted topic.
    bool has_payload = true;
    std::int64_t timestamp = -1;
    headers_handle headers;
    placement* place = nullptr;
    /// To be sent in a batch of its own, to see whether it or its neighbours were too large.
    bool alone = false;
};

class record_fields;

/// Makes the client, and another one when it has died.
using link_opener = std::function<result<std::unique_ptr<
    producer_link>>(const property_list&, std::chrono::milliseconds linger, link_listener&)>;

struct producer::loop final : link_listener {
    /// `counters` and `time` outlive the loop.
    loop(
        producer_options with,
        metrics& counters,
        const clock& time,
        link_opener open_link = open_producer_link
    );
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;

    /// Before anything else.
    result<void> connect();
    /// Steps until all is settled or given up; the poll thread.
    void run();
    /// Gives reports, sends again, replaces a dead client. False when closing is done.
    bool step();

    /// True when send() should try again, false when the producer is closing.
    bool wait_for_space();
    void reject(const rejected_record& record, ack_token share);
    void on_report(const delivery_report& report) override;
    void on_partitions(std::span<const partition_state> states) override;
    void on_error(rd_kafka_resp_err_t code, std::string_view reason) override;
    void on_log(std::string_view facility, std::string_view text) override;
    bool must_wait() const { return returned_count.load(std::memory_order_acquire) > 0; }
    /// Hands a record over; `size` of key and value. `live` must not be replaced meanwhile.
    rd_kafka_resp_err_t hand_over(record_fields& record, std::size_t size);

    producer_options options;
    pace pacing;
    counter sent;
    counter sent_bytes;
    counter delivered;
    counter retried;
    counter lost;
    counter full;
    counter replaced;
    counter_set rejected;
    gauge up;
    const clock& time;
    link_opener open_link;
    /// Before the client: it reports until its end.
    connection_trouble trouble;

    /// Shared: `live` may be used. Exclusive: it is being replaced.
    std::shared_mutex link_mutex;
    std::unique_ptr<producer_link> live;

    std::mutex wait_mutex;
    std::condition_variable space;
    std::atomic<int> waiting{0};
    std::atomic<bool> closing{false};
    std::atomic<std::int64_t> close_by_ns{0};
    std::atomic<bool> fatal{false};
    std::atomic<bool> unreachable{false};
    /// When to tell of rejected records again.
    std::atomic<std::int64_t> next_complaint_ns{0};
    /// Records in `returned` and the one that is being sent alone: writers wait for zero, so that
    /// nothing overtakes what is sent again.
    std::atomic<std::int64_t> returned_count{0};

    std::thread poller;

  private:
    void poll_once();
    void settle_reported();
    void replace_link();
    void drain(std::chrono::nanoseconds limit, std::chrono::milliseconds each_poll);
    [[nodiscard]] std::chrono::nanoseconds now() const { return time.steady(); }
    void send_returned();
    enum class attempt { sent, later, refused };
    attempt send_again(returned_record& record);
    static void forget(returned_record& record);
    void keep(const delivery_report& report, bool alone);
    void refuse(const delivery_report& report);
    void give_up();
    void say_returned(int code);
    void look_for_stall();
    [[nodiscard]] std::string cause_of_waiting() const;
    void listen_closely(bool on);

    // Of the poll thread alone.
    std::deque<returned_record> returned;
    std::chrono::nanoseconds send_again_at{0};
    bool alone_in_flight = false;
    bool giving_up = false;
    delivery* reported_owner = nullptr;
    std::int64_t reported_count = 0;
    std::int64_t come_back_records = 0;
    std::int64_t come_back_bytes = 0;
    int last_returned_code = 0;
    stall_watch stall;
    partition_watch partition_stalls;
    /// Of those whose records wait, as of the last statistics.
    std::vector<partition_state> waiting_partitions;
    std::int64_t settled_records = 0;
    std::chrono::nanoseconds next_stall_look{0};
    bool listens_closely = false;
};

} // namespace logboom::client
