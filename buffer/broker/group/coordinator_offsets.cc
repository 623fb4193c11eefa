// Committed offsets: who may commit, what is written, what is forgotten and when.
#include "buffer/broker/group/consumer_protocol.h"
#include "buffer/broker/group/coordinator.h"

#include <algorithm>

namespace logboom::broker {

namespace {

using commit_api = group_coordinator::commit_api;

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

std::set<topic_partition> group_coordinator::entry::kept() const {
    std::set<topic_partition> all(in_flight.begin(), in_flight.end());
    for (const auto& [at, value] : offsets) {
        all.insert(at);
    }
    return all;
}

error_code group_coordinator::may_commit(const commit_api::request& request, entry*& into) {
    const error_code ready = check_group(request.group_id, name_rule::any);
    if (ready != error_code::none) {
        return ready;
    }
    into = find(request.group_id);
    if (into == nullptr) {
        // Whoever names a generation believes in a group that is not there any more.
        if (request.generation.value() >= 0) {
            return error_code::illegal_generation;
        }
        into = find_or_create(request.group_id);
        return into == nullptr ? error_code::coordinator_not_available : error_code::none;
    }
    return into->state.may_commit(
        {request.member_id, request.instance_id}, request.generation, moment::of(time_)
    );
}

void group_coordinator::commit(
    const commit_api::request& request,
    const std::function<error_code(std::string_view topic, partition_id)>& refuse,
    answer_call<commit_api::response> answer
) {
    entry* of = nullptr;
    const error_code allowed = may_commit(request, of);
    const timestamp_ms now = time_.wall_ms();
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
                each.metadata.value_or("").size() > options_.offset_metadata_size_max) {
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
    write_commits(
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

void group_coordinator::write_commits(
    entry& to, commit_list commits, std::function<void(bool)> done
) {
    const std::string& group_id = to.state.id();
    std::vector<state_record> records;
    records.reserve(commits.size());
    for (const auto& [at, value] : commits) {
        records.push_back({encode_key(offset_key{group_id, at}), encode_value(value)});
    }
    for (const auto& [at, value] : commits) {
        to.in_flight.insert(at);
    }
    append_(
        home_of(group_id),
        std::move(records),
        [this,
         group_id,
         incarnation = to.incarnation,
         commits = std::move(commits),
         done = std::move(done)](bool written) mutable {
            if (!written) {
                append_failures_count_.add();
            }
            if (entry* const of = find(group_id, incarnation); of != nullptr) {
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

group_coordinator::fetch_api::response::group group_coordinator::fetch(
    std::string_view group_id, const std::optional<std::vector<fetch_api::request::topic>>& topics
) const {
    fetch_api::response::group answer;
    answer.group_id = group_id;
    const error_code ready = check_group(group_id, name_rule::any);
    answer.error = wire(ready);
    const entry* const of = ready == error_code::none ? find(group_id) : nullptr;
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

void group_coordinator::erase_offsets(
    entry& of, std::vector<topic_partition> which, std::function<void(bool)> done
) {
    if (which.empty()) {
        return done(true);
    }
    const std::string& group_id = of.state.id();
    std::vector<state_record> records;
    for (const topic_partition& at : which) {
        records.push_back({encode_key(offset_key{group_id, at}), std::nullopt});
    }
    append_(
        home_of(group_id),
        std::move(records),
        [this,
         group_id,
         incarnation = of.incarnation,
         which = std::move(which),
         done = std::move(done)](bool written) {
            if (entry* const found = find(group_id, incarnation); found != nullptr) {
                for (const topic_partition& at : which) {
                    found->offsets.erase(at);
                }
            }
            done(written);
        }
    );
}

void group_coordinator::erase_group(entry_map::iterator which, std::function<void(bool)> done) {
    const entry& of = which->second;
    std::vector<state_record> records;
    for (const topic_partition& at : of.kept()) {
        records.push_back({encode_key(offset_key{which->first, at}), std::nullopt});
    }
    // A group that never had a generation was never written down.
    if (of.state.generation().value() > 0) {
        records.push_back({encode_key(group_key{which->first}), std::nullopt});
    }
    const partition_id home = home_of(which->first);
    entries_.erase(which);
    count_groups();
    if (records.empty()) {
        return done(true);
    }
    append_(home, std::move(records), std::move(done));
}

void group_coordinator::remove(
    const delete_api::request& request, answer_call<delete_api::response> answer
) {
    struct collected {
        delete_api::response told;
        std::size_t missing = 1;
        answer_call<delete_api::response> answer;
    };
    const auto all = std::make_shared<collected>();
    all->answer = std::move(answer);
    const auto finish_one = [all] {
        if (--all->missing == 0) {
            all->answer(all->told);
        }
    };
    for (const std::string_view id : request.groups) {
        error_code why = check_group(id, name_rule::any);
        const auto found = entries_.find(id);
        if (why == error_code::none && found == entries_.end()) {
            why = error_code::group_id_not_found;
        } else if (why == error_code::none && !found->second.state.is_vacant()) {
            why = error_code::non_empty_group;
        }
        const std::size_t index = all->told.results.size();
        all->told.results.push_back({std::string(id), wire(why)});
        if (why != error_code::none) {
            continue;
        }
        ++all->missing;
        log_.info("A group is deleted. group={}", id);
        erase_group(found, [all, index, finish_one](bool done) {
            if (!done) {
                all->told.results[index].error = wire(error_code::coordinator_not_available);
            }
            finish_one();
        });
    }
    finish_one();
}

void group_coordinator::remove(
    const offset_delete_api::request& request, answer_call<offset_delete_api::response> answer
) {
    offset_delete_api::response told;
    error_code why = check_group(request.group_id, name_rule::any);
    entry* const of = why == error_code::none ? find(request.group_id) : nullptr;
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
    erase_offsets(
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

std::set<std::string> group_coordinator::topics() const {
    std::set<std::string> all;
    for (const auto& [id, each] : entries_) {
        for (const auto& [at, value] : each.offsets) {
            all.insert(at.topic);
        }
    }
    return all;
}

void group_coordinator::forget_topic(const std::string& topic) {
    std::vector<std::string> ids;
    for (const auto& [id, each] : entries_) {
        ids.push_back(id);
    }
    for (const std::string& id : ids) {
        entry* const of = find(id);
        if (of == nullptr) {
            continue;
        }
        std::vector<topic_partition> which;
        for (const topic_partition& at : of->kept()) {
            if (at.topic == topic) {
                which.push_back(at);
            }
        }
        erase_offsets(*of, std::move(which), [](bool) {});
    }
}

std::vector<topic_partition>
group_coordinator::expired_offsets(const entry& of, timestamp_ms now) const {
    std::vector<topic_partition> which;
    if (of.state.state() != group_state::empty) {
        return which;
    }
    const bool was_group = !of.state.protocol_type().empty();
    const std::int64_t retention = options_.offsets_retention.count();
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

void group_coordinator::expire() {
    const timestamp_ms now = time_.wall_ms();
    std::vector<std::string> ids;
    for (const auto& [id, each] : entries_) {
        if (each.state.is_vacant() && each.in_flight.empty()) {
            ids.push_back(id);
        }
    }
    for (const std::string& id : ids) {
        const auto found = entries_.find(id);
        if (found == entries_.end()) {
            continue;
        }
        entry& of = found->second;
        auto which = expired_offsets(of, now);
        for (const topic_partition& at : which) {
            log_.warn(
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
            erase_group(found, [](bool) {});
        } else {
            erase_offsets(of, std::move(which), [](bool) {});
        }
    }
}

} // namespace logboom::broker
