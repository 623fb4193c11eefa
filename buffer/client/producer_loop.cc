// A producer's poll thread: delivery reports, records that are sent again, a dead client replaced,
// and what is said of brokers.
#include "buffer/client/producer_loop.h"

#include "base/assertion.h"
#include "base/metric_list.h"
#include "buffer/client/partitioner.h"
#include "buffer/client/record_fields.h"
#include "event/event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace logboom::client {
namespace {

using namespace std::chrono_literals;

constexpr auto poll_limit = 50ms;
constexpr auto closing_poll = 10ms;
constexpr auto send_again_pause = 500ms;
constexpr auto space_wait = 100ms;
constexpr auto stall_look_interval = 100ms;
constexpr std::int64_t complaint_interval_ns = std::chrono::nanoseconds(60s).count();

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

/// The header logboom.origin; empty when there is none.
std::string_view origin_of(const rd_kafka_headers_t* headers) {
    const void* text = nullptr;
    std::size_t size = 0;
    const bool found = headers != nullptr &&
                       rd_kafka_header_get_last(headers, origin_header.data(), &text, &size) ==
                           RD_KAFKA_RESP_ERR_NO_ERROR;
    return found ? std::string_view(static_cast<const char*>(text), size) : std::string_view{};
}

} // namespace

producer::loop::loop(
    producer_options with, metrics& counters, const clock& time, link_opener open_link
)
    : options(std::move(with))
    , pacing(pace::limits_of(options.properties))
    , sent(counters, declared("logboom_kafka_output_records_sent_total"), options.labels)
    , sent_bytes(counters, declared("logboom_kafka_output_sent_bytes_total"), options.labels)
    , delivered(counters, declared("logboom_kafka_output_records_delivered_total"), options.labels)
    , retried(counters, declared("logboom_kafka_output_records_retried_total"), options.labels)
    , lost(counters, declared("logboom_kafka_output_records_lost_total"), options.labels)
    , full(counters, declared("logboom_kafka_output_queue_full_total"), options.labels)
    , replaced(counters, declared("logboom_kafka_output_clients_replaced_total"), options.labels)
    , rejected(counters, declared("logboom_kafka_output_records_rejected_total"), options.labels)
    , up(counters, declared("logboom_kafka_up"), options.labels)
    , time(time)
    , open_link(std::move(open_link))
    , stall(options.bearable_wait)
    , partition_stalls(options.bearable_wait) {
    up.set(1);
    ask_for_statistics(options.properties, options.bearable_wait);
}

result<void> producer::loop::connect() {
    LB_TRY(live, open_link(options.properties, pacing.own_linger(), *this));
    return {};
}

void producer::loop::run() {
    while (step()) {
    }
    give_up();
}

bool producer::loop::step() {
    poll_once();
    if (fatal) {
        replace_link();
    }
    send_returned();
    look_for_stall();
    if (!closing) {
        return true;
    }
    const bool is_empty = live->queued() == 0 && !must_wait();
    return !is_empty && now().count() < close_by_ns;
}

void producer::loop::poll_once() {
    if (closing) {
        live->flush(closing_poll);
    } else if (pacing.is_due(now())) {
        live->flush(1ms);
    } else {
        live->poll(std::chrono::ceil<std::chrono::milliseconds>(pacing.sleep(now(), poll_limit)));
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
        live->wake();
    }
    const auto code = live->send(record);
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

void producer::loop::on_report(const delivery_report& report) {
    placement* const place = report.place;
    LB_ASSERT(place != nullptr);
    ++come_back_records;
    // What was given up because nobody answered is no sign that somebody does.
    if (report.code != RD_KAFKA_RESP_ERR__MSG_TIMED_OUT) {
        ++settled_records;
        partition_stalls.moved(report.topic_key, report.topic, report.partition);
    }
    come_back_bytes += static_cast<std::int64_t>(report.payload.size() + report.key.size());
    const bool was_alone = std::exchange(alone_in_flight, false);
    if (was_alone) {
        --returned_count;
    }
    const fate what = fate_of(report.code);
    if (what == fate::again || (what == fate::too_large && !was_alone)) {
        if (giving_up) {
            place->owner->mark_lost();
            lost.add();
        } else {
            say_returned(report.code);
            keep(report, what == fate::too_large);
            return;
        }
    } else if (what == fate::final) {
        delivered.add();
        if (options.log.enabled(log_level::trace)) {
            options.log.trace(
                "A record is stored. topic={} partition={}", report.topic, report.partition
            );
        }
        pacing.stored(report.topic_key, report.partition);
        if (unreachable.load(std::memory_order_relaxed) && unreachable.exchange(false)) {
            up.set(1);
            options.log.info(
                "The broker takes records again. bootstrap_servers={}",
                find_property(options.properties, "bootstrap.servers")
            );
        }
        last_returned_code = 0;
    } else {
        refuse(report);
    }
    if (reported_owner != place->owner) {
        settle_reported();
        reported_owner = place->owner;
    }
    ++reported_count;
}

void producer::loop::refuse(const delivery_report& report) {
    rejected_record gone;
    gone.topic = report.topic;
    gone.key = report.key;
    gone.payload = report.payload;
    gone.origin = origin_of(report.headers);
    gone.error = report.code;
    gone.error_name = rd_kafka_err2name(report.code);
    // Not rd_kafka_message_errstr(): for a record of a producer that is the payload.
    gone.reason = rd_kafka_err2str(report.code);
    reject(gone, report.place->owner->share());
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
    rejected.add(record.error_name);
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
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        up.set(0);
    }
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
    const int queued = live->queued();
    const bool is_waiting = queued > 0 || must_wait();
    const auto found = stall.look(at, is_waiting, settled_records);
    listen_closely(stall.is_suspicious() || partition_stalls.is_suspicious());
    if (!is_waiting) {
        trouble.clear();
    }
    if (found == stall_watch::finding::stalled && !unreachable) {
        options.log.warn(
            "Records wait for the broker. records={} seconds={} cause=\"{}\"",
            queued + returned_count,
            std::chrono::duration_cast<std::chrono::seconds>(stall.lasting(at)).count(),
            cause_of_waiting()
        );
    } else if (found == stall_watch::finding::moves_again && !unreachable) {
        options.log.info("The broker takes records again.");
    }
}

std::string producer::loop::cause_of_waiting() const {
    std::string cause = trouble.cause();
    if (cause.empty() && !waiting_partitions.empty()) {
        const partition_state& first = waiting_partitions.front();
        cause = names_of(std::span(&first.at, 1)) + ": " + cause_of_stall(first, trouble);
    }
    return cause.empty() ? "no answer" : cause;
}

void producer::loop::on_partitions(std::span<const partition_state> states) {
    waiting_partitions.assign(states.begin(), states.end());
    if (unreachable || stall.is_stalled()) {
        partition_stalls.forget();
        return;
    }
    const auto found = partition_stalls.look(now(), states, trouble);
    for (const auto& [cause, standing] : found.stalled) {
        options.log.warn(
            "Records of some partitions wait; others move. partitions=\"{}\" records={} "
            "cause=\"{}\"",
            names_of(standing.partitions),
            standing.waiting,
            cause
        );
    }
    if (!found.moving.empty()) {
        options.log.info(
            "Records of these partitions move again. partitions=\"{}\"", names_of(found.moving)
        );
    }
}

void producer::loop::listen_closely(bool on) {
    if (std::exchange(listens_closely, on) == on) {
        return;
    }
    live->listen_closely(on);
    if (!on) {
        // It moves: what was is over.
        trouble.clear();
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

void producer::loop::keep(const delivery_report& report, bool alone) {
    returned_record record;
    record.topic = report.topic;
    record.has_payload = report.has_payload;
    record.payload = report.payload;
    record.has_key = report.has_key;
    record.key = report.key;
    record.timestamp = report.timestamp;
    if (report.headers != nullptr) {
        record.headers.reset(rd_kafka_headers_copy(report.headers));
    }
    record.place = report.place;
    record.alone = alone;
    if (returned.empty()) {
        send_again_at = now() + (alone || fatal ? 0ms : send_again_pause);
    }
    returned.push_back(std::move(record));
    ++returned_count;
    retried.add();
}

void producer::loop::drain(std::chrono::nanoseconds limit, std::chrono::milliseconds each_poll) {
    live->purge();
    const auto end = now() + limit;
    while (live->queued() > 0 && now() < end) {
        live->poll(each_poll);
    }
}

void producer::loop::replace_link() {
    auto made = open_link(options.properties, pacing.own_linger(), *this);
    if (made.has_error()) {
        options.log.error("The producer cannot start anew. error={}", made.error().text());
        return;
    }
    const std::unique_lock lock(link_mutex);
    // Everything the dead client held comes back through on_report, in order, and waits in
    // `returned` before any writer gets the new one.
    drain(5s, poll_limit);
    settle_reported();
    live = *std::move(made);
    partition_stalls.forget();
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
        if (alone && (alone_in_flight || live->queued() > 0)) {
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
    drain(2s, closing_poll);
    for (returned_record& each : returned) {
        each.place->owner->mark_lost();
        forget(each);
        lost.add();
    }
    returned.clear();
    settle_reported();
}

} // namespace logboom::client
