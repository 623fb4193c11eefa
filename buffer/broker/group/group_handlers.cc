// The handlers of the group apis: each hands its request to the coordinator and its answer back.
#include "buffer/broker/group/group_service.h"
#include "buffer/broker/topics/topic_catalog.h"
#include "codecs/kafka/messages/10_find_coordinator.h"

namespace logboom::broker {

namespace {

/// Read, delete and describe, as bits of Kafka's AclOperation: there are no ACLs to narrow it.
constexpr std::int32_t operations_on_group = (1 << 3) | (1 << 6) | (1 << 8);

using find_api = kafka::find_coordinator_api;

enum class coordinator_kind : std::int8_t { group = 0, transaction = 1 };

/// What FindCoordinator says about one key: itself, in both shapes of the answer.
struct found_coordinator {
    error_code why = error_code::none;
    std::string message;
    broker_id node{-1};
    endpoint at{"", -1};
};

found_coordinator refuse_kind(std::int8_t kind) {
    found_coordinator made;
    made.why = error_code::invalid_request;
    made.message = kind == static_cast<std::int8_t>(coordinator_kind::transaction)
                       ? "This broker has no transactions."
                       : "There is no such kind of coordinator.";
    return made;
}

find_api::response
answer_with(const found_coordinator& found, const std::vector<std::string>& keys) {
    find_api::response answer;
    answer.error = wire(found.why);
    answer.node_id = found.node;
    answer.host = found.at.host;
    answer.port = found.at.port;
    if (found.why != error_code::none) {
        answer.error_message = found.message;
    }
    for (const std::string& key : keys) {
        answer.coordinators.push_back(
            {key, found.node, found.at.host, found.at.port, answer.error, answer.error_message}
        );
    }
    return answer;
}

/// What ZooKeeper does not know was an error in version 0, and clients of that age expect it.
void refuse_unknown_offsets(kafka::offset_fetch_api::response& told) {
    for (auto& topic : told.topics) {
        for (auto& each : topic.partitions) {
            if (each.error == 0 && each.committed_offset == no_offset) {
                each.error = wire(error_code::unknown_topic_or_partition);
            }
        }
    }
}

} // namespace

void group_service::add_handlers(handler_table& to) {
    add_membership(to);
    add_offsets(to);
    add_views(to);
    to.add<find_api>([this](const request<find_api>& call, reply<find_api> answer) {
        std::vector<std::string> keys(
            call.body.coordinator_keys.begin(), call.body.coordinator_keys.end()
        );
        if (call.body.key_type != static_cast<std::int8_t>(coordinator_kind::group)) {
            return answer.send(answer_with(refuse_kind(call.body.key_type), keys));
        }
        const auto pending = std::make_shared<reply<find_api>>(std::move(answer));
        with_topic([this, pending, keys = std::move(keys), at = call.client.advertised](bool open) {
            found_coordinator found;
            if (open) {
                found.node = context_.config.node;
                found.at = at;
            } else {
                found.why = error_code::coordinator_not_available;
                found.message = "The topic __consumer_offsets could not be created.";
            }
            pending->send(answer_with(found, keys));
        });
    });
}

void group_service::add_membership(handler_table& to) {
    // A request whose answer may take a rebalance: noted so that a client that goes away meanwhile
    // is not waited for.
    const auto park = [this](const auto& call, auto answer, auto enter) {
        with_topic([](bool) {});
        const auto pending = std::make_shared<decltype(answer)>(std::move(answer));
        const std::string host = "/" + call.client.host;
        const group_caller by{call.client_id(), host, call.header.version, {}};
        const request_token token =
            enter(call.body, by, [pending](const auto& body) { pending->send(body); });
        if (pending->pending()) {
            pending->on_disconnect(while_running([this, token] {
                coordinator_.disconnected(token);
                arm();
            }));
        }
        arm();
    };
    using join_api = kafka::join_group_api;
    using sync_api = kafka::sync_group_api;
    using heartbeat_api = kafka::heartbeat_api;
    using leave_api = kafka::leave_group_api;
    to.add<join_api>([this, park](const request<join_api>& call, reply<join_api> answer) {
        park(call, std::move(answer), [this](const auto& body, const auto& by, auto done) {
            return coordinator_.join(body, by, std::move(done));
        });
    });
    to.add<sync_api>([this, park](const request<sync_api>& call, reply<sync_api> answer) {
        park(call, std::move(answer), [this](const auto& body, const auto& by, auto done) {
            return coordinator_.sync(body, by, std::move(done));
        });
    });
    to.add<heartbeat_api>([this](const request<heartbeat_api>& call, reply<heartbeat_api> answer) {
        heartbeat_api::response told;
        told.error = wire(coordinator_.heartbeat(call.body));
        answer.send(told);
    });
    to.add<leave_api>([this](const request<leave_api>& call, reply<leave_api> answer) {
        answer.send(coordinator_.leave(call.body, call.header.version));
        arm();
    });
}

error_code group_service::check_partition(std::string_view topic, partition_id index) const {
    const topic_state* const known = context_.topics.find(topic);
    const bool exists = known != nullptr && index.value() >= 0 &&
                        static_cast<std::size_t>(index.value()) < known->partitions.size();
    return exists ? error_code::none : error_code::unknown_topic_or_partition;
}

void group_service::add_offsets(handler_table& to) {
    using fetch_api = kafka::offset_fetch_api;
    using delete_api = kafka::offset_delete_api;
    to.add<kafka::offset_commit_api>([this](
                                         const request<kafka::offset_commit_api>& call,
                                         reply<kafka::offset_commit_api> answer
                                     ) {
        with_topic([](bool) {});
        const auto pending = std::make_shared<reply<kafka::offset_commit_api>>(std::move(answer));
        coordinator_.commit(
            call.body,
            [this](std::string_view topic, partition_id index) {
                return check_partition(topic, index);
            },
            [pending](const kafka::offset_commit_api::response& told) { pending->send(told); }
        );
        arm();
    });
    to.add<fetch_api>([this](const request<fetch_api>& call, reply<fetch_api> answer) {
        constexpr api_version version_with_error{2};
        constexpr api_version version_with_groups{8};
        with_topic([](bool) {});
        fetch_api::response told;
        if (call.header.version >= version_with_groups) {
            for (const auto& each : call.body.groups) {
                auto& group =
                    told.groups.emplace_back(coordinator_.fetch(each.group_id, each.topics));
                if (group.error != 0) {
                    group.topics.clear();
                }
            }
            return answer.send(told);
        }
        auto group = coordinator_.fetch(call.body.group_id, call.body.topics);
        told.error = group.error;
        if (group.error == 0 || call.header.version < version_with_error) {
            told.topics = std::move(group.topics);
        }
        if (call.header.version == api_version(0)) {
            refuse_unknown_offsets(told);
        }
        answer.send(told);
    });
    to.add<delete_api>([this](const request<delete_api>& call, reply<delete_api> answer) {
        const auto pending = std::make_shared<reply<delete_api>>(std::move(answer));
        coordinator_.remove(call.body, [pending](const delete_api::response& told) {
            pending->send(told);
        });
    });
}

void group_service::add_views(handler_table& to) {
    using describe_api = kafka::describe_groups_api;
    using list_api = kafka::list_groups_api;
    using delete_api = kafka::delete_groups_api;
    to.add<describe_api>([this](const request<describe_api>& call, reply<describe_api> answer) {
        describe_api::response told;
        for (const std::string_view id : call.body.groups) {
            auto& group = told.groups.emplace_back(coordinator_.describe(id));
            if (call.body.include_authorized_operations) {
                group.authorized_operations = operations_on_group;
            }
        }
        answer.send(told);
    });
    to.add<list_api>([this](const request<list_api>& call, reply<list_api> answer) {
        answer.send(coordinator_.list(call.body.states_filter));
    });
    to.add<delete_api>([this](const request<delete_api>& call, reply<delete_api> answer) {
        const auto pending = std::make_shared<reply<delete_api>>(std::move(answer));
        coordinator_.remove(call.body, [pending](const delete_api::response& told) {
            pending->send(told);
        });
    });
}

} // namespace logboom::broker
