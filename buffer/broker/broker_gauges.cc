#include "buffer/broker/broker_gauges.h"

#include "base/metric_list.h"

#include <algorithm>
#include <set>

namespace logboom::broker {
namespace {

constexpr auto gauge_interval = std::chrono::seconds(5);

} // namespace

void broker_gauges::start() {
    look();
    timer_ = with_.loop.call_after(gauge_interval, [this] { start(); });
}

void broker_gauges::look() {
    look_at_logs();
    look_at_groups();
}

void broker_gauges::look_at_logs() {
    std::set<topic_partition> seen;
    for (const auto& [name, topic] : with_.topics.all()) {
        for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
            const log::partition_log* const log = topic.partitions[i].log;
            if (log == nullptr) {
                continue;
            }
            const topic_partition place{name, partition_id(static_cast<std::int32_t>(i))};
            auto found = logs_.find(place);
            if (found == logs_.end()) {
                const label_values labels{name, std::to_string(i)};
                metrics& to = with_.counters;
                found = logs_
                            .try_emplace(
                                place,
                                log_series{
                                    {to, declared("logboom_log_start_offset"), labels},
                                    {to, declared("logboom_log_end_offset"), labels},
                                    {to, declared("logboom_log_size_bytes"), labels}}
                            )
                            .first;
            }
            found->second.start.set(log->bounds().start().value());
            found->second.end.set(log->bounds().end().value());
            found->second.size.set(static_cast<std::int64_t>(log->size_bytes()));
            seen.insert(place);
        }
    }
    std::erase_if(logs_, [&](const auto& each) { return !seen.contains(each.first); });
}

void broker_gauges::look_at_groups() {
    std::set<group_partition> seen;
    with_.groups.visit_offsets([&](const std::string& group,
                                   const topic_partition& place,
                                   offset committed) {
        const log::partition_log* const log = with_.topics.log_of(place);
        if (log == nullptr) {
            return;
        }
        const group_partition key{group, place};
        auto found = groups_.find(key);
        if (found == groups_.end()) {
            const label_values labels{group, place.topic, std::to_string(place.partition.value())};
            metrics& to = with_.counters;
            found = groups_
                        .try_emplace(
                            key,
                            group_series{
                                {to, declared("logboom_broker_group_committed_offset"), labels},
                                {to, declared("logboom_broker_group_lag_records"), labels}}
                        )
                        .first;
        }
        const std::int64_t lag = log->bounds().high_watermark().value() - committed.value();
        found->second.committed.set(committed.value());
        found->second.lag.set(std::max<std::int64_t>(lag, 0));
        seen.insert(key);
    });
    std::erase_if(groups_, [&](const auto& each) { return !seen.contains(each.first); });
}

} // namespace logboom::broker
