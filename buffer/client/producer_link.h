// What a producer needs of librdkafka, as a seam: so its loop (records that come back, a client
// that dies, waiting) runs in tests with a fake and a manual clock. Real links are made by
// open_producer_link().
#pragma once

#include "buffer/client/delivery.h"
#include "buffer/client/handle.h"
#include "buffer/client/partition_watch.h"

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace logboom::client {

class pace;
class record_fields;

/// What became of one record. Views are good during the call.
struct delivery_report {
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    /// The link's, as long as it lives.
    const char* topic = "";
    /// Distinguishes topics, as long as the link lives.
    const void* topic_key = nullptr;
    std::int32_t partition = -1;
    bool has_key = false;
    std::string_view key;
    bool has_payload = false;
    std::string_view payload;
    /// As the headers only of what was not stored: nobody asks for those of the others.
    std::int64_t timestamp = -1;
    /// Null: none. The report's.
    const rd_kafka_headers_t* headers = nullptr;
    placement* place = nullptr;
};

class link_listener : public client_listener {
  public:
    /// During poll() and flush(), on their thread.
    virtual void on_report(const delivery_report& report) = 0;
    /// Likewise, each statistics.interval.ms: all with records that wait.
    virtual void on_partitions(std::span<const partition_state> states) = 0;

  protected:
    ~link_listener() = default;
};

/// One client. Thread-safe but for its end.
class producer_link {
  public:
    virtual ~producer_link() = default;

    /// nullptr when `limit` topics are known already. Good as long as the link.
    virtual rd_kafka_topic_t* topic(const std::string& name, std::size_t limit) = 0;
    virtual rd_kafka_resp_err_t send(record_fields& record) = 0;
    /// Records whose reports have not been given yet.
    [[nodiscard]] virtual int queued() const = 0;
    /// Gives reports, and waits for some at most so long; flush() has everything sent at once.
    virtual void poll(std::chrono::milliseconds limit) = 0;
    virtual void flush(std::chrono::milliseconds limit) = 0;
    /// Ends a poll() that waits.
    virtual void wake() = 0;
    /// Everything that is queued comes back as not sent.
    virtual void purge() = 0;
    /// Whether the listener is given the debug log: what the broker answers to requests that
    /// librdkafka repeats stands nowhere else.
    virtual void listen_closely(bool on) = 0;
    /// For tests: as if librdkafka had met an error it cannot recover from.
    virtual void provoke_fatal_error() = 0;
};

/// Does not wait for a broker. `listener` outlives the link.
result<std::unique_ptr<producer_link>> open_producer_link(
    const property_list& properties, std::chrono::milliseconds linger, link_listener& listener
);

} // namespace logboom::client
