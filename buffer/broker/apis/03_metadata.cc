// Metadata: this broker, and the topics asked for. Asking for a topic that does not exist creates
// it where auto.create.topics.enable and the client allow; the answer waits until it is there.
#include "codecs/kafka/messages/03_metadata.h"

#include "buffer/broker/apis/handlers.h"
#include "buffer/broker/topics/topic_record.h"

namespace logboom::broker {
namespace apis::metadata {
namespace {

using api = kafka::metadata_api;
using kafka::error_code;

/// Until this version the client had no say in automatic creation.
constexpr api_version first_with_creation_flag{4};
constexpr api_version first_with_null_for_all{1};
/// Bits of the AclOperations that a topic or the cluster knows: without an authorizer all is
/// allowed.
constexpr std::int32_t topic_operations = 3576;
constexpr std::int32_t cluster_operations = 8096;

struct wanted_topic {
    std::string name;
    uuid id;
    error_code failed = error_code::none;
};

class metadata_call {
  public:
    metadata_call(handler_services& with, const request<api>& call, reply<api> answer)
        : with_(with)
        , answer_(std::move(answer))
        , advertised_(call.client.advertised)
        , for_topics_(call.body.include_topic_authorized_operations)
        , for_cluster_(call.body.include_cluster_authorized_operations) {
        const auto& asked = call.body.topics;
        all_ = !asked || (asked->empty() && answer_.version() < first_with_null_for_all);
        if (!asked) {
            return;
        }
        for (const auto& each : *asked) {
            wanted_.push_back({std::string(each.name.value_or(std::string_view{})), each.id});
        }
        may_create_ =
            with.context.config.auto_create_topics &&
            (answer_.version() < first_with_creation_flag || call.body.allow_auto_topic_creation);
    }

    static void begin(const std::shared_ptr<metadata_call>& self) {
        // One more than is created, so that nothing is sent before all are begun.
        self->missing_ = 1;
        for (std::size_t i = 0; i < self->wanted_.size(); ++i) {
            wanted_topic& each = self->wanted_[i];
            if (each.name.empty() || self->with_.context.topics.find(each.name) != nullptr) {
                continue;
            }
            if (const std::string wrong = check_topic_name(each.name); !wrong.empty()) {
                each.failed = error_code::invalid_topic;
            } else if (self->may_create_ && !is_internal_topic(each.name)) {
                // An internal one comes into being where it is needed, with its own configuration.
                ++self->missing_;
                self->with_.context.topics.create(
                    {each.name, -1, -1, {}},
                    [self, i](const topic_refusal& refused, const topic_state* topic) {
                        if (topic == nullptr) {
                            self->wanted_[i].failed = refused.code;
                        }
                        self->one_done();
                    }
                );
            }
        }
        self->one_done();
    }

  private:
    void one_done() {
        if (--missing_ == 0) {
            send();
        }
    }

    void send() {
        api::response body;
        const broker_id own = with_.context.config.node;
        body.brokers.push_back({own, advertised_.host, advertised_.port, std::nullopt});
        body.cluster_id = with_.cluster_id;
        body.controller_id = own;
        if (for_cluster_) {
            body.cluster_authorized_operations = cluster_operations;
        }
        if (all_) {
            for (const auto& [name, topic] : with_.context.topics.all()) {
                describe(topic, body.topics.emplace_back());
            }
        }
        for (const wanted_topic& each : wanted_) {
            answer_topic(each, body.topics.emplace_back());
        }
        answer_.send(body);
    }

    void answer_topic(const wanted_topic& asked, api::response::topic& mine) const {
        const topic_catalog& topics = with_.context.topics;
        const bool by_id = asked.name.empty() && !asked.id.is_zero();
        const topic_state* topic = by_id ? topics.find(asked.id) : topics.find(asked.name);
        if (topic != nullptr) {
            describe(*topic, mine);
            return;
        }
        if (by_id) {
            mine.id = asked.id;
            mine.error = wire(error_code::unknown_topic_id);
            return;
        }
        mine.name = asked.name;
        mine.is_internal = is_internal_topic(asked.name);
        error_code error = asked.failed;
        if (error == error_code::none) {
            error = asked.name.empty() ? error_code::invalid_topic
                                       : error_code::unknown_topic_or_partition;
        }
        mine.error = wire(error);
    }

    void describe(const topic_state& topic, api::response::topic& mine) const {
        const broker_id own = with_.context.config.node;
        mine.name = topic.name;
        mine.id = topic.id;
        mine.is_internal = topic.internal;
        if (for_topics_) {
            mine.authorized_operations = topic_operations;
        }
        mine.partitions.resize(topic.partitions.size());
        for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
            auto& partition = mine.partitions[i];
            partition.index = partition_id(static_cast<std::int32_t>(i));
            partition.replica_nodes = {own};
            if (!topic.partitions[i]->is_online()) {
                partition.error = wire(error_code::leader_not_available);
                partition.offline_replicas = {own};
                continue;
            }
            partition.leader_id = own;
            partition.epoch = topic.partitions[i]->log()->current_epoch();
            partition.isr_nodes = {own};
        }
    }

    handler_services& with_;
    reply<api> answer_;
    endpoint advertised_;
    std::vector<wanted_topic> wanted_;
    bool all_ = false;
    bool may_create_ = false;
    bool for_topics_;
    bool for_cluster_;
    std::size_t missing_ = 0;
};

} // namespace
} // namespace apis::metadata

void add_metadata(handler_table& to, handler_services& with) {
    using namespace apis::metadata;
    to.add<api>([&with](const request<api>& call, reply<api> answer) {
        metadata_call::begin(std::make_shared<metadata_call>(with, call, std::move(answer)));
    });
}

} // namespace logboom::broker
