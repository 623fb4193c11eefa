// The writers' side of a producer: sessions, and what is refused at once.
#include "buffer/client/producer.h"

#include "base/assertion.h"
#include "buffer/client/producer_loop.h"
#include "buffer/client/record_fields.h"

#include <algorithm>

namespace logboom::client {

bool is_topic_name(std::string_view name) noexcept {
    constexpr std::size_t name_size_max = 249;
    return !name.empty() && name.size() <= name_size_max && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(), [](char each) {
               return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
                      (each >= '0' && each <= '9') || each == '.' || each == '_' || each == '-';
           });
}

result<std::unique_ptr<producer>> producer::make(producer_options options, metrics& counters) {
    static const real_clock time;
    auto made = std::make_unique<loop>(std::move(options), counters, time);
    LB_CHECK(made->connect());
    made->poller = std::thread([inner = made.get()] { inner->run(); });
    return std::unique_ptr<producer>(new producer(std::move(made)));
}

producer::producer(std::unique_ptr<loop> made) : loop_(std::move(made)) {}

producer::~producer() {
    close({});
}

void producer::close(std::chrono::nanoseconds limit) {
    loop& inner = *loop_;
    if (!inner.poller.joinable()) {
        return;
    }
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    inner.close_by_ns = std::chrono::nanoseconds(now + limit).count();
    {
        const std::lock_guard lock(inner.wait_mutex);
        inner.closing = true;
    }
    inner.space.notify_all();
    inner.poller.join();
}

void producer::provoke_fatal_error() {
    const std::shared_lock lock(loop_->link_mutex);
    loop_->live->provoke_fatal_error();
}

struct producer::session::hidden {
    loop& inner;
    delivery* owner;
    std::shared_lock<std::shared_mutex> lock;
    std::string last_name;
    rd_kafka_topic_t* last_topic = nullptr;

    /// Mostly the topic of the record before: then its name needs no checks and no search.
    [[nodiscard]] bool is_last(std::string_view name) const noexcept {
        return last_topic != nullptr && name == last_name;
    }
    rd_kafka_topic_t* find_topic(std::string_view name);
    rd_kafka_resp_err_t enqueue(const outgoing_record& record, placement& place);
    void refuse(const outgoing_record& record, rd_kafka_resp_err_t code, std::string_view reason);
};

producer::session::session(producer& through, ack_token ack)
    : hidden_(new hidden{
          *through.loop_,
          new delivery(std::move(ack)),
          std::shared_lock(through.loop_->link_mutex),
          {},
          nullptr,
      }) {}

producer::session::~session() {
    // The lock first: releasing may run the ack's callback, which is somebody else's code.
    hidden_->lock.unlock();
    hidden_->owner->release();
}

rd_kafka_topic_t* producer::session::hidden::find_topic(std::string_view name) {
    last_name.assign(name);
    last_topic = inner.live->topic(last_name, inner.options.topics_max);
    return last_topic;
}

rd_kafka_resp_err_t
producer::session::hidden::enqueue(const outgoing_record& record, placement& place) {
    record_fields fields(last_topic);
    fields.payload(record.payload);
    if (record.has_key) {
        fields.key(record.key);
    }
    fields.opaque(&place);
    fields.timestamp(record.timestamp.value());
    for (const record_header& header : record.headers) {
        fields.header(header.name, header.value);
    }
    return inner.hand_over(fields, record.payload.size() + record.key.size());
}

void producer::session::hidden::refuse(
    const outgoing_record& record, rd_kafka_resp_err_t code, std::string_view reason
) {
    rejected_record gone;
    gone.topic = record.topic;
    gone.key = record.key;
    gone.payload = record.payload;
    for (const record_header& header : record.headers) {
        if (header.name == "logboom.origin") {
            gone.origin = header.value;
        }
    }
    gone.error = code;
    gone.error_name = rd_kafka_err2name(code);
    gone.reason = reason;
    inner.reject(gone, owner->share());
}

bool producer::session::send(const outgoing_record& record, std::uint64_t hash, bool by_key) {
    loop& inner = hidden_->inner;
    bool has_topic = hidden_->is_last(record.topic);
    if (!has_topic && !is_topic_name(record.topic)) {
        hidden_->refuse(record, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, "not a legal topic name");
        return true;
    }
    placement& place = hidden_->owner->place(hash, by_key);
    while (!inner.closing.load(std::memory_order_relaxed)) {
        rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__QUEUE_FULL;
        if (!inner.must_wait() && !inner.pacing.is_full()) {
            if (!has_topic && hidden_->find_topic(record.topic) == nullptr) {
                hidden_->refuse(
                    record, RD_KAFKA_RESP_ERR_POLICY_VIOLATION, "too many different topics"
                );
                return true;
            }
            hidden_->owner->hold();
            code = hidden_->enqueue(record, place);
            if (code == RD_KAFKA_RESP_ERR_NO_ERROR) [[likely]] {
                inner.sent.add();
                inner.sent_bytes.add(static_cast<std::int64_t>(record.payload.size()));
                return true;
            }
            hidden_->owner->release();
        }
        const bool will_pass = code == RD_KAFKA_RESP_ERR__QUEUE_FULL ||
                               code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__STATE;
        if (!will_pass) {
            hidden_->refuse(record, code, rd_kafka_err2str(code));
            return true;
        }
        // Without the lock, or a replacement could never begin.
        hidden_->lock.unlock();
        const bool again = inner.wait_for_space();
        hidden_->lock.lock();
        hidden_->last_topic = nullptr;
        has_topic = false;
        if (!again) {
            break;
        }
    }
    hidden_->owner->mark_lost();
    return false;
}

} // namespace logboom::client
