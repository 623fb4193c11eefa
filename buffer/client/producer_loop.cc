// A producer's poll thread: delivery reports, records that are sent again, a dead client replaced,
// and what is said of brokers.
#include "buffer/client/producer_loop.h"

#include "base/assertion.h"
#include "buffer/client/partitioner.h"
#include "buffer/client/record_fields.h"
#include "event/event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace logboom::client {
namespace {

using namespace std::chrono_literals;

constexpr auto poll_ms = 50;
constexpr auto send_again_pause = 500ms;
constexpr auto space_wait = 100ms;
constexpr auto stall_look_interval = 100ms;
constexpr int log_level_info = 6;
constexpr int log_level_debug = 7;
constexpr std::int64_t complaint_interval_ns = std::chrono::nanoseconds(60s).count();

std::chrono::nanoseconds now() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

enum class fate { final, again, too_large, never };

/// What an error of a delivery report means for its record.
fate fate_of(rd_kafka_resp_err_t code) {
    switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return fate::final;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
        return fate::too_large;
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    // Only with a finite `retries` or a delivery timeout, which the user has asked for.
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
        return fate::never;
    default:
        return fate::again;
    }
}

void on_message(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) {
    static_cast<producer::loop*>(static_cast<client_listener*>(opaque))->on_report(*message);
}

/// The header logboom.origin; empty when there is none.
std::string_view origin_of(const rd_kafka_headers_t* headers) {
    const void* text = nullptr;
    std::size_t size = 0;
    const bool found = headers != nullptr &&
                       rd_kafka_header_get_last(headers, origin_header.data(), &text, &size) ==
                           RD_KAFKA_RESP_ERR_NO_ERROR;
    return found ? std::string_view(static_cast<const char*>(text), size) : std::string_view{};
}

std::int32_t choose_partition(
    const rd_kafka_topic_t* /*topic*/,
    const void* key,
    std::size_t key_size,
    std::int32_t partitions,
    void* /*topic_opaque*/,
    void* message_opaque
) {
    const auto* place = static_cast<const placement*>(message_opaque);
    if (key != nullptr && place->by_key) {
        return partition_of_key({static_cast<const std::byte*>(key), key_size}, partitions);
    }
    return partition_of_stream(place->hash, partitions);
}

} // namespace

rd_kafka_topic_t* connection::topic(const std::string& name, std::size_t limit) {
    const std::lock_guard lock(mutex);
    const auto found = topics.find(name);
    if (found != topics.end()) {
        return found->second.get();
    }
    if (topics.size() >= limit) {
        return nullptr;
    }
    topic_handle made(rd_kafka_topic_new(client.get(), name.c_str(), nullptr));
    LB_ASSERT(made != nullptr);
    return topics.emplace(name, std::move(made)).first->second.get();
}

producer::loop::loop(producer_options with, metrics& counters)
    : options(std::move(with))
    , pacing(pace::limits_of(options.properties))
    , sent(counters.get("logboom_kafka_output_records_sent_total", options.labels))
    , sent_bytes(counters.get("logboom_kafka_output_bytes_sent_total", options.labels))
    , delivered(counters.get("logboom_kafka_output_records_delivered_total", options.labels))
    , retried(counters.get("logboom_kafka_output_records_retried_total", options.labels))
    , lost(counters.get("logboom_kafka_output_records_lost_total", options.labels))
    , full(counters.get("logboom_kafka_output_queue_full_total", options.labels))
    , replaced(counters.get("logboom_kafka_output_clients_replaced_total", options.labels))
    , registry(counters)
    , stall(options.bearable_wait) {}

result<std::unique_ptr<connection>> producer::loop::connect() {
    LB_TRY(conf_handle conf, make_conf(options.properties, *this));
    rd_kafka_conf_set_dr_msg_cb(conf.get(), on_message);
    // What the broker answers to a request that librdkafka repeats stands nowhere else; it is only
    // listened to while nothing moves (listen_closely).
    const bool is_user_debugging = !find_property(options.properties, "debug").empty();
    if (!is_user_debugging) {
        rd_kafka_conf_set(conf.get(), "debug", "msg", nullptr, 0);
    }
    // librdkafka would choose for records without a key itself, and not ask choose_partition.
    rd_kafka_conf_set(conf.get(), "sticky.partitioning.linger.ms", "0", nullptr, 0);
    rd_kafka_conf_set(
        conf.get(), "linger.ms", std::to_string(pacing.own_linger().count()).c_str(), nullptr, 0
    );
    rd_kafka_topic_conf_t* topic_conf = rd_kafka_conf_get_default_topic_conf(conf.get());
    if (topic_conf == nullptr) {
        topic_conf = rd_kafka_topic_conf_new();
        rd_kafka_conf_set_default_topic_conf(conf.get(), topic_conf);
    }
    rd_kafka_topic_conf_set_partitioner_cb(topic_conf, choose_partition);
    auto made = std::make_unique<connection>();
    LB_TRY(made->client, make_client(RD_KAFKA_PRODUCER, std::move(conf)));
    if (!is_user_debugging) {
        rd_kafka_set_log_level(made->client.get(), log_level_info);
    }
    made->reports.reset(rd_kafka_queue_get_main(made->client.get()));
    return made;
}

void producer::loop::run() {
    while (true) {
        poll_once();
        if (fatal) {
            replace_connection();
        }
        send_returned();
        look_for_stall();
        if (closing) {
            const bool empty = rd_kafka_outq_len(live->client.get()) == 0 && !must_wait();
            if (empty || now().count() >= close_by_ns) {
                break;
            }
        }
    }
    give_up();
}

void producer::loop::poll_once() {
    if (closing) {
        rd_kafka_flush(live->client.get(), 10);
    } else if (pacing.is_due(now())) {
        rd_kafka_flush(live->client.get(), 1);
    } else {
        const auto limit = std::chrono::ceil<std::chrono::milliseconds>(
            pacing.sleep(now(), std::chrono::milliseconds(poll_ms))
        );
        rd_kafka_poll(live->client.get(), static_cast<int>(limit.count()));
    }
    settle_reported();
    if (waiting > 0) {
        const std::lock_guard lock(wait_mutex);
        space.notify_all();
    }
}

rd_kafka_resp_err_t producer::loop::hand_over(record_fields& record, std::size_t size) {
    const auto bytes = static_cast<std::int64_t>(size);
    if (pacing.sent(bytes)) {
        rd_kafka_queue_yield(live->reports.get());
    }
    const auto code = record.produce(live->client.get());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        pacing.unsent(bytes);
    }
    return code;
}

bool producer::loop::wait_for_space() {
    full.add();
    ++waiting;
    {
        std::unique_lock lock(wait_mutex);
        if (!closing) {
            space.wait_for(lock, space_wait);
        }
    }
    --waiting;
    return !closing;
}

void producer::loop::on_report(const rd_kafka_message_t& message) {
    auto* place = static_cast<placement*>(message._private);
    LB_ASSERT(place != nullptr);
    ++come_back_records;
    ++settled_records;
    come_back_bytes += static_cast<std::int64_t>(message.len + message.key_len);
    const bool was_alone = std::exchange(alone_in_flight, false);
    if (was_alone) {
        --returned_count;
    }
    const fate what = fate_of(message.err);
    if (what == fate::again || (what == fate::too_large && !was_alone)) {
        if (giving_up) {
            place->owner->mark_lost();
            lost.add();
        } else {
            say_returned(message.err);
            keep(message, what == fate::too_large);
            return;
        }
    } else if (what == fate::final) {
        delivered.add();
        pacing.stored(message.rkt, message.partition);
        if (unreachable.load(std::memory_order_relaxed) && unreachable.exchange(false)) {
            options.log.info(
                "The broker takes records again. bootstrap_servers={}",
                find_property(options.properties, "bootstrap.servers")
            );
        }
        last_returned_code = 0;
    } else {
        rejected_record gone;
        gone.topic = rd_kafka_topic_name(message.rkt);
        gone.key = {static_cast<const char*>(message.key), message.key_len};
        gone.payload = {static_cast<const char*>(message.payload), message.len};
        rd_kafka_headers_t* headers = nullptr;
        rd_kafka_message_headers(&message, &headers);
        gone.origin = origin_of(headers);
        gone.error = message.err;
        gone.error_name = rd_kafka_err2name(message.err);
        // Not rd_kafka_message_errstr(): for a record of a producer that is the payload.
        gone.reason = rd_kafka_err2str(message.err);
        reject(gone, place->owner->share());
    }
    if (reported_owner != place->owner) {
        settle_reported();
        reported_owner = place->owner;
    }
    ++reported_count;
}

void producer::loop::settle_reported() {
    if (come_back_records > 0) {
        pacing.settled(std::exchange(come_back_records, 0), std::exchange(come_back_bytes, 0));
    }
    if (reported_owner != nullptr) {
        std::exchange(reported_owner, nullptr)->release(std::exchange(reported_count, 0));
    }
}

void producer::loop::reject(const rejected_record& record, ack_token share) {
    const std::string separator = options.labels.empty() ? "" : ",";
    registry
        .get(
            "logboom_kafka_output_records_rejected_total",
            fmt::format("{}{}reason=\"{}\"", options.labels, separator, record.error_name)
        )
        .add();
    const std::int64_t at = now().count();
    std::int64_t due = next_complaint_ns.load(std::memory_order_relaxed);
    if (at >= due && next_complaint_ns.compare_exchange_strong(due, at + complaint_interval_ns)) {
        options.log.warn(
            "A record is refused for good, others may follow. topic={} size={} error=\"{}\"",
            record.topic,
            record.payload.size(),
            record.reason
        );
    }
    options.rejected(record, std::move(share));
}

void producer::loop::on_error(rd_kafka_resp_err_t code, std::string_view reason) {
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        fatal = true;
        options.log.warn("The producer has to start anew. error={}", reason);
        return;
    }
    trouble.on_error(code, reason);
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !unreachable.exchange(true)) {
        options.log.warn(
            "No broker can be reached; records wait and are sent when one is back. "
            "bootstrap_servers={} cause=\"{}\"",
            find_property(options.properties, "bootstrap.servers"),
            trouble.cause()
        );
    }
    options.log.debug("{} error={}", reason, rd_kafka_err2name(code));
}

void producer::loop::on_log(std::string_view facility, std::string_view text) {
    trouble.on_log(facility, text);
}

void producer::loop::look_for_stall() {
    const auto at = now();
    if (at < next_stall_look) {
        return;
    }
    next_stall_look = at + stall_look_interval;
    const int queued = rd_kafka_outq_len(live->client.get());
    const bool is_waiting = queued > 0 || must_wait();
    const auto found = stall.look(at, is_waiting, settled_records);
    listen_closely(stall.is_suspicious());
    if (!is_waiting) {
        trouble.clear();
    }
    if (found == stall_watch::finding::stalled && !unreachable) {
        const std::string cause = trouble.cause();
        options.log.warn(
            "Records wait for the broker. records={} seconds={} cause=\"{}\"",
            queued + returned_count,
            std::chrono::duration_cast<std::chrono::seconds>(stall.lasting(at)).count(),
            cause.empty() ? "no answer" : cause
        );
    } else if (found == stall_watch::finding::moves_again && !unreachable) {
        options.log.info("The broker takes records again.");
    }
}

void producer::loop::listen_closely(bool on) {
    if (std::exchange(listens_closely, on) != on &&
        find_property(options.properties, "debug").empty()) {
        rd_kafka_set_log_level(live->client.get(), on ? log_level_debug : log_level_info);
    }
}

void producer::loop::say_returned(int code) {
    if (fatal || std::exchange(last_returned_code, code) == code) {
        return;
    }
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
        options.log.warn("A batch is too large for the broker; its records are sent one by one.");
        return;
    }
    options.log.warn(
        "The broker refuses records for now; they are sent again. error={}",
        rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code))
    );
}

void producer::loop::keep(const rd_kafka_message_t& message, bool alone) {
    returned_record record;
    record.topic = rd_kafka_topic_name(message.rkt);
    record.has_payload = message.payload != nullptr;
    if (record.has_payload) {
        record.payload.assign(static_cast<const char*>(message.payload), message.len);
    }
    record.has_key = message.key != nullptr;
    if (record.has_key) {
        record.key.assign(static_cast<const char*>(message.key), message.key_len);
    }
    record.timestamp = rd_kafka_message_timestamp(&message, nullptr);
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        record.headers.reset(rd_kafka_headers_copy(headers));
    }
    record.place = static_cast<placement*>(message._private);
    record.alone = alone;
    if (returned.empty()) {
        send_again_at = now() + (alone || fatal ? 0ms : send_again_pause);
    }
    returned.push_back(std::move(record));
    ++returned_count;
    retried.add();
}

void producer::loop::replace_connection() {
    auto made = connect();
    if (made.has_error()) {
        options.log.error("The producer cannot start anew. error={}", made.error().text());
        return;
    }
    const std::unique_lock lock(connection_mutex);
    // Everything the dead client held comes back through on_report, in order, and waits in
    // `returned` before any writer gets the new one.
    rd_kafka_purge(live->client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    const auto limit = now() + 5s;
    while (rd_kafka_outq_len(live->client.get()) > 0 && now() < limit) {
        rd_kafka_poll(live->client.get(), poll_ms);
    }
    settle_reported();
    live = *std::move(made);
    listens_closely = false;
    fatal = false;
    replaced.add();
}

producer::loop::attempt producer::loop::send_again(returned_record& record) {
    rd_kafka_topic_t* topic = live->topic(record.topic, options.topics_max);
    LB_ASSERT(topic != nullptr);
    record_fields fields(topic);
    fields.payload(record.has_payload ? std::string_view(record.payload) : std::string_view{});
    if (record.has_key) {
        fields.key(record.key);
    }
    fields.opaque(record.place);
    fields.timestamp(record.timestamp);
    if (record.headers != nullptr) {
        fields.headers(record.headers);
    }
    const auto code = hand_over(fields, record.payload.size() + record.key.size());
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        return attempt::sent;
    }
    if (fate_of(code) == fate::again) {
        return attempt::later;
    }
    rejected_record gone;
    gone.topic = record.topic;
    gone.key = record.key;
    gone.payload = record.payload;
    gone.origin = origin_of(record.headers.get());
    gone.error = code;
    gone.error_name = rd_kafka_err2name(code);
    gone.reason = rd_kafka_err2str(code);
    reject(gone, record.place->owner->share());
    forget(record);
    return attempt::refused;
}

void producer::loop::send_returned() {
    while (!returned.empty() && !fatal && now() >= send_again_at) {
        returned_record& front = returned.front();
        const bool alone = front.alone;
        if (alone && (alone_in_flight || rd_kafka_outq_len(live->client.get()) > 0)) {
            return;
        }
        const attempt outcome = send_again(front);
        if (outcome == attempt::later) {
            return;
        }
        returned.pop_front();
        // One that is sent alone counts until its report is in.
        alone_in_flight = alone && outcome == attempt::sent;
        returned_count -= alone_in_flight ? 0 : 1;
    }
}

void producer::loop::forget(returned_record& record) {
    record.place->owner->release();
}

void producer::loop::give_up() {
    giving_up = true;
    rd_kafka_purge(live->client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    const auto limit = now() + 2s;
    while (rd_kafka_outq_len(live->client.get()) > 0 && now() < limit) {
        rd_kafka_poll(live->client.get(), 10);
    }
    for (returned_record& each : returned) {
        each.place->owner->mark_lost();
        forget(each);
        lost.add();
    }
    returned.clear();
    settle_reported();
}

} // namespace logboom::client
