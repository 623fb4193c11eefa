// A Kafka producer that gives nothing up: what the broker cannot take now is sent again for as long
// as it takes, what it never will take is handed to `rejected` by name, and a client that
// librdkafka declares dead is replaced with its unsent records. The kafka output, the dead letter
// topic and `logboom produce` are made of it.
//
// Threads: any number of writers, each with a send_session; one poll thread of its own runs the
// delivery reports and `rejected`. Records of one stream keep their order, except those that were
// sent again after an error.
#pragma once

#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/metrics.h"
#include "buffer/client/delivery.h"
#include "buffer/client/properties.h"

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace logboom::client {

struct record_header {
    std::string_view name;
    std::string_view value;
};

/// Views; copied by send().
struct outgoing_record {
    std::string_view topic;
    std::string_view payload;
    std::string_view key;
    bool has_key = false;
    /// -1: the time of sending.
    timestamp_ms timestamp{-1};
    std::span<const record_header> headers;
};

/// A record that can never be stored. Views are good during the call.
struct rejected_record {
    std::string_view topic;
    std::string_view key;
    std::string_view payload;
    /// Value of the header logboom.origin, or empty.
    std::string_view origin;
    /// rd_kafka_resp_err_t, its name ("MSG_SIZE_TOO_LARGE") and a sentence.
    int error = 0;
    std::string_view error_name;
    std::string_view reason;
};

struct producer_options {
    property_list properties;
    logger log;
    /// Labels of the counters: `output="id"`.
    label_values labels;
    /// Takes the record's share of the ack: settle it. On the poll thread, or the writer's own.
    std::function<void(const rejected_record&, ack_token)> rejected;
    /// When records wait for so long and none comes back, the log says so with the cause.
    std::chrono::nanoseconds bearable_wait = std::chrono::seconds(10);
    /// How many topics one producer may write to: names come from events.
    std::size_t topics_max = 10000;
};

class producer {
  public:
    class session;

    /// Does not wait for a broker. `counters` outlives the producer.
    static result<std::unique_ptr<producer>> make(producer_options options, metrics& counters);
    ~producer();
    producer(const producer&) = delete;
    producer& operator=(const producer&) = delete;

    /// Sends what is queued within `limit`; after that, and for writers that still wait, tokens are
    /// lost. Idempotent.
    void close(std::chrono::nanoseconds limit);

    /// For tests: as if librdkafka had met an error it cannot recover from.
    void provoke_fatal_error();

    /// The inside (producer_loop.h).
    struct loop;

  private:
    friend class session;
    explicit producer(std::unique_ptr<loop> made);

    std::unique_ptr<loop> loop_;
};

/// The sending of one write(). The producer must outlive it; one thread.
class producer::session {
  public:
    session(producer& through, ack_token ack);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// Copies the record into the queue; blocks while that is full. False when the producer is
    /// closing: this write's token will be lost. `hash`: see placement.
    bool send(const outgoing_record& record, std::uint64_t hash, bool by_key = true);

  private:
    struct hidden;
    std::unique_ptr<hidden> hidden_;
};

/// Kafka's rule for topic names.
bool is_topic_name(std::string_view name) noexcept;

} // namespace logboom::client
