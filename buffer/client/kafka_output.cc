// The kafka output: events encoded as records, with key and headers.
#include "buffer/client/kafka_output.h"

#include "base/metric_list.h"
#include "buffer/client/errc.h"
#include "buffer/client/handle.h"
#include "buffer/client/kafka_output_settings.h"
#include "buffer/client/partitioner.h"
#include "buffer/client/producer.h"
#include "event/sprintf.h"

#include <fmt/format.h>

#include <atomic>

namespace logboom::client {
namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;

struct header_template {
    std::string name;
    sprintf_template value;
};

result<std::vector<header_template>> headers_of(const plugin_options& from) {
    std::vector<header_template> made;
    for (const option_entry& each : from.entries("message_headers")) {
        LB_TRY(const option_text* value, from.only_value("message_headers", each));
        made.push_back({each.key.text(), value->form()});
    }
    return made;
}

/// Buffers of one writing thread, reused from event to event.
struct scratch {
    std::string topic;
    std::string key;
    std::string payload;
    std::string origin;
    std::vector<std::string> header_values;
    std::vector<record_header> headers;
};

/// Counts records by topic: once for each run of one topic, not for each record.
class topic_run {
  public:
    explicit topic_run(counter_set& into) : into_(into) {}
    topic_run(const topic_run&) = delete;
    topic_run& operator=(const topic_run&) = delete;
    ~topic_run() { end(); }

    void add(std::string_view topic) {
        if (topic != topic_) {
            end();
            topic_ = topic;
        }
        ++records_;
    }

  private:
    void end() {
        if (records_ > 0) {
            into_.add(topic_, std::exchange(records_, 0));
        }
    }

    counter_set& into_;
    std::string topic_;
    std::int64_t records_ = 0;
};

void bury(dead_letter_queue& into, const rejected_record& record, ack_token share) {
    dead_letter letter;
    letter.document = record.payload;
    letter.output = "kafka";
    letter.status = record.error;
    letter.error_type = record.error_name;
    letter.reason = record.reason;
    letter.target = record.topic;
    letter.id = record.key;
    static_cast<void>(event_origin::parse(record.origin, letter.origin));
    into.write(letter, std::move(share));
}

class kafka_output_plugin final : public output {
  public:
    kafka_output_plugin(
        const plugin_context& context,
        partitioning how,
        std::vector<header_template> headers,
        producer_options options
    )
        : options_(std::move(options))
        , counters_(context.counters)
        , sent_by_topic_(
              context.counters,
              declared("logboom_kafka_output_topic_records_sent_total"),
              context.labels()
          )
        , codec_(context.codec)
        , topic_(context.options.single("topic_id")->form())
        , how_(how)
        , headers_(std::move(headers)) {
        if (const option_text* key = context.options.single("message_key")) {
            has_key_ = !key->text().empty();
            key_ = key->form();
        }
    }

    result<void> start() override {
        LB_TRY(producer_, producer::make(options_, counters_));
        return {};
    }

    void
    write(const event_batch& batch, std::span<const std::uint32_t> chosen, ack_token ack) override {
        thread_local scratch space;
        producer::session session(*producer_, std::move(ack));
        topic_run sent(sent_by_topic_);
        // Events without a stream stay together by the write, as Java's sticky partitioner does.
        const std::uint64_t sticky = next_number();
        std::string_view stream;
        std::uint64_t hash = sticky;
        const bool is_traced = options_.log.enabled(log_level::trace);
        for (const std::uint32_t index : chosen) {
            const event& each = batch.events[index];
            if (how_ == partitioning::round_robin) {
                hash = turn_.fetch_add(1, std::memory_order_relaxed);
            } else if (how_ == partitioning::by_stream && each.origin.order() != stream) {
                stream = each.origin.order();
                hash = stream.empty() ? sticky : stream_hash(stream);
            }
            const outgoing_record record = encode(each, space);
            if (is_traced) {
                options_.log.trace(
                    "A record is sent. topic={} key={} bytes={}",
                    record.topic,
                    record.key,
                    record.payload.size()
                );
            }
            if (!session.send(record, hash, how_ != partitioning::round_robin)) {
                return;
            }
            sent.add(record.topic);
        }
        options_.log.debug("A batch is sent. records={}", chosen.size());
    }

    void finish(std::chrono::nanoseconds limit) override { producer_->close(limit); }

  private:
    std::uint64_t next_number() {
        return stream_hash(std::to_string(turn_.fetch_add(1, std::memory_order_relaxed)));
    }

    outgoing_record encode(const event& from, scratch& space) const {
        outgoing_record record;
        space.payload.clear();
        codec_->encode(from, space.payload);
        record.payload = space.payload;
        record.topic = topic_.text();
        if (!topic_.is_constant()) {
            space.topic.clear();
            topic_.render(from, space.topic);
            record.topic = space.topic;
        }
        if (has_key_) {
            space.key.clear();
            key_.render(from, space.key);
            record.key = space.key;
            record.has_key = true;
        }
        if (const std::int64_t time = from.timestamp(); time > 0) {
            record.timestamp = timestamp_ms(time / ns_per_ms);
        }
        record.headers = encode_headers(from, space);
        return record;
    }

    std::span<const record_header> encode_headers(const event& from, scratch& space) const {
        space.headers.clear();
        if (from.origin.is_known()) {
            space.origin.clear();
            from.origin.append_text(space.origin);
            space.headers.push_back({origin_header, space.origin});
        }
        space.header_values.resize(headers_.size());
        for (std::size_t i = 0; i < headers_.size(); ++i) {
            space.header_values[i].clear();
            headers_[i].value.render(from, space.header_values[i]);
            space.headers.push_back({headers_[i].name, space.header_values[i]});
        }
        return space.headers;
    }

    producer_options options_;
    metrics& counters_;
    counter_set sent_by_topic_;
    std::shared_ptr<const codec> codec_;
    sprintf_template topic_;
    sprintf_template key_;
    bool has_key_ = false;
    partitioning how_;
    std::vector<header_template> headers_;
    std::atomic<std::uint64_t> turn_{0};
    std::unique_ptr<producer> producer_;
};

result<std::unique_ptr<output>> make_output(const plugin_context& context) {
    LB_TRY(const partitioning how, partitioning_of(context.options));
    LB_TRY(auto headers, headers_of(context.options));
    const std::string& topic = context.options.text("topic_id");
    if (context.options.single("topic_id")->form().is_constant() && !is_topic_name(topic)) {
        return error(errc::bad_topic, "topic_id \"" + topic + "\"");
    }
    producer_options options;
    LB_TRY(options.properties, producer_properties(context.options));
    options.log = context.log;
    options.labels = context.labels();
    options.rejected = [letters =
                            context.dead_letters](const rejected_record& record, ack_token share) {
        bury(*letters, record, std::move(share));
    };
    LB_CHECK(check_properties(RD_KAFKA_PRODUCER, options.properties));
    return std::unique_ptr<output>(
        std::make_unique<kafka_output_plugin>(context, how, std::move(headers), std::move(options))
    );
}

} // namespace

// Logstash's default, which nobody expects who sends events from one pipeline to the next.
const output_row kafka_output{
    "kafka",
    kafka_output_table(),
    make_output,
    {.without_codec =
         "the kafka output has no codec, so a record is the line \"time host message\" and nothing "
         "else of the event; codec => json sends all of it."}};

} // namespace logboom::client
