// Which requests this broker answers, and who answers them. The table *is* the ApiVersions answer:
// what is not registered here does not exist for a client. Filled at start, read by connections.
#pragma once

#include "buffer/broker/core/reply.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace logboom::broker {

struct endpoint {
    std::string host;
    std::int32_t port = 0;
};

/// What a handler may know about who asks. Lives as long as the connection.
struct client_info {
    /// "10.0.0.7", as Kafka shows it in "/10.0.0.7".
    std::string host;
    std::int32_t port = 0;
    /// Where this client should be told to find this broker.
    endpoint advertised;
    /// For the log: "10.0.0.7:51234".
    std::string name;
};

/// One request with its body still encoded. Views hold only during the call.
struct raw_request {
    kafka::request_header header;
    mutable_bytes body;
    const client_info* client = nullptr;
};

/// One request. `body` and `header` point into the frame: copy what is needed after the call.
template <class Api>
struct request {
    typename Api::request& body;
    const kafka::request_header& header;
    const client_info& client;
    /// The frame's bytes, for a handler that patches records in place.
    mutable_bytes frame;

    [[nodiscard]] std::string_view client_id() const {
        return header.client_id.value_or(std::string_view{});
    }
};

class handler_table {
  public:
    handler_table() = default;
    handler_table(const handler_table&) = delete;
    handler_table& operator=(const handler_table&) = delete;

    using raw_handler = std::function<void(raw_request&, reply_base)>;

    struct entry {
        kafka::api_spec spec;
        raw_handler call;
    };

    /// `handler` is called as handler(const request<Api>&, reply<Api>). A body that cannot be read
    /// ends the connection before the handler hears of it; bytes behind its last field are left
    /// alone, as Kafka leaves them: librdkafka 2.0 sends some behind OffsetFetch and ListGroups.
    template <class Api, class Handler>
    void add(Handler handler) {
        add_raw(Api::spec, [handler = std::move(handler)](raw_request& from, reply_base answer) {
            kafka::wire_reader reader(from.body);
            typename Api::request body{};
            kafka::decode(reader, kafka::context_of<Api>(from.header.version), body);
            if (const auto read = reader.status(); read.has_error()) {
                answer.close(read.error().text());
                return;
            }
            const request<Api> call{body, from.header, *from.client, from.body};
            handler(call, reply<Api>(std::move(answer)));
        });
    }
    void add_raw(const kafka::api_spec& spec, raw_handler call) {
        LB_ASSERT(spec.key >= 0);
        LB_ASSERT(!entries_.contains(spec.key));
        const auto key = static_cast<std::size_t>(spec.key);
        by_key_.resize(std::max(by_key_.size(), key + 1));
        by_key_[key] = &entries_.emplace(spec.key, entry{spec, std::move(call)}).first->second;
    }

    /// nullptr when there is none.
    [[nodiscard]] const entry* find(std::int16_t key) const {
        return key >= 0 && std::cmp_less(key, by_key_.size())
                   ? by_key_[static_cast<std::size_t>(key)]
                   : nullptr;
    }
    [[nodiscard]] const std::map<std::int16_t, entry>& entries() const { return entries_; }

  private:
    std::map<std::int16_t, entry> entries_;
    /// The same, for each request; nullptr where there is no handler.
    std::vector<const entry*> by_key_;
};

} // namespace logboom::broker
