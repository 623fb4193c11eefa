// Commits, what is shown of them, and how they end: deleted, with their topic, or by age.
#include "buffer/broker/group/offset_store.h"

#include "base/metric_list.h"
#include "buffer/broker/group/consumer_protocol.h"
#include "buffer/broker/group/records.h"

#include <algorithm>

namespace logboom::broker {

namespace {

using commit_api = offset_store::commit_api;

committed_offset value_of(
    const commit_api::request& request,
    const commit_api::request::topic::partition& from,
    timestamp_ms now
) {
    committed_offset made;
    made.at = from.committed_offset;
    made.epoch = from.leader_epoch_seen;
    made.metadata = from.metadata.value_or("");
    made.committed = from.commit_timestamp.value() < 0 ? now : from.commit_timestamp;
    if (request.retention_time_ms >= 0) {
        made.expires = now + request.retention_time_ms;
    }
    return made;
}

} // namespace

offset_store::offset_store(group_table& groups, metrics& counters)
    : groups_(groups)
    , commits_count_(counters, declared("logboom_broker_group_committed_offsets_total"))
    , expired_count_(counters, declared("logboom_broker_group_expired_offsets_total")) {}

error_code offset_store::may_commit(const commit_api::request& request, group_entry*& into) {
    const error_code ready = groups_.check(request.group_id, group_table::name_rule::any);
    if (ready != error_code::none) {
        return ready;
    }
    into = groups_.find(request.group_id);
    if (into == nullptr) {
        // Whoever names a generation believes in a group that is not there any more.
        if (request.generation.value() >= 0) {
            return error_code::illegal_generation;
        }
        into = groups_.find_or_create(request.group_id);
        return into == nullptr ? error_code::coordinator_not_available : error_code::none;
    }
    return into->state.may_commit(
        {request.member_id, request.instance_id}, request.generation, moment::of(groups_.time())
    );
}

void offset_store::commit(
    const commit_api::request& request,
    const std::function<error_code(std::string_view topic, partition_id)>& refuse,
    answer_call<commit_api::response> answer
) {
    group_entry* of = nullptr;
    const error_code allowed = may_commit(request, of);
    const timestamp_ms now = groups_.time().wall_ms();
    commit_api::response told;
    commit_list commits;
    for (const auto& topic : request.topics) {
        auto& told_topic = told.topics.emplace_back();
        told_topic.name = topic.name;
        for (const auto& each : topic.partitions) {
            error_code why = allowed;
            if (why == error_code::none) {
                why = refuse(topic.name, each.index);
            }
            if (why == error_code::none &&
                each.metadata.value_or("").size() > groups_.options().offset_metadata_size_max) {
                why = error_code::offset_metadata_too_large;
            }
            told_topic.partitions.push_back({each.index, wire(why)});
            if (why == error_code::none) {
                commits.emplace_back(
                    topic_partition{std::string(topic.name), each.index},
                    value_of(request, each, now)
                );
            }
        }
    }
    if (commits.empty()) {
        return answer(told);
    }
    write(
        *of,
        std::move(commits),
        [told = std::move(told), answer = std::move(answer)](bool done) mutable {
            for (auto& topic : told.topics) {
                for (auto& each : topic.partitions) {
                    if (!done && each.error == 0) {
                        each.error = wire(error_code::coordinator_not_available);
                    }
                }
            }
            answer(told);
        }
    );
}

void offset_store::write(group_entry& to, commit_list commits, std::function<void(bool)> done) {
    const std::string& group_id = to.state.id();
    std::vector<state_record> records;
    records.reserve(commits.size());
    for (const auto& [at, value] : commits) {
        records.push_back({encode_key(offset_key{group_id, at}), encode_value(value)});
    }
    for (const auto& [at, value] : commits) {
        to.in_flight.insert(at);
    }
    groups_.append(
        group_id,
        std::move(records),
        [this,
         group_id,
         incarnation = to.incarnation,
         commits = std::move(commits),
         done = std::move(done)](bool written) mutable {
            if (group_entry* const of = groups_.find(group_id, incarnation); of != nullptr) {
                for (auto& [at, value] : commits) {
                    of->in_flight.erase(of->in_flight.find(at));
                    if (written) {
                        of->offsets.insert_or_assign(std::move(at), std::move(value));
                        commits_count_.add();
                    }
                }
            }
            done(written);
        }
    );
}

offset_store::fetch_api::response::group offset_store::fetch(
    std::string_view group_id, const std::optional<std::vector<fetch_api::request::topic>>& topics
) const {
    fetch_api::response::group answer;
    answer.group_id = group_id;
    const error_code ready = groups_.check(group_id, group_table::name_rule::any);
    answer.error = wire(ready);
    const group_entry* const of = ready == error_code::none ? groups_.find(group_id) : nullptr;
    const auto add = [&](auto& topic, partition_id index, const committed_offset* known) {
        auto& told = topic.partitions.emplace_back();
        told.index = index;
        told.metadata = known == nullptr ? "" : known->metadata;
        if (known != nullptr) {
            told.committed_offset = known->at;
            told.leader_epoch_seen = known->epoch;
        }
        told.error = answer.error;
    };
    if (topics) {
        for (const auto& asked : *topics) {
            auto& topic = answer.topics.emplace_back();
            topic.name = asked.name;
            topic_partition at{topic.name, partition_id(0)};
            for (const partition_id index : asked.partitions) {
                at.partition = index;
                const bool known = of != nullptr && of->offsets.contains(at);
                add(topic, index, known ? &of->offsets.at(at) : nullptr);
            }
        }
    } else if (of != nullptr) {
        for (const auto& [at, value] : of->offsets) {
            if (answer.topics.empty() || answer.topics.back().name != at.topic) {
                answer.topics.emplace_back().name = at.topic;
            }
            add(answer.topics.back(), at.partition, &value);
        }
    }
    return answer;
}

void offset_store::erase(
    group_entry& of, std::vector<topic_partition> which, std::function<void(bool)> done
) {
    if (which.empty()) {
        return done(true);
    }
    const std::string& group_id = of.state.id();
    std::vector<state_record> records;
    for (const topic_partition& at : which) {
        records.push_back({encode_key(offset_key{group_id, at}), std::nullopt});
    }
    groups_.append(
        group_id,
        std::move(records),
        [this,
         group_id,
         incarnation = of.incarnation,
         which = std::move(which),
         done = std::move(done)](bool written) {
            if (group_entry* const found = groups_.find(group_id, incarnation); found != nullptr) {
                for (const topic_partition& at : which) {
                    found->offsets.erase(at);
                }
            }
            done(written);
        }
    );
}

void offset_store::remove(
    const delete_api::request& request, answer_call<delete_api::response> answer
) {
    delete_api::response told;
    error_code why = groups_.check(request.group_id, group_table::name_rule::any);
    group_entry* const of = why == error_code::none ? groups_.find(request.group_id) : nullptr;
    if (why == error_code::none && of == nullptr) {
        why = error_code::group_id_not_found;
    }
    if (of != nullptr && of->state.state() != group_state::empty &&
        of->state.protocol_type() != consumer_protocol_type) {
        why = error_code::non_empty_group;
    }
    if (why != error_code::none) {
        told.error = wire(why);
        return answer(told);
    }
    std::vector<topic_partition> which;
    for (const auto& topic : request.topics) {
        auto& told_topic = told.topics.emplace_back();
        told_topic.name = topic.name;
        const bool in_use = of->state.subscribes_to(topic.name);
        for (const auto& each : topic.partitions) {
            told_topic.partitions.push_back(
                {each.index,
                 wire(in_use ? error_code::group_subscribed_to_topic : error_code::none)}
            );
            if (topic_partition at{told_topic.name, each.index}; !in_use && of->keeps(at)) {
                which.push_back(std::move(at));
            }
        }
    }
    erase(
        *of,
        std::move(which),
        [told = std::move(told), answer = std::move(answer)](bool done) mutable {
            if (!done) {
                told.error = wire(error_code::coordinator_not_available);
            }
            answer(told);
        }
    );
}

std::set<std::string> offset_store::topics() const {
    std::set<std::string> all;
    for (const auto& [id, each] : groups_.all()) {
        for (const auto& [at, value] : each.offsets) {
            all.insert(at.topic);
        }
    }
    return all;
}

void offset_store::forget_topic(const std::string& topic) {
    for (const std::string& id : groups_.ids()) {
        group_entry* const of = groups_.find(id);
        if (of == nullptr) {
            continue;
        }
        std::vector<topic_partition> which;
        for (const topic_partition& at : of->kept()) {
            if (at.topic == topic) {
                which.push_back(at);
            }
        }
        erase(*of, std::move(which), [](bool) {});
    }
}

std::vector<topic_partition> offset_store::expired(const group_entry& of, timestamp_ms now) const {
    std::vector<topic_partition> which;
    if (of.state.state() != group_state::empty) {
        return which;
    }
    const bool was_group = !of.state.protocol_type().empty();
    const std::int64_t retention = groups_.options().offsets_retention.count();
    for (const auto& [at, value] : of.offsets) {
        const timestamp_ms since =
            was_group ? std::max(of.state.state_since(), value.committed) : value.committed;
        const bool due = value.expires.value() >= 0 ? now >= value.expires
                                                    : retention >= 0 && now - since >= retention;
        if (due) {
            which.push_back(at);
        }
    }
    return which;
}

void offset_store::expire() {
    const timestamp_ms now = groups_.time().wall_ms();
    std::vector<std::string> ids;
    for (const auto& [id, each] : groups_.all()) {
        if (each.state.is_vacant() && each.in_flight.empty()) {
            ids.push_back(id);
        }
    }
    for (const std::string& id : ids) {
        group_entry* const found = groups_.find(id);
        if (found == nullptr) {
            continue;
        }
        group_entry& of = *found;
        auto which = expired(of, now);
        for (const topic_partition& at : which) {
            groups_.messages().warn(
                "A committed offset of a group without members has expired "
                "(offsets.retention.minutes). group={} topic={} partition={} offset={}",
                id,
                at.topic,
                at.partition.value(),
                of.offsets.at(at).at.value()
            );
        }
        expired_count_.add(static_cast<std::int64_t>(which.size()));
        if (which.size() == of.offsets.size()) {
            groups_.erase(id, [](bool) {});
        } else {
            erase(of, std::move(which), [](bool) {});
        }
    }
}

} // namespace logboom::broker
