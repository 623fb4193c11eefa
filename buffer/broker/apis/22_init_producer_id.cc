// InitProducerId: ids for idempotent producers, from blocks of a thousand that are written down
// before the first of them is given out: none comes twice, whatever crashes.
#include "codecs/kafka/messages/22_init_producer_id.h"

#include "buffer/broker/apis/handlers.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <deque>

namespace logboom::broker {
namespace apis::init_producer_id {
namespace {

using api = kafka::init_producer_id_api;
using kafka::error_code;

constexpr std::string_view block_path = "/latest_producer_id_block";
constexpr std::int64_t block_size = 1000;

/// Where the block after the one in `json` begins.
std::int64_t next_block_start(const std::optional<metadata_node>& node) {
    if (!node) {
        return 0;
    }
    rapidjson::Document json;
    json.Parse(node->value);
    if (json.HasParseError() || !json.IsObject() || !json.HasMember("block_end") ||
        !json["block_end"].IsString()) {
        return 0;
    }
    return std::atoll(json["block_end"].GetString()) + 1;
}

class producer_ids {
  public:
    explicit producer_ids(handler_services& with) : with_(with) {
        // A directory from Kafka brings no counter along. With an id that a log knows already, the
        // first batch of a new producer would be taken for one that is there.
        for (const auto& [name, topic] : with_.context.topics.all()) {
            for (const auto& each : topic.partitions) {
                if (each->log() != nullptr) {
                    least_ = std::max(least_, each->log()->largest_producer().value() + 1);
                }
            }
        }
    }

    void give(reply<api> answer) {
        if (next_ < end_) {
            send(answer);
            return;
        }
        waiting_.push_back(std::move(answer));
        if (waiting_.size() == 1) {
            reserve_block();
        }
    }

  private:
    void send(reply<api>& answer) {
        api::response body;
        body.id = producer_id(next_++);
        answer.send(body);
    }

    void reserve_block() {
        const auto node = with_.context.store.read(block_path);
        const std::int64_t start = std::max(next_block_start(node), least_);
        const std::int64_t last = start + block_size - 1;
        metadata_change change;
        change.what = node ? metadata_change::kind::update : metadata_change::kind::create;
        change.path = block_path;
        change.value = fmt::format(
            R"({{"version":1,"broker":{},"block_start":"{}","block_end":"{}"}})",
            with_.context.config.node.value(),
            start,
            last
        );
        change.expected_version = node ? node->version : -1;
        std::vector<metadata_change> changes;
        changes.push_back(std::move(change));
        with_.context.store.commit(
            std::move(changes),
            [this, start, last](const result<void>& written) {
                if (written.has_value()) {
                    next_ = start;
                    end_ = last + 1;
                }
                answer_waiting(written.has_value());
            }
        );
    }

    void answer_waiting(bool reserved) {
        auto waiting = std::exchange(waiting_, {});
        for (reply<api>& each : waiting) {
            if (reserved) {
                give(std::move(each));
            } else {
                api::response body;
                body.error = wire(error_code::coordinator_not_available);
                each.send(body);
            }
        }
    }

    handler_services& with_;
    /// Ids below are in use.
    std::int64_t least_ = 0;
    std::int64_t next_ = 0;
    std::int64_t end_ = 0;
    std::deque<reply<api>> waiting_;
};

} // namespace
} // namespace apis::init_producer_id

void add_init_producer_id(handler_table& to, handler_services& with) {
    using namespace apis::init_producer_id;
    auto ids = std::make_shared<producer_ids>(with);
    to.add<api>([ids](const request<api>& call, reply<api> answer) {
        if (call.body.transactional_id) {
            // Transactions are not offered; this code is final for every client.
            api::response body;
            body.error = wire(error_code::unsupported_version);
            answer.send(body);
            return;
        }
        ids->give(std::move(answer));
    });
}

} // namespace logboom::broker
