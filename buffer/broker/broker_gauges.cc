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
    for (const auto& [name, topic] : with_.topics.all()) {
        for (const auto& each : topic.partitions) {
            each->show(with_.counters);
        }
    }
}

void broker_gauges::look_at_groups() {
    std::set<group_partition> seen;
    with_.groups.visit_offsets([&](const std::string& group,
                                   const topic_partition& place,
                                   offset committed) {
        const partition* const source = with_.topics.find(place);
        if (source == nullptr || source->log() == nullptr) {
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
        const std::int64_t lag =
            source->log()->bounds().high_watermark().value() - committed.value();
        found->second.committed.set(committed.value());
        found->second.lag.set(std::max<std::int64_t>(lag, 0));
        seen.insert(key);
    });
    std::erase_if(groups_, [&](const auto& each) { return !seen.contains(each.first); });
}

} // namespace logboom::broker
