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

constexpr auto rebalance_poll = 100ms;
constexpr auto ack_poll = 5ms;
constexpr auto revoke_wait = 3s;
constexpr auto commit_wait = 1500ms;
constexpr auto close_wait = 2000ms;
constexpr auto committed_timeout = 5000ms;
constexpr auto seek_timeout = 5000ms;
constexpr auto commit_poll = 10ms;
constexpr auto rewind_pause = 500ms;
constexpr auto look_timeout = 1000ms;
/// Partitions that cannot be read are told of after so long.
constexpr auto bearable_wait = 5s;
constexpr auto complaint_delay = 2s;
constexpr auto complaint_interval = 60s;
constexpr std::chrono::nanoseconds look_pause_min = 500ms;
constexpr std::chrono::nanoseconds look_pause_max = 30s;

} // namespace

consumer::loop::loop(
    consumer_options with, metrics& counters, const clock& time, consumer_opener open_link
)
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
    , up(counters, declared("logboom_kafka_up"), options.labels)
    , time(time)
    , open_link(std::move(open_link))
    , partition_stalls(bearable_wait) {
    up.set(1);
    ask_for_statistics(options.properties, bearable_wait);
}

result<void> consumer::loop::join() {
    LB_TRY(live, open_link(options.properties, *this));
    const auto code = live->subscribe(options.topics);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return kafka_error(code, fmt::format("topics {}", fmt::join(options.topics, ", ")));
    }
    next_commit = now() + options.commit_interval;
    return {};
}

void consumer::loop::run() {
    while (!stopping) {
        step();
    }
}

void consumer::loop::step() {
    live->poll(rebalance_poll);
    live->poll_commits(0ms);
    rewind_lost();
    look_for_topics();
    complain_of_broker();
    if (now() >= next_commit) {
        next_commit = now() + options.commit_interval;
        commit(0s);
        report_lag();
    }
}

void consumer::loop::look_for_topics() {
    if (!topic_missing || now() < next_look) {
        return;
    }
    if (const auto names = live->topic_names(look_timeout)) {
        topic_missing = false;
        for (const std::string& each : options.topics) {
            if (each.starts_with('^') ||
                std::find(names->begin(), names->end(), each) != names->end()) {
                continue;
            }
            topic_missing = true;
            // librdkafka's own requests for a subscription never let the broker make a topic.
            if (find_property(options.properties, "allow.auto.create.topics") == "true") {
                live->ask_for(each, look_timeout);
            }
        }
    }
    look_pause =
        topic_missing ? std::clamp(look_pause * 2, look_pause_min, look_pause_max) : look_pause_min;
    next_look = now() + look_pause;
}

std::vector<fetched_records>
consumer::loop::fetch(std::size_t records_max, std::chrono::milliseconds limit) {
    const std::lock_guard fetching(fetch_mutex);
    std::vector<fetched_records> groups;
    for (taken_records& each : live->take(records_max, limit)) {
        const std::lock_guard lock(mutex);
        const client::lease held = owned.lease_of(each.at);
        if (held == no_lease) {
            continue;
        }
        records.add(static_cast<std::int64_t>(each.messages.size()));
        groups.push_back(
            {std::move(each.at), held, owned.committed(held), each.first, std::move(each.messages)}
        );
    }
    if (!groups.empty()) {
        say_reachable();
    }
    return groups;
}

bool consumer::loop::begins_anew(fetched_records& group) {
    const std::lock_guard lock(mutex);
    const offset position = owned.position(group.lease);
    if (position <= group.first) {
        return false;
    }
    group.lease = owned.renew(group.lease);
    group.committed = no_offset;
    options.log.warn(
        "The log begins anew. topic={} partition={} expected={} offset={}",
        group.at.topic,
        group.at.partition.value(),
        position.value(),
        group.first.value()
    );
    return true;
}

std::optional<hand_over> consumer::loop::begin(client::lease of, offset first, offset end) {
    const std::lock_guard lock(mutex);
    return owned.begin(of, first, end);
}

void consumer::loop::on_assigned(std::span<const topic_partition> partitions) {
    rebalances.add();
    changing_hands = true;
    live->wake();
    const std::lock_guard fetching(fetch_mutex);
    for (const partition_answer& each : live->committed(partitions, committed_timeout)) {
        const bool is_known = each.code == RD_KAFKA_RESP_ERR_NO_ERROR && each.offset.value() >= 0;
        const std::lock_guard lock(mutex);
        owned.assign(each.at, is_known ? each.offset : no_offset);
    }
    live->assign(partitions);
    changing_hands = false;
    options.log.info("Partitions were assigned. count={}", partitions.size());
}

void consumer::loop::on_revoked(std::span<const topic_partition> partitions, bool is_lost) {
    rebalances.add();
    changing_hands = true;
    live->wake();
    if (!is_lost) {
        // At close the pipeline has drained: what is open then will not be settled.
        wait_for_acks(partitions, stopping ? 0s : revoke_wait);
        commit(commit_wait);
    }
    {
        const std::lock_guard lock(mutex);
        for (const topic_partition& at : partitions) {
            owned.revoke(at);
            // Its new owner tells of it.
            lags.erase(at);
        }
    }
    options.log.info(
        "Partitions were {}. count={}", is_lost ? "lost to the group" : "revoked", partitions.size()
    );
    const std::lock_guard fetching(fetch_mutex);
    live->unassign(partitions);
    changing_hands = false;
}

void consumer::loop::wait_for_acks(
    std::span<const topic_partition> of, std::chrono::nanoseconds limit
) {
    const auto all_settled = [&] {
        const std::lock_guard lock(mutex);
        return owned.open_count(of) == 0;
    };
    const auto end = now() + limit;
    while (!all_settled() && now() < end) {
        live->poll_commits(ack_poll);
    }
}

void consumer::loop::on_ack(const hand_over& batch, ack_verdict verdict) {
    const std::lock_guard lock(mutex);
    if (owned.partition_of(batch.lease) == nullptr) {
        late_acks.add();
    } else if (verdict == ack_verdict::delivered) {
        owned.finish(batch);
    } else {
        owned.lose(batch);
    }
}

void consumer::loop::commit(std::chrono::nanoseconds wait) {
    std::vector<partition_offset> ready;
    {
        const std::lock_guard lock(mutex);
        ready = owned.take_commits();
    }
    if (!ready.empty()) {
        ++commits_under_way;
        if (const auto code = live->commit(ready); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            std::vector<partition_answer> refused;
            for (const partition_offset& each : ready) {
                refused.push_back({each.at, each.offset, code});
            }
            on_commit(code, refused);
        }
    }
    const auto end = now() + wait;
    while (commits_under_way > 0 && now() < end) {
        live->poll_commits(commit_poll);
    }
}

void consumer::loop::on_commit(
    rd_kafka_resp_err_t code, std::span<const partition_answer> partitions
) {
    --commits_under_way;
    rd_kafka_resp_err_t worst =
        code == RD_KAFKA_RESP_ERR__NO_OFFSET ? RD_KAFKA_RESP_ERR_NO_ERROR : code;
    for (const partition_answer& each : partitions) {
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR && each.code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            continue;
        }
        worst = each.code == RD_KAFKA_RESP_ERR_NO_ERROR ? worst : each.code;
        const std::lock_guard lock(mutex);
        owned.commit_failed(each.at);
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
    live->wake();
    const std::lock_guard fetching(fetch_mutex);
    std::vector<partition_offset> again;
    {
        const std::lock_guard lock(mutex);
        again = owned.take_rewinds();
    }
    std::for_each(again.begin(), again.end(), [this](const auto& each) { rewind(each); });
    changing_hands = false;
}

void consumer::loop::rewind(const partition_offset& to) {
    const auto code = live->seek(to, seek_timeout);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        options.log.warn(
            "Lost records cannot be read again yet. topic={} partition={} offset={} error={}",
            to.at.topic,
            to.at.partition.value(),
            to.offset.value(),
            rd_kafka_err2str(code)
        );
        const std::lock_guard lock(mutex);
        owned.rewind_failed(to.at);
        next_rewind = now() + rewind_pause;
        return;
    }
    rewinds.add();
    options.log.warn(
        "Records were lost on the way through the pipeline and are read again. topic={} "
        "partition={} offset={}",
        to.at.topic,
        to.at.partition.value(),
        to.offset.value()
    );
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
        const auto end = live->known_end(at);
        const std::lock_guard lock(mutex);
        const offset here = owned.watermark(at);
        if (end && here != no_offset) {
            lag_of(at).set(std::max<std::int64_t>(end->value() - here.value(), 0));
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
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        fail(error(errc::member_is_dead, std::string(reason)));
        return;
    }
    trouble.on_error(code, reason);
    if (is_connect_failure(code, reason) && complaint_due == 0ns && now() >= next_complaint) {
        complaint = trouble.cause();
        complaint_due = now() + complaint_delay;
    }
    options.log.debug("{} error={}", reason, rd_kafka_err2name(code));
}

// An advertised address that cannot be reached stops its partitions alone: the others answer. Those
// are named by on_partitions(); here is the broker that was to say which ones are ours.
void consumer::loop::complain_of_broker() {
    if (complaint_due == 0ns || now() < complaint_due) {
        return;
    }
    complaint_due = 0ns;
    const auto has_partitions = [this] {
        const std::lock_guard lock(mutex);
        return !owned.partitions().empty();
    };
    if (!unreachable && !has_partitions()) {
        next_complaint = now() + complaint_interval;
        options.log.warn(
            "A broker cannot be reached; nothing is assigned to this member yet. cause=\"{}\"",
            complaint
        );
    }
}

void consumer::loop::on_partitions(std::span<const partition_state> states) {
    if (unreachable) {
        partition_stalls.forget();
        return;
    }
    const auto found = partition_stalls.look(now(), states, trouble);
    for (const auto& [cause, standing] : found.stalled) {
        options.log.warn(
            "Partitions cannot be read. partitions=\"{}\" cause=\"{}\"",
            names_of(standing.partitions),
            cause
        );
    }
    if (!found.moving.empty()) {
        options.log.info(
            "These partitions are read again. partitions=\"{}\"", names_of(found.moving)
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

void consumer::loop::on_record_error(const record_error& met) {
    if (met.code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
        fail(error(errc::no_offset_to_read, fmt::format("{}-{}", met.topic, met.partition)));
        return;
    }
    if (met.code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
        topic_missing = true;
    }
    if (met.code == RD_KAFKA_RESP_ERR__PARTITION_EOF ||
        last_record_error.exchange(met.code) == met.code) {
        return;
    }
    options.log.warn(
        "Reading meets an error and is tried again. topic={} partition={} error={}",
        met.topic,
        met.partition,
        met.reason
    );
}

void consumer::loop::fail(const error& why) {
    {
        const std::lock_guard lock(mutex);
        if (failure) {
            return;
        }
        failure = why;
    }
    // At once: the fetching thread may be held up by a full pipeline.
    options.log.error("The consumer cannot go on. error={}", why.text());
}

void consumer::loop::leave() {
    {
        const std::lock_guard lock(mutex);
        static_cast<void>(owned.take_rewinds());
    }
    commit(commit_wait);
    live->close(close_wait);
    const std::lock_guard lock(mutex);
    for (const topic_partition& at : owned.partitions()) {
        owned.revoke(at);
    }
}

} // namespace logboom::client
