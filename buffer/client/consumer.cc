#include "buffer/client/consumer.h"

#include "buffer/client/consumer_loop.h"

#include <algorithm>
#include <array>

namespace logboom::client {
namespace {

constexpr std::size_t records_at_once = 4096;

struct topic_view {
    const rd_kafka_topic_t* topic;
    std::int32_t partition;
    std::size_t index;
};

} // namespace

result<std::unique_ptr<consumer>> consumer::make(consumer_options options, metrics& counters) {
    LB_CHECK(check_properties(RD_KAFKA_CONSUMER, options.properties));
    auto made = std::make_shared<loop>(std::move(options), counters);
    return std::unique_ptr<consumer>(new consumer(std::move(made)));
}

consumer::~consumer() {
    close();
}

result<void> consumer::start() {
    if (!loop_->poller.joinable()) {
        LB_CHECK(loop_->open());
        LB_CHECK(loop_->subscribe());
        loop_->poller = std::thread([inner = loop_.get()] { inner->run(); });
    }
    return {};
}

void consumer::end_reading() noexcept {
    loop_->reading_ended = true;
}

void consumer::close() {
    loop_->close();
}

rd_kafka_t* consumer::handle() const noexcept {
    return loop_->client.get();
}

std::shared_ptr<const void> consumer::lifeline() const {
    return loop_;
}

bool consumer::owns(client::lease held) const {
    const std::lock_guard lock(loop_->mutex);
    return loop_->owned.partition_of(held) != nullptr;
}

client::lease consumer::renew(const topic_partition& at) {
    const std::lock_guard lock(loop_->mutex);
    return loop_->owned.lease_of(at) == no_lease ? no_lease : loop_->owned.renew(at);
}

std::optional<ack_token> consumer::hand_on(client::lease of, offset first, offset end) {
    std::optional<hand_over> batch;
    {
        const std::lock_guard lock(loop_->mutex);
        batch = loop_->owned.begin(of, first, end);
    }
    if (!batch) {
        return std::nullopt;
    }
    return ack_token([inner = loop_, held = *batch](ack_verdict verdict) {
        inner->on_ack(held, verdict);
    });
}

std::vector<fetched_records>
consumer::fetch(std::size_t records_max, std::chrono::milliseconds limit) {
    loop& inner = *loop_;
    if (inner.changing_hands.load()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return {};
    }
    const std::unique_lock lock(inner.fetch_mutex);
    std::array<rd_kafka_message_t*, records_at_once> taken{};
    // The batch call waits until it has all it was asked for: so the first record is waited for
    // alone, and then what is there is taken.
    rd_kafka_message_t* first =
        rd_kafka_consume_batch_queue(
            inner.fetch_queue.get(), static_cast<int>(limit.count()), taken.data(), 1
        ) == 1
            ? taken[0]
            : nullptr;
    if (first == nullptr) {
        return {};
    }
    const std::size_t more = std::min(records_max, records_at_once) - 1;
    const ssize_t count =
        more == 0
            ? 0
            : rd_kafka_consume_batch_queue(inner.fetch_queue.get(), 0, taken.data() + 1, more);
    const std::size_t total = 1 + static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    std::vector<fetched_records> groups;
    std::vector<topic_view> seen;
    for (std::size_t i = 0; i < total; ++i) {
        message_handle message(taken[i]);
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            inner.on_record_error(*message);
            continue;
        }
        auto found = std::find_if(seen.rbegin(), seen.rend(), [&](const topic_view& each) {
            return each.topic == message->rkt && each.partition == message->partition;
        });
        if (found == seen.rend()) {
            seen.push_back({message->rkt, message->partition, groups.size()});
            found = seen.rbegin();
            fetched_records group;
            group.at = {rd_kafka_topic_name(message->rkt), partition_id(message->partition)};
            const std::lock_guard guard(inner.mutex);
            group.lease = inner.owned.lease_of(group.at);
            group.committed = inner.owned.committed(group.lease);
            groups.push_back(std::move(group));
        }
        groups[found->index].messages.push_back(std::move(message));
    }
    std::erase_if(groups, [](const fetched_records& each) { return each.lease == no_lease; });
    for (const fetched_records& each : groups) {
        inner.records.add(static_cast<std::int64_t>(each.messages.size()));
    }
    if (!groups.empty()) {
        inner.say_reachable();
    }
    return groups;
}

} // namespace logboom::client
