// Why a client waits: what librdkafka's callbacks say of its connections and of requests that it
// repeats by itself, kept as the one sentence a person needs. Without it a wrong port, a name that
// does not resolve and a full disk of the broker all look the same: nothing happens. Thread-safe.
#pragma once

#include "base/ids.h"
#include "buffer/client/handle.h"

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace logboom::client {

/// librdkafka's wording without what only its authors need: "sasl_ssl://a:9/bootstrap: Connect to
/// ipv4#1.2.3.4:9 failed: Connection refused (after 0ms in state CONNECT)" is
/// "a:9: cannot connect: Connection refused".
std::string plain_reason(std::string_view reason);
/// What a produce request met that librdkafka sends again and tells nobody of; empty when `text` of
/// its debug log is about something else.
std::string_view repeated_produce_error(std::string_view facility, std::string_view text);

/// A connection that could not be made, rather than one that was closed.
bool is_connect_failure(rd_kafka_resp_err_t code, std::string_view reason);

/// A request that no broker has answered, for a reason that the connection's trouble tells better
/// than the code: with a name that does not resolve, librdkafka 2.0 says "Bad message format".
bool is_unanswered(rd_kafka_resp_err_t code);

class connection_trouble final : public client_listener {
  public:
    void on_error(rd_kafka_resp_err_t code, std::string_view reason) override;
    void on_log(std::string_view facility, std::string_view text) override;
    /// An answer came: what was is over.
    void clear();

    /// The last cause; empty when none is known.
    [[nodiscard]] std::string cause() const;
    /// What the last error of that broker's connection said, and of that partition's requests;
    /// empty when nothing is known.
    [[nodiscard]] std::string cause_of_broker(std::int32_t id) const;
    [[nodiscard]] std::string cause_of_partition(const topic_partition& at) const;
    /// Every broker that is known was tried and failed, and none has answered since.
    [[nodiscard]] bool is_cut_off() const;

  private:
    mutable std::mutex mutex_;
    void keep(std::string&& subject, const std::string& cause);
    [[nodiscard]] std::string find(const std::string& subject) const;

    std::string cause_;
    /// By "broker 1" or "logs [0]".
    std::map<std::string, std::string> causes_;
    bool is_cut_off_ = false;
};

} // namespace logboom::client
