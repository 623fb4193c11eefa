// librdkafka's objects with owners. Everything in this folder holds them through these types, so
// that no path can leak one or free it twice. A client handle is thread-safe; the rest is not.
#pragma once

#include "base/result.h"
#include "buffer/client/properties.h"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <string_view>

namespace logboom::client {

template <auto Function>
struct destroy_with {
    template <class T>
    void operator()(T* object) const noexcept {
        Function(object);
    }
};

/// Destroying a consumer's handle does not leave the group: close it first (consumer does).
struct destroy_client {
    void operator()(rd_kafka_t* client) const noexcept {
        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }
};

using client_handle = std::unique_ptr<rd_kafka_t, destroy_client>;
using conf_handle = std::unique_ptr<rd_kafka_conf_t, destroy_with<rd_kafka_conf_destroy>>;
using topic_handle = std::unique_ptr<rd_kafka_topic_t, destroy_with<rd_kafka_topic_destroy>>;
using queue_handle = std::unique_ptr<rd_kafka_queue_t, destroy_with<rd_kafka_queue_destroy>>;
using event_handle = std::unique_ptr<rd_kafka_event_t, destroy_with<rd_kafka_event_destroy>>;
using message_handle = std::unique_ptr<rd_kafka_message_t, destroy_with<rd_kafka_message_destroy>>;
using headers_handle = std::unique_ptr<rd_kafka_headers_t, destroy_with<rd_kafka_headers_destroy>>;
using error_handle = std::unique_ptr<rd_kafka_error_t, destroy_with<rd_kafka_error_destroy>>;
using partition_list = std::unique_ptr<
    rd_kafka_topic_partition_list_t,
    destroy_with<rd_kafka_topic_partition_list_destroy>>;
using metadata_handle =
    std::unique_ptr<const rd_kafka_metadata_t, destroy_with<rd_kafka_metadata_destroy>>;

/// The brokers, and all topics or the one of `only`. Null when no broker answered within `limit`.
metadata_handle fetch_metadata(
    rd_kafka_t* client, bool all_topics, rd_kafka_topic_t* only, std::chrono::milliseconds limit
);

/// Who is told what a client meets. Outlives the client.
class client_listener {
  public:
    /// On the thread that polls the client.
    virtual void on_error(rd_kafka_resp_err_t code, std::string_view reason) = 0;
    /// Every line of librdkafka's own log, on any of its threads.
    virtual void on_log(std::string_view facility, std::string_view text) = 0;

  protected:
    ~client_listener() = default;
};

/// A configuration with all of `properties` set; the first one that librdkafka refuses is the
/// error. The opaque of the client and of its callbacks is `listener`.
result<conf_handle> make_conf(const property_list& properties, client_listener& listener);
/// Takes over `conf`. Connects in the background; never waits for a broker.
result<client_handle> make_client(rd_kafka_type_t type, conf_handle conf);

/// Whether a client of `properties` could be made: what each says, whether they go together,
/// whether the files they name are good. Nobody is contacted; where making a client would do that
/// (Kerberos, a token's server) only the first is looked at.
result<void> check_properties(rd_kafka_type_t type, const property_list& properties);

} // namespace logboom::client
