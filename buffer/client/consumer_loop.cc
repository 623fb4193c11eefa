// A group member's poll thread: rebalances, commits, lost records read again, topics that are not
// there yet.
#include "buffer/client/consumer_loop.h"

#include "base/metric_list.h"
#include "buffer/client/errc.h"

#include <fmt/format.h>

#include <algorithm>

namespace logboom::client {
namespace {

using namespace std::chrono_literals;

constexpr auto poll_ms = 100;
constexpr auto revoke_wait = 3s;
constexpr auto commit_wait = 1500ms;
constexpr auto close_wait = 2s;
constexpr auto committed_timeout_ms = 5000;
constexpr auto rewind_pause = 500ms;
constexpr auto look_timeout = 1s;
constexpr auto complaint_delay = 2s;
constexpr auto complaint_interval = 60s;
constexpr std::chrono::nanoseconds look_pause_min = 500ms;
constexpr std::chrono::nanoseconds look_pause_max = 30s;

std::chrono::nanoseconds now() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

std::vector<topic_partition> partitions_of(const rd_kafka_topic_partition_list_t& list) {
    std::vector<topic_partition> all;
    for (int i = 0; i < list.cnt; ++i) {
        all.push_back({list.elems[i].topic, partition_id(list.elems[i].partition)});
    }
    return all;
}

bool has_topic(const rd_kafka_metadata_t& all, const std::string& name) {
    return std::any_of(all.topics, all.topics + all.topic_cnt, [&](const auto& each) {
        return name == each.topic && each.partition_cnt > 0;
    });
}

bool is_cooperative(rd_kafka_t* client) {
    const char* protocol = rd_kafka_rebalance_protocol(client);
    return protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
}

void rebalance_callback(
    rd_kafka_t* /*client*/,
    rd_kafka_resp_err_t code,
    rd_kafka_topic_partition_list_t* list,
    void* opaque
) {
    static_cast<consumer::loop*>(static_cast<client_listener*>(opaque))->on_rebalance(code, list);
}

void commit_callback(
    rd_kafka_t* /*client*/,
    rd_kafka_resp_err_t code,
    rd_kafka_topic_partition_list_t* offsets,
    void* opaque
) {
    static_cast<consumer::loop*>(opaque)->on_commit(code, offsets);
}

} // namespace

consumer::loop::loop(consumer_options with, metrics& counters)
    : options(std::move(with))
    , registry(counters)
    , records(counters, declared("logboom_kafka_input_records_total"), options.labels)
    , committed(counters, declared("logboom_kafka_input_commits_total"), options.labels)
    , commit_failures(
          counters, declared("logboom_kafka_input_commit_failures_total"), options.labels
      )
    , rebalances(counters, declared("logboom_kafka_input_rebalances_total"), options.labels)
    , rewinds(counters, declared("logboom_kafka_input_rewinds_total"), options.labels)
    , late_acks(counters, declared("logboom_kafka_input_late_acks_total"), options.labels)
    , up(counters, declared("logboom_kafka_up"), options.labels) {
    up.set(1);
}

consumer::loop::~loop() {
    // librdkafka 2.0 asserts when it destroys a member that joined and has had no assignment yet
    // (its sticky assignor's state), and nobody can tell from outside: the client is given up.
    if (is_subscribed && !was_assigned) {
        rd_kafka_set_log_level(client.get(), 0);
        static_cast<void>(client.release());
    }
}

result<void> consumer::loop::open() {
    LB_TRY(conf_handle conf, make_conf(options.properties, *this));
    rd_kafka_conf_set_rebalance_cb(conf.get(), rebalance_callback);
    LB_TRY(client, make_client(RD_KAFKA_CONSUMER, std::move(conf)));
    rd_kafka_poll_set_consumer(client.get());
    fetch_queue.reset(rd_kafka_queue_new(client.get()));
    commit_queue.reset(rd_kafka_queue_new(client.get()));
    return {};
}

result<void> consumer::loop::subscribe() {
    const partition_list wanted(
        rd_kafka_topic_partition_list_new(static_cast<int>(options.topics.size()))
    );
    for (const std::string& topic : options.topics) {
        rd_kafka_topic_partition_list_add(wanted.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    }
    const auto code = rd_kafka_subscribe(client.get(), wanted.get());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return kafka_error(code, fmt::format("topics {}", fmt::join(options.topics, ", ")));
    }
    is_subscribed = true;
    return {};
}

void consumer::loop::run() {
    auto next_commit = now() + options.commit_interval;
    while (!stopping) {
        if (const message_handle odd{rd_kafka_consumer_poll(client.get(), poll_ms)}) {
            on_record_error(*odd);
        }
        rd_kafka_queue_poll_callback(commit_queue.get(), 0);
        rewind_lost();
        look_for_topics();
        complain_of_broker();
        if (now() >= next_commit) {
            next_commit = now() + options.commit_interval;
            commit(0s);
            report_lag();
        }
    }
}

// librdkafka 2.0 does not join a group before it has seen the topics, and when they are not there
// it looks again only after metadata_max_age_ms. Only an answer with all topics makes it look now.
void consumer::loop::look_for_topics() {
    if (!topic_missing || now() < next_look) {
        return;
    }
    if (const metadata_handle all = fetch_metadata(client.get(), true, nullptr, look_timeout)) {
        topic_missing = false;
        for (const std::string& each : options.topics) {
            if (!each.starts_with('^') && !has_topic(*all, each)) {
                topic_missing = true;
                ask_for(each);
            }
        }
    }
    look_pause =
        topic_missing ? std::clamp(look_pause * 2, look_pause_min, look_pause_max) : look_pause_min;
    next_look = now() + look_pause;
}

// librdkafka's own requests for a subscription never let the broker make a topic.
void consumer::loop::ask_for(const std::string& topic) const {
    if (find_property(options.properties, "allow.auto.create.topics") == "true") {
        const topic_handle handle(rd_kafka_topic_new(client.get(), topic.c_str(), nullptr));
        fetch_metadata(client.get(), false, handle.get(), look_timeout);
    }
}

void consumer::loop::on_rebalance(rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list) {
    rebalances.add();
    changing_hands = true;
    rd_kafka_queue_yield(fetch_queue.get());
    const bool is_lost = rd_kafka_assignment_lost(client.get()) != 0;
    if (code == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
        give_back(*list, is_lost);
    }
    const std::lock_guard lock(fetch_mutex);
    const bool cooperative = is_cooperative(client.get());
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        was_assigned = true;
        take(*list);
        if (cooperative) {
            error_handle(rd_kafka_incremental_assign(client.get(), list));
        } else {
            rd_kafka_assign(client.get(), list);
        }
    } else if (cooperative) {
        error_handle(rd_kafka_incremental_unassign(client.get(), list));
    } else {
        rd_kafka_assign(client.get(), nullptr);
    }
    changing_hands = false;
}

void consumer::loop::take(const rd_kafka_topic_partition_list_t& list) {
    const partition_list known(rd_kafka_topic_partition_list_copy(&list));
    const auto code = rd_kafka_committed(client.get(), known.get(), committed_timeout_ms);
    for (int i = 0; i < known->cnt; ++i) {
        const rd_kafka_topic_partition_t& each = known->elems[i];
        const bool has_committed = code == RD_KAFKA_RESP_ERR_NO_ERROR &&
                                   each.err == RD_KAFKA_RESP_ERR_NO_ERROR && each.offset >= 0;
        const topic_partition at{each.topic, partition_id(each.partition)};
        {
            const std::lock_guard lock(mutex);
            owned.assign(at, offset(has_committed ? each.offset : -1));
        }
        const queue_handle of_partition(
            rd_kafka_queue_get_partition(client.get(), each.topic, each.partition)
        );
        if (of_partition) {
            rd_kafka_queue_forward(of_partition.get(), fetch_queue.get());
        }
    }
    options.log.info("Partitions were assigned. count={}", list.cnt);
}

void consumer::loop::give_back(const rd_kafka_topic_partition_list_t& list, bool is_lost) {
    const auto going = partitions_of(list);
    if (!is_lost) {
        // At close the pipeline has drained: what is open then will not be settled.
        wait_for_acks(going, stopping ? 0s : revoke_wait);
        commit(commit_wait);
    }
    const std::lock_guard lock(mutex);
    for (const topic_partition& at : going) {
        owned.revoke(at);
        // Its new owner tells of it.
        lags.erase(at);
    }
    options.log.info(
        "Partitions were {}. count={}", is_lost ? "lost to the group" : "revoked", going.size()
    );
}

void consumer::loop::wait_for_acks(
    std::span<const topic_partition> of, std::chrono::nanoseconds limit
) {
    std::unique_lock lock(mutex);
    acked.wait_for(lock, limit, [&] { return owned.open_count(of) == 0; });
}

void consumer::loop::on_ack(const hand_over& batch, ack_verdict verdict) {
    {
        const std::lock_guard lock(mutex);
        if (owned.partition_of(batch.lease) == nullptr) {
            late_acks.add();
            return;
        }
        if (verdict == ack_verdict::delivered) {
            owned.finish(batch);
        } else {
            owned.lose(batch);
        }
    }
    acked.notify_all();
}

void consumer::loop::commit(std::chrono::nanoseconds wait) {
    std::vector<partition_offset> ready;
    {
        const std::lock_guard lock(mutex);
        ready = owned.take_commits();
    }
    if (!ready.empty()) {
        const partition_list list(rd_kafka_topic_partition_list_new(static_cast<int>(ready.size()))
        );
        for (const partition_offset& each : ready) {
            rd_kafka_topic_partition_list_add(
                list.get(), each.at.topic.c_str(), each.at.partition.value()
            )
                ->offset = each.offset.value();
        }
        ++commits_under_way;
        const auto code = rd_kafka_commit_queue(
            client.get(), list.get(), commit_queue.get(), commit_callback, this
        );
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            on_commit(code, list.get());
        }
    }
    const auto limit = now() + wait;
    while (commits_under_way > 0 && now() < limit) {
        rd_kafka_queue_poll_callback(commit_queue.get(), 10);
    }
}

void consumer::loop::on_commit(
    rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t* offsets
) {
    --commits_under_way;
    rd_kafka_resp_err_t worst =
        code == RD_KAFKA_RESP_ERR__NO_OFFSET ? RD_KAFKA_RESP_ERR_NO_ERROR : code;
    for (int i = 0; offsets != nullptr && i < offsets->cnt; ++i) {
        const rd_kafka_topic_partition_t& each = offsets->elems[i];
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR && each.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            continue;
        }
        worst = each.err == RD_KAFKA_RESP_ERR_NO_ERROR ? worst : each.err;
        const std::lock_guard lock(mutex);
        owned.commit_failed({each.topic, partition_id(each.partition)});
    }
    if (worst == RD_KAFKA_RESP_ERR_NO_ERROR) {
        committed.add();
        last_commit_error = worst;
        say_reachable();
        return;
    }
    commit_failures.add();
    if (std::exchange(last_commit_error, worst) != worst && !unreachable) {
        options.log.warn(
            "Offsets could not be committed; tried again. error={}", rd_kafka_err2str(worst)
        );
    }
}

void consumer::loop::rewind_lost() {
    if (now() < next_rewind) {
        return;
    }
    {
        const std::lock_guard lock(mutex);
        if (!owned.has_rewinds()) {
            return;
        }
        if (reading_ended) {
            static_cast<void>(owned.take_rewinds());
            return;
        }
    }
    changing_hands = true;
    rd_kafka_queue_yield(fetch_queue.get());
    const std::lock_guard fetching(fetch_mutex);
    std::vector<partition_offset> again;
    {
        const std::lock_guard lock(mutex);
        again = owned.take_rewinds();
    }
    for (const partition_offset& each : again) {
        const partition_list list(rd_kafka_topic_partition_list_new(1));
        rd_kafka_topic_partition_list_add(
            list.get(), each.at.topic.c_str(), each.at.partition.value()
        )
            ->offset = each.offset.value();
        const error_handle failed(
            rd_kafka_seek_partitions(client.get(), list.get(), committed_timeout_ms)
        );
        const rd_kafka_resp_err_t code =
            failed ? rd_kafka_error_code(failed.get()) : list->elems[0].err;
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            options.log.warn(
                "Lost records cannot be read again yet. topic={} partition={} offset={} error={}",
                each.at.topic,
                each.at.partition.value(),
                each.offset.value(),
                rd_kafka_err2str(code)
            );
            const std::lock_guard lock(mutex);
            owned.rewind_failed(each.at);
            next_rewind = now() + rewind_pause;
            continue;
        }
        rewinds.add();
        options.log.warn(
            "Records were lost on the way through the pipeline and are read again. topic={} "
            "partition={} offset={}",
            each.at.topic,
            each.at.partition.value(),
            each.offset.value()
        );
    }
    changing_hands = false;
}

gauge& consumer::loop::lag_of(const topic_partition& at) {
    const auto found = lags.find(at);
    if (found != lags.end()) {
        return found->second;
    }
    label_values labels = options.labels;
    labels.resize(3);
    labels.push_back(at.topic);
    labels.push_back(std::to_string(at.partition.value()));
    return lags
        .try_emplace(at, registry, declared("logboom_kafka_input_lag_records"), std::move(labels))
        .first->second;
}

void consumer::loop::report_lag() {
    std::vector<topic_partition> all;
    {
        const std::lock_guard lock(mutex);
        all = owned.partitions();
    }
    for (const topic_partition& at : all) {
        std::int64_t low = -1;
        std::int64_t high = -1;
        const auto code = rd_kafka_get_watermark_offsets(
            client.get(), at.topic.c_str(), at.partition.value(), &low, &high
        );
        offset here{-1};
        {
            const std::lock_guard lock(mutex);
            here = owned.watermark(at);
        }
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 && here.value() >= 0) {
            lag_of(at).set(std::max<std::int64_t>(high - here.value(), 0));
        }
    }
}

void consumer::loop::on_error(rd_kafka_resp_err_t code, std::string_view reason) {
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        up.set(0);
        if (!unreachable.exchange(true)) {
            options.log.warn(
                "No broker can be reached; reading goes on when one is back. bootstrap_servers={} "
                "cause=\"{}\"",
                find_property(options.properties, "bootstrap.servers"),
                trouble.cause()
            );
        }
        return;
    }
    trouble.on_error(code, reason);
    if (is_connect_failure(code, reason) && complaint_due == 0ns && now() >= next_complaint) {
        complaint = trouble.cause();
        complaint_due = now() + complaint_delay;
    }
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        options.log.error("The consumer cannot go on. error={}", reason);
        return;
    }
    options.log.debug("{} error={}", reason, rd_kafka_err2name(code));
}

// An advertised address that cannot be reached stops its partitions alone: the others answer.
void consumer::loop::complain_of_broker() {
    if (complaint_due == 0ns || now() < complaint_due) {
        return;
    }
    complaint_due = 0ns;
    if (!unreachable) {
        next_complaint = now() + complaint_interval;
        options.log.warn(
            "A broker cannot be reached; its partitions wait. cause=\"{}\"", complaint
        );
    }
}

void consumer::loop::say_reachable() {
    if (unreachable.load(std::memory_order_relaxed) && unreachable.exchange(false)) {
        up.set(1);
        options.log.info(
            "The broker answers again. bootstrap_servers={}",
            find_property(options.properties, "bootstrap.servers")
        );
    }
}

void consumer::loop::on_record_error(const rd_kafka_message_t& message) {
    if (message.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
        topic_missing = true;
    }
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF ||
        last_record_error.exchange(message.err) == message.err) {
        return;
    }
    options.log.warn(
        "Reading meets an error and is tried again. topic={} partition={} error={}",
        message.rkt != nullptr ? rd_kafka_topic_name(message.rkt) : "-",
        message.partition,
        rd_kafka_message_errstr(&message)
    );
}

void consumer::loop::close() {
    if (stopping.exchange(true) || !poller.joinable()) {
        return;
    }
    poller.join();
    {
        const std::lock_guard lock(mutex);
        static_cast<void>(owned.take_rewinds());
    }
    commit(commit_wait);
    const queue_handle queue(rd_kafka_queue_get_consumer(client.get()));
    const error_handle refused(rd_kafka_consumer_close_queue(client.get(), queue.get()));
    const auto limit = now() + close_wait;
    while (rd_kafka_consumer_closed(client.get()) == 0 && now() < limit) {
        const message_handle ignored(rd_kafka_consumer_poll(client.get(), 10));
    }
    const std::lock_guard lock(mutex);
    for (const topic_partition& at : owned.partitions()) {
        owned.revoke(at);
    }
}

} // namespace logboom::client
