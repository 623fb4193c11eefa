// Fetch: batches as they lie in the log, by sendfile. A request that finds less than min_bytes
// waits until enough is appended, its time is up or its client is gone. Sessions are never opened
// (every request is whole), which Kafka allows.
#include "codecs/kafka/messages/01_fetch.h"

#include "base/metric_list.h"
#include "buffer/broker/apis/handlers.h"
#include "codecs/kafka/legacy.h"

#include <algorithm>

namespace logboom::broker {
namespace apis::fetch {
namespace {

using api = kafka::fetch_api;
using kafka::error_code;

/// Kafka's fetch.max.bytes.
constexpr std::size_t response_size_max = 57'671'680;
constexpr auto wait_max = std::chrono::minutes(5);
/// The first version that takes batches v2; earlier ones get message sets of magic 0 and 1.
constexpr api_version first_batch_version{4};
constexpr api_version first_magic_1_version{2};
/// What old clients, who get converted copies, may ask for at once.
constexpr std::size_t converted_size_max = 4 << 20;

/// One partition as it was asked for.
struct wanted_partition {
    std::string topic;
    api::request::topic::partition at;
    /// Where its records are, from the first read on.
    std::weak_ptr<partition> source;
};

/// What a request asks for, and what a try to fulfil it gave.
struct fetch_outcome {
    api::response body;
    std::vector<std::vector<log::log_slice>> regions;
    /// Converted records, which the body points to.
    std::vector<std::vector<std::byte>> converted;
    /// Where the records come from, and how many bytes of them.
    std::vector<std::pair<log::partition_log*, std::size_t>> sources;
    std::size_t size = 0;
    bool failed = false;
};

class fetch_call final : public append_waiter, public std::enable_shared_from_this<fetch_call> {
  public:
    fetch_call(
        handler_services& with, counter_set& errors, const request<api>& call, reply<api> answer
    )
        : with_(with)
        , errors_(errors)
        , answer_(std::move(answer))
        , read_committed_(call.body.isolation_level == 1)
        , size_max_(static_cast<std::size_t>(std::max(call.body.max_bytes, 0)))
        , size_min_(static_cast<std::size_t>(std::max(call.body.min_bytes, 0)))
        , wait_(std::min<std::chrono::milliseconds>(
              std::chrono::milliseconds(std::max(call.body.max_wait_ms, 0)), wait_max
          )) {
        for (const auto& topic : call.body.topics) {
            for (const auto& partition : topic.partitions) {
                wanted_.push_back({std::string(topic.name), partition, {}});
            }
        }
        size_max_ = std::min(size_max_, response_size_max);
        if (answer_.version() < first_batch_version) {
            size_max_ = std::min(size_max_, converted_size_max);
        }
    }
    ~fetch_call() override { stop_waiting(); }

    void begin() {
        fetch_outcome outcome = read();
        if (outcome.failed || outcome.size >= size_min_ || wait_.count() == 0 || wanted_.empty()) {
            send(outcome);
            return;
        }
        missing_ = static_cast<std::int64_t>(size_min_ - outcome.size);
        wait();
    }

    bool appended(std::size_t bytes) override {
        missing_ -= static_cast<std::int64_t>(bytes);
        return missing_ <= 0;
    }
    void records_ready() override { finish(); }

  private:
    using partition_answer = api::response::topic::partition;

    void wait() {
        for (const wanted_partition& each : wanted_) {
            if (const auto source = each.source.lock()) {
                source->wait_for_append(shared_from_this());
            }
        }
        waiting_ = true;
        // The timer holds the call; the partitions only know it weakly.
        timer_ =
            with_.context.loop.call_after(wait_, [self = shared_from_this()] { self->finish(); });
        answer_.on_disconnect([weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->stop_waiting();
            }
        });
    }

    void stop_waiting() {
        if (!std::exchange(waiting_, false)) {
            return;
        }
        for (const wanted_partition& each : wanted_) {
            if (const auto source = each.source.lock()) {
                source->stop_waiting(*this);
            }
        }
        const auto timer = std::move(timer_);
    }

    void finish() {
        if (!waiting_) {
            return;
        }
        const auto keep = shared_from_this();
        stop_waiting();
        if (answer_.connected()) {
            fetch_outcome outcome = read();
            send(outcome);
        } else {
            answer_ = reply<api>();
        }
    }

    /// In the turn of its read().
    void send(fetch_outcome& outcome) {
        for (const auto& [log, size] : outcome.sources) {
            log->count_fetched(size);
        }
        for (const auto& topic : outcome.body.topics) {
            for (const auto& each : topic.partitions) {
                if (each.error != wire(error_code::none)) {
                    errors_.add(kafka::name_of(static_cast<error_code>(each.error)));
                }
            }
        }
        answer_.send(outcome.body, std::move(outcome.regions));
    }

    fetch_outcome read() {
        fetch_outcome outcome;
        outcome.converted.reserve(wanted_.size());
        for (wanted_partition& each : wanted_) {
            if (outcome.body.topics.empty() || outcome.body.topics.back().name != each.topic) {
                outcome.body.topics.emplace_back().name = each.topic;
            }
            auto& mine = outcome.body.topics.back().partitions.emplace_back();
            mine.index = each.at.index;
            const error_code error = read_partition(each, mine, outcome);
            mine.error = wire(error);
            outcome.failed = outcome.failed || error != error_code::none;
        }
        return outcome;
    }

    error_code
    read_partition(wanted_partition& wanted, partition_answer& mine, fetch_outcome& outcome) {
        const found_partition found =
            find_partition(with_.context.topics, wanted.topic, wanted.at.index);
        if (found.error != error_code::none) {
            return found.error;
        }
        wanted.source = found.target->weak_from_this();
        log::partition_log& log = *found.target->log();
        if (const auto wrong = check_epoch(log, wanted.at.current_leader_epoch);
            wrong != error_code::none) {
            return wrong;
        }
        const offset from = wanted.at.fetch_offset;
        if (from < log.bounds().start() || from > log.bounds().high_watermark()) {
            return error_code::offset_out_of_range;
        }
        mine.high_watermark = log.bounds().high_watermark();
        mine.last_stable_offset = log.bounds().high_watermark();
        mine.log_start_offset = log.bounds().start();
        if (read_committed_) {
            mine.aborted_transactions.emplace();
        }
        if (diverges(log, wanted, mine)) {
            outcome.failed = true;
            return error_code::none;
        }
        return read_records(log, wanted, mine, outcome);
    }

    /// The consumer's last record is of an epoch that ended earlier here: it must truncate.
    static bool diverges(
        const log::partition_log& log, const wanted_partition& wanted, partition_answer& mine
    ) {
        if (wanted.at.last_fetched_epoch.value() < 0) {
            return false;
        }
        const log::epoch_end end = log.end_of_epoch(wanted.at.last_fetched_epoch);
        if (end.end_offset < offset(0) || (end.epoch >= wanted.at.last_fetched_epoch &&
                                           end.end_offset >= wanted.at.fetch_offset)) {
            return false;
        }
        mine.diverging_epoch = {end.epoch, end.end_offset};
        return true;
    }

    error_code read_records(
        log::partition_log& log,
        const wanted_partition& wanted,
        partition_answer& mine,
        fetch_outcome& outcome
    ) {
        log::read_options options;
        options.from = wanted.at.fetch_offset;
        options.at_least_one_batch = outcome.size == 0;
        options.bytes_max = std::min(
            static_cast<std::size_t>(std::max(wanted.at.bytes_max, 0)),
            size_max_ - std::min(size_max_, outcome.size)
        );
        if (options.bytes_max == 0 && !options.at_least_one_batch) {
            return error_code::none;
        }
        auto read = log.read(options);
        if (read.has_error()) {
            return error_code_of(read.error());
        }
        if (read->size == 0) {
            return error_code::none;
        }
        with_.context.messages.debug(
            "Batches are sent. topic={} partition={} from={} next={} bytes={}",
            wanted.topic,
            wanted.at.index.value(),
            options.from.value(),
            read->next_offset.value(),
            read->size
        );
        outcome.sources.emplace_back(&log, read->size);
        if (answer_.version() < first_batch_version) {
            return convert(*read, options.from, mine, outcome);
        }
        mine.records = {
            .is_gap = true, .gap_size = read->size, .gap_token = outcome.regions.size()};
        outcome.size += read->size;
        outcome.regions.push_back(std::move(read->slices));
        return error_code::none;
    }

    error_code convert(
        const log::read_result& read, offset from, partition_answer& mine, fetch_outcome& outcome
    ) {
        std::vector<std::byte> batches;
        for (const log::log_slice& each : read.slices) {
            auto bytes = log::read_slice(each);
            if (bytes.has_error()) {
                return error_code_of(bytes.error());
            }
            batches.insert(batches.end(), bytes->begin(), bytes->end());
        }
        const std::int8_t magic = answer_.version() < first_magic_1_version ? 0 : 1;
        auto made = kafka::convert_down(batches, magic, from, {});
        if (made.has_error()) {
            return error_code_of(made.error());
        }
        outcome.converted.push_back(*std::move(made));
        mine.records.view = outcome.converted.back();
        outcome.size += mine.records.view.size();
        return error_code::none;
    }

    handler_services& with_;
    counter_set& errors_;
    reply<api> answer_;
    std::vector<wanted_partition> wanted_;
    bool read_committed_;
    std::size_t size_max_;
    std::size_t size_min_;
    std::chrono::milliseconds wait_;
    std::int64_t missing_ = 0;
    bool waiting_ = false;
    std::unique_ptr<net::loop_timer> timer_;
};

} // namespace
} // namespace apis::fetch

void add_fetch(handler_table& to, handler_services& with) {
    using namespace apis::fetch;
    auto errors = std::make_shared<counter_set>(
        with.context.counters, declared("logboom_broker_fetch_errors_total")
    );
    to.add<api>([&with, errors](const request<api>& call, reply<api> answer) {
        if (call.body.session_id != 0) {
            api::response refusal;
            errors->add(kafka::name_of(error_code::fetch_session_id_not_found));
            refusal.error = wire(error_code::fetch_session_id_not_found);
            answer.send(refusal);
            return;
        }
        std::make_shared<fetch_call>(with, *errors, call, std::move(answer))->begin();
    });
}

} // namespace logboom::broker
