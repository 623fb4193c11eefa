// The connection of the tools, and topics with their configurations.
#include "buffer/client/admin.h"

#include "buffer/client/errc.h"

#include <algorithm>
#include <array>

namespace logboom::client {
namespace {

using namespace std::chrono_literals;

using new_topic_handle =
    std::unique_ptr<rd_kafka_NewTopic_t, destroy_with<rd_kafka_NewTopic_destroy>>;
using resource_handle =
    std::unique_ptr<rd_kafka_ConfigResource_t, destroy_with<rd_kafka_ConfigResource_destroy>>;

/// The error of the only topic that a request was about.
result<void> outcome(const rd_kafka_topic_result_t** results, std::size_t count) {
    if (count != 1) {
        return error(errc::no_broker);
    }
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[0]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        return {};
    }
    const std::string name = std::string("topic '") + rd_kafka_topic_result_name(results[0]) + "'";
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
        return error(errc::no_such_topic, name);
    }
    const char* reason = rd_kafka_topic_result_error_string(results[0]);
    return kafka_error(code, name, reason == nullptr ? "" : reason);
}

topic_description describe_topic(const rd_kafka_metadata_topic_t& from) {
    topic_description made{from.topic, {}};
    for (int i = 0; i < from.partition_cnt; ++i) {
        const rd_kafka_metadata_partition_t& each = from.partitions[i];
        partition_description partition;
        partition.id = partition_id(each.id);
        partition.leader = broker_id(each.leader);
        partition.replicas.assign(each.replicas, each.replicas + each.replica_cnt);
        partition.in_sync.assign(each.isrs, each.isrs + each.isr_cnt);
        made.partitions.push_back(std::move(partition));
    }
    std::sort(
        made.partitions.begin(),
        made.partitions.end(),
        [](const auto& left, const auto& right) { return left.id < right.id; }
    );
    return made;
}

} // namespace

result<admin>
admin::connect(property_list properties, std::chrono::milliseconds limit, waiting_notice notice) {
    const std::string servers(find_property(properties, "bootstrap.servers"));
    LB_CHECK(check_servers(servers));
    // A name with several addresses is tried at all of them before the first wait is over. Before
    // what the user has set.
    properties.insert(properties.begin(), {"reconnect.backoff.ms", "50"});
    admin made(limit, servers);
    LB_TRY(conf_handle conf, make_conf(properties, *made.trouble_));
    LB_TRY(made.client_, make_client(RD_KAFKA_PRODUCER, std::move(conf)));
    made.watch_ = std::make_unique<call_watch>(
        made.client_.get(), *made.trouble_, servers, std::move(notice)
    );
    LB_CHECK(made.wait_for_broker());
    return made;
}

result<void> admin::wait_for_broker() {
    using clock = std::chrono::steady_clock;
    constexpr auto first_try = 250ms;
    constexpr auto refusals_bearable = 500ms;
    const call_watch::call timed(*watch_);
    const auto begin = clock::now();
    std::optional<clock::time_point> refused_since;
    // A metadata request cannot be called off: it is asked for again, each time for longer, so that
    // a refusal is noticed between two and a slow broker has the time it needs.
    for (auto patience = first_try;; patience *= 2) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(begin + limit_ - clock::now());
        if (left <= 0ms) {
            return no_answer();
        }
        if (fetch_metadata(client_.get(), false, nullptr, std::min(patience, left)) != nullptr) {
            trouble_->clear();
            return {};
        }
        if (trouble_->is_cut_off()) {
            patience = first_try / 2;
            refused_since = refused_since.value_or(clock::now());
            if (clock::now() - *refused_since >= refusals_bearable) {
                return no_answer();
            }
        }
    }
}

error admin::no_answer() const {
    const std::string cause = trouble_->cause();
    return cause.empty() ? error(errc::no_broker, servers_) : error(errc::unreachable, cause);
}

error admin::failure(rd_kafka_resp_err_t code, const std::string& subject, std::string_view reason)
    const {
    const bool is_known = is_unanswered(code) && !trouble_->cause().empty();
    return is_known ? no_answer() : kafka_error(code, subject, reason);
}

result<event_handle> admin::call(rd_kafka_admin_op_t operation, const admin_request& request) {
    const call_watch::call timed(*watch_);
    auto answer = call_admin(client_.get(), operation, limit_, request);
    if (answer.has_error() && answer.error() == error(errc::no_broker)) {
        return no_answer();
    }
    return answer;
}

result<std::vector<topic_description>> admin::topics(const std::string& only) {
    const call_watch::call timed(*watch_);
    // Asking for one topic by name could create it: all are asked for.
    const metadata_handle metadata = fetch_metadata(client_.get(), true, nullptr, limit_);
    if (metadata == nullptr) {
        return no_answer();
    }
    std::vector<topic_description> all;
    for (int i = 0; i < metadata->topic_cnt; ++i) {
        if (only.empty() || only == metadata->topics[i].topic) {
            all.push_back(describe_topic(metadata->topics[i]));
        }
    }
    if (!only.empty() && all.empty()) {
        return error(errc::no_such_topic, "topic '" + only + "'");
    }
    std::sort(all.begin(), all.end(), [](const auto& left, const auto& right) {
        return left.name < right.name;
    });
    return all;
}

result<void> admin::create(const new_topic& topic) {
    std::array<char, 512> text{};
    const new_topic_handle request(rd_kafka_NewTopic_new(
        topic.name.c_str(), topic.partitions, topic.replication_factor, text.data(), text.size()
    ));
    if (!request) {
        return error(errc::bad_property, text.data());
    }
    for (const auto& [name, value] : topic.configs) {
        rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str());
    }
    rd_kafka_NewTopic_t* const one = request.get();
    LB_TRY(
        const event_handle event,
        call(
            RD_KAFKA_ADMIN_OP_CREATETOPICS,
            [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                auto* topics = one;
                rd_kafka_CreateTopics(client_.get(), &topics, 1, options, queue);
            }
        )
    );
    std::size_t count = 0;
    const auto* results = rd_kafka_event_CreateTopics_result(event.get());
    return outcome(rd_kafka_CreateTopics_result_topics(results, &count), count);
}

result<void> admin::remove(const std::string& topic) {
    rd_kafka_DeleteTopic_t* one = rd_kafka_DeleteTopic_new(topic.c_str());
    auto event = call(
        RD_KAFKA_ADMIN_OP_DELETETOPICS,
        [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
            rd_kafka_DeleteTopics(client_.get(), &one, 1, options, queue);
        }
    );
    rd_kafka_DeleteTopic_destroy(one);
    LB_TRY(const event_handle done, std::move(event));
    std::size_t count = 0;
    const auto* results = rd_kafka_event_DeleteTopics_result(done.get());
    return outcome(rd_kafka_DeleteTopics_result_topics(results, &count), count);
}

result<void> admin::add_partitions(const std::string& topic, int total) {
    std::array<char, 512> text{};
    rd_kafka_NewPartitions_t* one = rd_kafka_NewPartitions_new(
        topic.c_str(), static_cast<std::size_t>(total), text.data(), text.size()
    );
    if (one == nullptr) {
        return error(errc::bad_property, text.data());
    }
    auto event = call(
        RD_KAFKA_ADMIN_OP_CREATEPARTITIONS,
        [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
            rd_kafka_CreatePartitions(client_.get(), &one, 1, options, queue);
        }
    );
    rd_kafka_NewPartitions_destroy(one);
    LB_TRY(const event_handle done, std::move(event));
    std::size_t count = 0;
    const auto* results = rd_kafka_event_CreatePartitions_result(done.get());
    return outcome(rd_kafka_CreatePartitions_result_topics(results, &count), count);
}

result<std::vector<topic_config>> admin::configs(const std::string& topic) {
    const resource_handle resource(
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str())
    );
    LB_TRY(
        const event_handle event,
        call(
            RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
            [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                auto* one = resource.get();
                rd_kafka_DescribeConfigs(client_.get(), &one, 1, options, queue);
            }
        )
    );
    std::size_t count = 0;
    const auto** answers = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event.get()), &count
    );
    if (count != 1) {
        return no_answer();
    }
    const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(answers[0]);
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
        return error(errc::no_such_topic, "topic '" + topic + "'");
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char* reason = rd_kafka_ConfigResource_error_string(answers[0]);
        return kafka_error(code, "topic '" + topic + "'", reason == nullptr ? "" : reason);
    }
    std::size_t entries = 0;
    const auto** configs = rd_kafka_ConfigResource_configs(answers[0], &entries);
    std::vector<topic_config> all;
    for (std::size_t i = 0; i < entries; ++i) {
        const rd_kafka_ConfigEntry_t* each = configs[i];
        const char* value = rd_kafka_ConfigEntry_value(each);
        all.push_back({
            rd_kafka_ConfigEntry_name(each),
            value == nullptr ? "" : value,
            rd_kafka_ConfigEntry_is_default(each) == 1,
            rd_kafka_ConfigEntry_source(each) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG,
            rd_kafka_ConfigEntry_is_read_only(each) == 1,
        });
    }
    return all;
}

result<void> admin::change_configs(
    const std::string& topic,
    const std::map<std::string, std::string>& set,
    const std::vector<std::string>& remove
) {
    // This request replaces the topic's whole configuration: what it has is sent along.
    LB_TRY(const std::vector<topic_config> present, configs(topic));
    std::map<std::string, std::string> wanted;
    for (const topic_config& each : present) {
        if (each.is_own && !each.is_read_only) {
            wanted[each.name] = each.value;
        }
    }
    for (const auto& [name, value] : set) {
        wanted[name] = value;
    }
    for (const std::string& name : remove) {
        wanted.erase(name);
    }
    const resource_handle resource(
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str())
    );
    for (const auto& [name, value] : wanted) {
        rd_kafka_ConfigResource_set_config(resource.get(), name.c_str(), value.c_str());
    }
    LB_TRY(
        const event_handle event,
        call(
            RD_KAFKA_ADMIN_OP_ALTERCONFIGS,
            [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                auto* one = resource.get();
                rd_kafka_AlterConfigs(client_.get(), &one, 1, options, queue);
            }
        )
    );
    std::size_t count = 0;
    const auto** answers = rd_kafka_AlterConfigs_result_resources(
        rd_kafka_event_AlterConfigs_result(event.get()), &count
    );
    if (count != 1) {
        return no_answer();
    }
    const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(answers[0]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        return {};
    }
    const char* reason = rd_kafka_ConfigResource_error_string(answers[0]);
    return kafka_error(code, "topic '" + topic + "'", reason == nullptr ? "" : reason);
}

} // namespace logboom::client
