#include "web/flow.h"

#include <span>
#include <string_view>

namespace logboom::web {
namespace {

using namespace std::chrono_literals;

/// As Logstash's policy CURRENT retains.
constexpr auto window = 10s;
/// More than a window of seconds needs, should somebody sample more often.
constexpr std::size_t moments_max = 64;

struct flow_metric {
    const char* name;
    std::string_view counted;
    /// What one unit of the rate is counted as.
    double unit;
};

constexpr flow_metric flow_metrics[] = {
    {"input_throughput", "logboom_pipeline_events_in_total", 1},
    {"filter_throughput", "logboom_pipeline_events_filtered_total", 1},
    {"output_throughput", "logboom_pipeline_events_out_total", 1},
    {"queue_backpressure", "logboom_pipeline_plugin_push_wait_seconds_total", 1e9},
    {"worker_concurrency", "logboom_pipeline_plugin_busy_seconds_total", 1e9},
};

double seconds_of(std::chrono::nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

} // namespace

flow_history::flow_history(
    std::vector<std::string> pipelines, const metrics& counters, const clock& time
)
    : pipelines_(std::move(pipelines)), counters_(counters), time_(time) {
    // Of all together.
    pipelines_.emplace_back();
    sample();
}

flow_history::totals flow_history::totals_of(const std::string& pipeline) const {
    static_assert(std::size(flow_metrics) == std::tuple_size_v<totals>);
    const std::span<const std::string> first(&pipeline, pipeline.empty() ? 0 : 1);
    totals sums{};
    for (std::size_t i = 0; i < sums.size(); ++i) {
        for (const metric_sample& each : counters_.samples(flow_metrics[i].counted, first)) {
            sums[i] += each.value;
        }
    }
    return sums;
}

void flow_history::sample() {
    moment now;
    now.time = time_.steady();
    for (const std::string& each : pipelines_) {
        now.pipelines.emplace(each, totals_of(each));
    }
    moments_.push_back(std::move(now));
    while (moments_.size() > moments_max ||
           (moments_.size() > 1 && moments_[1].time + window <= moments_.back().time)) {
        moments_.pop_front();
    }
}

void flow_history::write(
    json_writer& json, const std::string& pipeline, std::chrono::milliseconds uptime
) const {
    const totals now = totals_of(pipeline);
    const auto before = moments_.front().pipelines.find(pipeline);
    const double current = seconds_of(time_.steady() - moments_.front().time);
    const double lifetime = seconds_of(uptime);
    for (std::size_t i = 0; i < now.size(); ++i) {
        object(json, flow_metrics[i].name, [&] {
            const double unit = flow_metrics[i].unit;
            if (before != moments_.front().pipelines.end() && current > 0) {
                const std::int64_t more = now[i] - before->second[i];
                member(json, "current", static_cast<double>(more) / unit / current);
            }
            if (lifetime > 0) {
                member(json, "lifetime", static_cast<double>(now[i]) / unit / lifetime);
            }
        });
    }
}

} // namespace logboom::web
