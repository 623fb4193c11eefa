#include "buffer/client/consumer.h"

#include "buffer/client/consumer_loop.h"

namespace logboom::client {

result<std::unique_ptr<consumer>> consumer::make(consumer_options options, metrics& counters) {
    static const real_clock time;
    LB_CHECK(check_properties(RD_KAFKA_CONSUMER, options.properties));
    auto made = std::make_shared<loop>(std::move(options), counters, time);
    return std::unique_ptr<consumer>(new consumer(std::move(made)));
}

consumer::~consumer() {
    close();
}

result<void> consumer::start() {
    if (!loop_->poller.joinable()) {
        LB_CHECK(loop_->join());
        loop_->poller = std::thread([inner = loop_.get()] { inner->run(); });
    }
    return {};
}

void consumer::end_reading() noexcept {
    loop_->reading_ended = true;
}

void consumer::close() {
    if (!loop_->stopping.exchange(true) && loop_->poller.joinable()) {
        loop_->poller.join();
        loop_->leave();
    }
}

rd_kafka_t* consumer::handle() const noexcept {
    return loop_->live->handle();
}

std::shared_ptr<const void> consumer::lifeline() const {
    return loop_;
}

bool consumer::owns(client::lease held) const {
    const std::lock_guard lock(loop_->mutex);
    return loop_->owned.partition_of(held) != nullptr;
}

std::optional<error> consumer::failure() const {
    const std::lock_guard lock(loop_->mutex);
    return loop_->failure;
}

bool consumer::begins_anew(fetched_records& records) {
    return loop_->begins_anew(records);
}

std::optional<ack_token> consumer::hand_on(client::lease of, offset first, offset end) {
    const auto batch = loop_->begin(of, first, end);
    if (!batch) {
        return std::nullopt;
    }
    return ack_token([inner = loop_, held = *batch](ack_verdict verdict) {
        inner->on_ack(held, verdict);
    });
}

std::vector<fetched_records>
consumer::fetch(std::size_t records_max, std::chrono::milliseconds limit) {
    if (loop_->changing_hands.load()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return {};
    }
    return loop_->fetch(records_max, limit);
}

} // namespace logboom::client
