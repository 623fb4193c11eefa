// Letters as records with headers; one that is too large is cut.
#include "buffer/client/dead_letter_topic.h"

#include "base/metric_list.h"
#include "buffer/client/errc.h"
#include "buffer/client/handle.h"
#include "buffer/client/partitioner.h"

#include <array>

namespace logboom::client {
namespace {

constexpr std::chrono::seconds close_limit{2};
/// What a broker's default limit lets through with room for the headers.
constexpr std::size_t cut_document_size = std::size_t{512} * 1024;
constexpr std::size_t header_text_max = std::size_t{8} * 1024;

std::string_view shortened(std::string_view text) {
    return text.substr(0, header_text_max);
}

} // namespace

dead_letter_topic::dead_letter_topic(
    property_list properties, logger log, metrics& counters, label_values labels
)
    : properties_(std::move(properties))
    , log_(std::move(log))
    , labels_(std::move(labels))
    , counters_(counters)
    , letters_(counters, declared("logboom_dead_letters_written_total"), labels_)
    , cut_(counters, declared("logboom_dead_letters_cut_total"), labels_)
    , lost_(counters, declared("logboom_dead_letters_failed_total"), labels_) {}

dead_letter_topic::~dead_letter_topic() {
    close();
}

result<std::unique_ptr<dead_letter_topic>>
dead_letter_topic::make(const settings& from, logger log, metrics& counters, label_values labels) {
    property_list properties;
    LB_CHECK(add_connection_properties(from, properties));
    LB_CHECK(add_security_properties(from, properties));
    properties.emplace_back("acks", "all");
    properties.emplace_back("enable.idempotence", "true");
    properties.emplace_back("message.timeout.ms", "0");
    properties.emplace_back("linger.ms", "5");
    properties.emplace_back("message.max.bytes", "100000000");
    properties.emplace_back("queue.buffering.max.kbytes", "16384");
    properties.emplace_back("queue.buffering.max.messages", "10000");
    return std::unique_ptr<dead_letter_topic>(
        new dead_letter_topic(std::move(properties), std::move(log), counters, std::move(labels))
    );
}

std::string dead_letter_topic::topic_of(const dead_letter& letter) {
    return std::string(letter.origin.topic.empty() ? nameless : letter.origin.topic) +
           std::string(suffix);
}

producer* dead_letter_topic::open(std::unique_ptr<producer>& which, rejection on_rejected) {
    const std::lock_guard lock(mutex_);
    if (which) {
        return which.get();
    }
    producer_options options;
    options.properties = properties_;
    options.log = log_;
    options.labels = labels_;
    options.labels[1] = "dead_letters";
    options.rejected = std::move(on_rejected);
    auto made = producer::make(std::move(options), counters_);
    if (made.has_error()) {
        log_.error("Dead letters cannot be written. error={}", made.error().text());
        return nullptr;
    }
    which = *std::move(made);
    return which.get();
}

void dead_letter_topic::write(const dead_letter& letter, ack_token ack) {
    const std::string topic = topic_of(letter);
    const std::string status = std::to_string(letter.status);
    std::string origin;
    if (letter.origin.is_known()) {
        letter.origin.append_text(origin);
    }
    const std::array<record_header, 7> headers{{
        {"logboom.reason", shortened(letter.reason)},
        {"logboom.status", status},
        {"logboom.error_type", shortened(letter.error_type)},
        {"logboom.output", shortened(letter.output)},
        {"logboom.target", shortened(letter.target)},
        {"logboom.id", shortened(letter.id)},
        {"logboom.origin", origin},
    }};
    outgoing_record record;
    record.topic = topic;
    record.payload = letter.document;
    record.headers =
        origin.empty() ? std::span(headers).first(headers.size() - 1) : std::span(headers);
    letters_.add();
    {
        const std::lock_guard lock(mutex_);
        if (is_closed_) {
            return;
        }
    }
    producer* through = open(producer_, [this](const rejected_record& refused, ack_token share) {
        on_too_large(refused, std::move(share));
    });
    if (through != nullptr) {
        producer::session session(*through, std::move(ack));
        static_cast<void>(session.send(record, stream_hash(topic)));
    }
}

void dead_letter_topic::on_refused(const rejected_record& record, ack_token share) {
    // Not final: the source reads the record again, and tries again.
    lost_.add();
    log_.error(
        "A dead letter cannot be written; its record stays uncommitted. topic={} error={}",
        record.topic,
        record.reason
    );
    share.lost();
}

void dead_letter_topic::on_too_large(const rejected_record& record, ack_token share) {
    const bool too_large = record.error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
                           record.error == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE;
    producer* through = nullptr;
    if (too_large && record.payload.size() > cut_document_size) {
        through = open(cutter_, [this](const rejected_record& refused, ack_token part) {
            on_refused(refused, std::move(part));
        });
    }
    if (through == nullptr) {
        on_refused(record, std::move(share));
        return;
    }
    cut_.add();
    const std::string size = std::to_string(record.payload.size());
    const std::array<record_header, 2> headers{{
        {"logboom.cut", size},
        {"logboom.origin", record.origin},
    }};
    outgoing_record cut;
    cut.topic = record.topic;
    cut.payload = record.payload.substr(0, cut_document_size);
    cut.headers = headers;
    producer::session session(*through, std::move(share));
    static_cast<void>(session.send(cut, stream_hash(record.topic)));
}

void dead_letter_topic::close() {
    // The first one's poll thread may still hand letters to the second.
    for (const auto* each : {&producer_, &cutter_}) {
        producer* one = nullptr;
        {
            const std::lock_guard lock(mutex_);
            is_closed_ = true;
            one = each->get();
        }
        if (one != nullptr) {
            one->close(close_limit);
        }
    }
}

} // namespace logboom::client
