// Produce: each partition's records are checked, patched and written where they lie in the frame.
// acks=1 is answered from the page cache, acks=all after the group commit, acks=0 not at all.
#include "codecs/kafka/messages/00_produce.h"

#include "base/metric_list.h"
#include "buffer/broker/apis/handlers.h"
#include "codecs/kafka/legacy.h"
#include "codecs/kafka/record_batch_reader.h"

#include <fmt/format.h>

namespace logboom::broker {
namespace apis::produce {
namespace {

using api = kafka::produce_api;
using kafka::error_code;

constexpr std::int16_t acks_all = -1;
/// The first version that carries batches v2 as they are.
constexpr api_version first_batch_version{3};
/// The first version whose refusals carry a sentence.
constexpr api_version first_message_version{8};

/// The answer as it fills up: partitions that wait for the disk come in later.
struct produce_state {
    reply<api> answer;
    api::response body;
    std::size_t missing = 0;
    std::int16_t acks = 1;
    bool failed = false;

    void finish() {
        if (acks != 0) {
            answer.send(body);
        } else if (failed) {
            // Without an answer this is the only way to tell the client to look again.
            answer.close("a produce request with acks=0 failed");
        } else {
            answer.send_nothing();
        }
    }
    void partition_done() {
        if (--missing == 0) {
            finish();
        }
    }
};

class produce_handler {
  public:
    explicit produce_handler(handler_services& with)
        : with_(with)
        , errors_(std::make_shared<counter_set>(
              with.context.counters, declared("logboom_broker_produce_errors_total")
          )) {}

    void operator()(const request<api>& call, reply<api> answer) const {
        auto state = std::make_shared<produce_state>();
        state->answer = std::move(answer);
        state->acks = call.body.acks;
        const bool acks_known = state->acks >= acks_all && state->acks <= 1;
        // One more than there are partitions, so that nothing is sent before all are begun.
        state->missing = 1;
        state->body.topics.reserve(call.body.topics.size());
        for (const auto& topic : call.body.topics) {
            auto& answers = state->body.topics.emplace_back();
            answers.name = topic.name;
            answers.partitions.resize(topic.partitions.size());
            for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
                answers.partitions[i].index = topic.partitions[i].index;
                ++state->missing;
            }
        }
        for (std::size_t t = 0; t < call.body.topics.size(); ++t) {
            for (std::size_t p = 0; p < call.body.topics[t].partitions.size(); ++p) {
                if (!acks_known) {
                    refuse(*state, at(*state, t, p), error_code::invalid_required_acks, {});
                } else if (call.body.transactional_id) {
                    refuse(
                        *state,
                        at(*state, t, p),
                        error_code::unsupported_version,
                        "Transactions are not offered."
                    );
                } else {
                    append(call, state, t, p);
                }
            }
        }
        state->partition_done();
    }

  private:
    using partition_answer = api::response::partition;

    static partition_answer& at(produce_state& state, std::size_t topic, std::size_t partition) {
        return state.body.topics[topic].partitions[partition];
    }

    void refuse(
        produce_state& state, partition_answer& to, error_code code, const std::string& sentence
    ) const {
        errors_->add(kafka::name_of(code));
        state.failed = true;
        to.error = wire(code);
        if (state.answer.version() >= first_message_version && !sentence.empty()) {
            to.error_message = sentence;
        }
        state.partition_done();
    }

    void append(
        const request<api>& call,
        const std::shared_ptr<produce_state>& state,
        std::size_t t,
        std::size_t p
    ) const {
        const auto& topic = call.body.topics[t];
        const auto& given = topic.partitions[p];
        partition_answer& mine = at(*state, t, p);
        const found_partition found = find_partition(with_.context.topics, topic.name, given.index);
        if (found.error != error_code::none) {
            refuse(*state, mine, found.error, sentence_of(found));
            return;
        }
        if (found.topic->internal) {
            refuse(*state, mine, error_code::invalid_topic, "The topic is internal to the broker.");
            return;
        }
        if (state->acks == acks_all && min_insync(*found.topic) > 1) {
            refuse(*state, mine, error_code::not_enough_replicas, {});
            return;
        }
        const bytes_view records = given.records.value_or(bytes_view{});
        if (call.header.version < first_batch_version) {
            append_legacy(call, state, {t, p}, *found.target, records);
            return;
        }
        // The records lie in the frame, which is ours to write to.
        const auto from = static_cast<std::size_t>(records.data() - call.frame.data());
        const mutable_bytes writable =
            records.empty() ? mutable_bytes{} : call.frame.subspan(from, records.size());
        append_batches(call, state, {t, p}, *found.target, writable);
    }

    static std::string sentence_of(const found_partition& found) {
        return found.target == nullptr
                   ? std::string()
                   : fmt::format("The partition is offline: {}.", found.target->offline_reason());
    }

    struct place {
        std::size_t topic;
        std::size_t partition;
    };

    void append_legacy(
        const request<api>& call,
        const std::shared_ptr<produce_state>& state,
        place where,
        partition& to,
        bytes_view records
    ) const {
        auto converted = kafka::convert_up(records, {});
        if (converted.has_error()) {
            partition_answer& mine = at(*state, where.topic, where.partition);
            refuse(*state, mine, error_code_of(converted.error()), converted.error().text());
            return;
        }
        append_batches(call, state, where, to, *converted);
    }

    void append_batches(
        const request<api>& call,
        const std::shared_ptr<produce_state>& state,
        place where,
        partition& to,
        mutable_bytes records
    ) const {
        trace_records(to, records);
        log::append_options options;
        // What was converted is a batch v2 by now.
        options.produce = std::max(call.header.version, first_batch_version);
        const bool synced = state->acks == acks_all && with_.context.config.sync_on_acks_all;
        with_.partitions.append_to(
            to,
            records,
            options,
            synced ? durability::synced : durability::written,
            [this, state, where](const result<log::append_result>& outcome) {
                partition_answer& mine = at(*state, where.topic, where.partition);
                if (outcome.has_error()) {
                    refuse(*state, mine, error_code_of(outcome.error()), outcome.error().text());
                    return;
                }
                with_.context.messages.debug(
                    "A batch was appended. topic={} partition={} base_offset={} last_offset={}",
                    state->body.topics[where.topic].name,
                    mine.index.value(),
                    outcome->base_offset.value(),
                    outcome->last_offset.value()
                );
                mine.base_offset = outcome->base_offset;
                mine.log_append_time = outcome->append_time;
                mine.log_start_offset = outcome->log_start_offset;
                state->partition_done();
            }
        );
    }

    /// As the client sent them, whether they will be taken or not.
    void trace_records(const partition& to, bytes_view records) const {
        const logger& messages = with_.context.messages;
        if (!messages.enabled(log_level::trace) || kafka::check_batch(records).has_error()) {
            return;
        }
        auto reader = kafka::record_reader::open(records, log::log_config::unpacked_size_max);
        kafka::record each;
        for (bool more = reader.has_value(); more;) {
            const auto read = reader->next(each);
            more = read.has_value() && *read;
            if (more) {
                messages.trace(
                    "A record came. topic={} partition={} timestamp={} key_bytes={} value_bytes={}",
                    to.name().topic,
                    to.name().partition.value(),
                    each.timestamp.value(),
                    each.key ? static_cast<std::int64_t>(each.key->size()) : -1,
                    each.value ? static_cast<std::int64_t>(each.value->size()) : -1
                );
            }
        }
    }

    [[nodiscard]] std::int32_t min_insync(const topic_state& topic) const {
        const auto own = topic.overrides.find("min.insync.replicas");
        return own == topic.overrides.end() ? with_.context.config.min_insync_replicas
                                            : std::atoi(own->second.c_str());
    }

    handler_services& with_;
    /// Shared because a handler is copied.
    std::shared_ptr<counter_set> errors_;
};

} // namespace
} // namespace apis::produce

void add_produce(handler_table& to, handler_services& with) {
    using namespace apis::produce;
    to.add<api>(produce_handler(with));
}

} // namespace logboom::broker
