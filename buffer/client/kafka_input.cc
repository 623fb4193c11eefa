// The kafka input: members of a group on threads of their own, records as batches of events.
#include "buffer/client/kafka_input.h"

#include "base/metric_list.h"
#include "buffer/client/consumer.h"
#include "buffer/client/dead_letter_topic.h"
#include "buffer/client/errc.h"
#include "buffer/client/kafka_input_settings.h"
#include "buffer/client/partition_reader.h"
#include "buffer/client/topic_ids.h"

#include <fmt/format.h>

#include <map>
#include <stdexcept>
#include <thread>

namespace logboom::client {
namespace {

using namespace std::chrono_literals;

constexpr auto fetch_limit = 50ms;
constexpr auto low_watermark_timeout_ms = 1000;
constexpr auto gap_check_interval = 10s;

std::chrono::nanoseconds now() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

/// What a batch refers to: the messages go before the client they came from.
struct held_messages {
    std::shared_ptr<const void> client;
    std::vector<message_handle> messages;
};

/// One member of the group with its fetching thread's state.
class member {
  public:
    member(std::unique_ptr<consumer> from, const plugin_context& context, const counter& gap)
        : consumer_(std::move(from))
        , log_(context.log)
        , gap_(gap)
        , ids_(context.log)
        , batch_size_max_(
              context.options.has("max_poll_records")
                  ? static_cast<std::size_t>(context.options.integer("max_poll_records"))
                  : context.batch_size_max
          ) {
        if (context.options.text("topics_pattern").empty()) {
            topics_ = context.options.list("topics");
        }
        options_.codec = context.codec;
        options_.decorate = decoration_of(context.options);
        options_.group = context.options.text("group_id");
        options_.time = &context.time;
        options_.topic_id = [this](const std::string& topic) {
            return ids_.find(consumer_->handle(), topic, stop_);
        };
    }

    /// Until it is told to stop, or nothing can be read any more.
    result<void> run(batch_sink& into, const std::stop_token& stop) {
        stop_ = stop;
        LB_CHECK(consumer_->start());
        ids_.find_ahead(consumer_->handle(), topics_);
        const std::stop_callback end(stop, [this] { consumer_->end_reading(); });
        while (!stop.stop_requested()) {
            for (fetched_records& each : consumer_->fetch(batch_size_max_, fetch_limit)) {
                if (!take(std::move(each), into)) {
                    return {};
                }
            }
            flush_held(into);
            if (auto why = consumer_->failure()) {
                return *std::move(why);
            }
        }
        return {};
    }

    void close() { consumer_->close(); }

  private:
    struct open_partition {
        topic_partition at;
        partition_reader reader;
        std::chrono::nanoseconds last_read{0};
        std::chrono::nanoseconds last_gap_check{0};
    };

    bool take(fetched_records records, batch_sink& into) {
        auto batch = std::make_unique<event_batch>();
        batch->order_key = std::hash<topic_partition>{}(records.at);
        const offset first = records.first;
        if (consumer_->begins_anew(records)) {
            ids_.forget(records.at.topic);
        }
        open_partition* open = open_at(records);
        check_gap(records, *open, first);
        const offset begin = open->reader.is_holding() ? open->reader.end() : first;
        auto held = std::make_shared<held_messages>();
        held->client = consumer_->lifeline();
        held->messages = std::move(records.messages);
        batch->events.reserve(held->messages.size());
        for (const message_handle& message : held->messages) {
            if (!open->reader.read(*message, *batch)) {
                return false;
            }
        }
        open->last_read = now();
        log_.debug(
            "Records came. topic={} partition={} first={} records={} events={}",
            records.at.topic,
            records.at.partition.value(),
            first.value(),
            held->messages.size(),
            batch->events.size()
        );
        batch->memory.keep(std::move(held));
        return push(records.lease, begin, open->reader.end(), std::move(batch), into);
    }

    bool push(lease of, offset begin, offset end, batch_ptr batch, batch_sink& into) {
        auto token = consumer_->hand_on(of, begin, end);
        if (!token) {
            // Revoked meanwhile: its new owner reads the records again.
            open_.erase(of);
            return true;
        }
        if (batch->events.empty()) {
            token->delivered();
            return true;
        }
        batch->ack = std::move(*token);
        return into.push(std::move(batch));
    }

    void flush_held(batch_sink& into) {
        for (auto& [of, open] : open_) {
            // Without a limit they are held until more come, and read again after a stop.
            const auto limit = open.reader.hold_limit();
            if (limit && open.reader.is_holding() && now() - open.last_read > *limit) {
                auto batch = std::make_unique<event_batch>();
                batch->order_key = std::hash<topic_partition>{}(open.at);
                const offset begin = open.reader.end();
                open.reader.flush(*batch);
                push(of, begin, open.reader.expected(), std::move(batch), into);
                return;
            }
        }
    }

    open_partition* open_at(const fetched_records& records) {
        const auto found = open_.find(records.lease);
        if (found != open_.end()) {
            return &found->second;
        }
        std::erase_if(open_, [&](const auto& each) {
            const bool is_gone = !consumer_->owns(each.first);
            if (is_gone) {
                // While it was not ours the topic may have been deleted and made anew.
                ids_.forget(each.second.at.topic);
            }
            return is_gone;
        });
        const auto made = open_.emplace(
            records.lease, open_partition{records.at, partition_reader(options_, records.at)}
        );
        return &made.first->second;
    }

    /// Records that retention removed before they were read are no longer there to deliver: said
    /// and counted. A jump alone proves nothing: compaction and transactions leave holes too.
    void check_gap(const fetched_records& records, open_partition& open, offset first) {
        const offset expected =
            open.reader.expected() == no_offset ? records.committed : open.reader.expected();
        if (expected == no_offset || first == expected ||
            now() - open.last_gap_check < gap_check_interval) {
            return;
        }
        open.last_gap_check = now();
        std::int64_t low = -1;
        std::int64_t high = -1;
        const auto code = rd_kafka_query_watermark_offsets(
            consumer_->handle(),
            records.at.topic.c_str(),
            records.at.partition.value(),
            &low,
            &high,
            low_watermark_timeout_ms
        );
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR && low > expected.value()) {
            gap_.add(low - expected.value());
            log_.error(
                "Records were deleted before they were read. topic={} partition={} first={} "
                "last={} "
                "resumed_at={}",
                records.at.topic,
                records.at.partition.value(),
                expected.value(),
                low - 1,
                first.value()
            );
        } else if (first < expected) {
            log_.warn(
                "The committed offset is not in the log; reading begins elsewhere. topic={} "
                "partition={} committed={} resumed_at={}",
                records.at.topic,
                records.at.partition.value(),
                expected.value(),
                first.value()
            );
        }
    }

    std::unique_ptr<consumer> consumer_;
    logger log_;
    counter gap_;
    topic_ids ids_;
    std::size_t batch_size_max_;
    reader_options options_;
    /// Those that are named; none with a pattern.
    std::vector<std::string> topics_;
    std::stop_token stop_;
    std::map<lease, open_partition> open_;
};

class kafka_input_plugin final : public input {
  public:
    kafka_input_plugin(
        std::vector<std::unique_ptr<member>> members, std::unique_ptr<dead_letter_topic> letters
    )
        : members_(std::move(members)), letters_(std::move(letters)) {}

    [[nodiscard]] bool can_read_again() const noexcept override { return true; }

    void run(batch_sink& into, std::stop_token stop) override {
        std::stop_source ended;
        const std::stop_callback asked(stop, [&] { ended.request_stop(); });
        std::vector<result<void>> outcomes(members_.size());
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < members_.size(); ++i) {
                threads.emplace_back([&, i] {
                    try {
                        outcomes[i] = members_[i]->run(into, ended.get_token());
                    } catch (const std::exception& why) {
                        outcomes[i] = error(errc::member_is_dead, why.what());
                    }
                    // One that cannot go on ends all: a part of the partitions unread, and nobody
                    // told, would be worse than none.
                    ended.request_stop();
                });
            }
        }
        for (const result<void>& each : outcomes) {
            if (each.has_error()) {
                throw std::runtime_error("Topics cannot be read: " + each.error().text());
            }
        }
    }

    void close() override {
        {
            // At once: each waits for answers.
            std::vector<std::jthread> closing;
            for (const auto& each : members_) {
                closing.emplace_back([one = each.get()] { one->close(); });
            }
        }
        letters_->close();
    }

    dead_letter_queue* dead_letters() override { return letters_.get(); }

  private:
    std::vector<std::unique_ptr<member>> members_;
    std::unique_ptr<dead_letter_topic> letters_;
};

/// client.id and group.instance.id of the `index`th of several members.
void number_member(property_list& properties, const settings& from, std::int64_t index) {
    const bool many = from.integer("consumer_threads") > 1;
    const std::string suffix = many ? "-" + std::to_string(index) : "";
    if (!from.text("client_id").empty()) {
        properties.emplace_back("client.id", from.text("client_id") + suffix);
    }
    if (!from.text("group_instance_id").empty()) {
        properties.emplace_back("group.instance.id", from.text("group_instance_id") + suffix);
    }
}

result<std::unique_ptr<input>> make_input(const plugin_context& context) {
    const settings& from = context.options;
    for (const std::string& note : input_notes(from)) {
        context.log.warn("{}", note);
    }
    LB_TRY(const property_list properties, consumer_properties(from));
    const counter gap(
        context.counters,
        declared("logboom_kafka_input_records_deleted_unread_total"),
        context.labels()
    );
    constexpr std::chrono::milliseconds soon{200};
    std::vector<std::unique_ptr<member>> members;
    for (std::int64_t i = 0; i < from.integer("consumer_threads"); ++i) {
        consumer_options options;
        options.properties = properties;
        number_member(options.properties, from, i);
        options.topics = subscription_of(from);
        options.commit_interval =
            from.flag("enable_auto_commit")
                ? std::chrono::milliseconds(from.integer("auto_commit_interval_ms"))
                : soon;
        options.log = context.log;
        options.labels = context.labels();
        LB_TRY(auto made, consumer::make(std::move(options), context.counters));
        members.push_back(std::make_unique<member>(std::move(made), context, gap));
    }
    LB_TRY(
        auto letters, dead_letter_topic::make(from, context.log, context.counters, context.labels())
    );
    return std::unique_ptr<input>(
        std::make_unique<kafka_input_plugin>(std::move(members), std::move(letters))
    );
}

} // namespace

const input_row kafka_input{"kafka", kafka_input_table(), make_input};

} // namespace logboom::client
