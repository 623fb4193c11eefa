#include "web/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace logboom::web {
namespace {

struct reachable {
    std::string plugin;
    std::vector<std::string> gone;
    std::size_t count = 0;
};

/// By plugin id: the servers of the metric's series, and which of them are not there.
std::map<std::string, reachable>
servers_of(const metrics& counters, std::string_view name, const std::string& pipeline) {
    std::map<std::string, reachable> out;
    for (const metric_sample& each : counters.samples(name, std::vector<std::string>{pipeline})) {
        if (each.labels.size() < 3) {
            continue;
        }
        reachable& plugin = out[each.labels[2]];
        plugin.plugin = each.labels[1];
        ++plugin.count;
        if (each.value == 0) {
            plugin.gone.push_back(each.labels.size() > 3 ? each.labels[3] : "every broker");
        }
    }
    return out;
}

} // namespace

const char* name_of(health status) {
    switch (status) {
    case health::green:
        return "green";
    case health::yellow:
        return "yellow";
    case health::red:
        break;
    }
    return "red";
}

pipeline_health health_of(const metrics& counters, const std::string& pipeline) {
    pipeline_health out;
    const std::vector<std::string> mine{pipeline};
    for (const metric_sample& each : counters.samples("logboom_pipeline_up", mine)) {
        if (each.value == 0) {
            out.status = health::red;
            out.state = "TERMINATED";
            out.symptoms.emplace_back("the pipeline has stopped because a plugin failed");
        }
    }
    for (const char* name : {"logboom_elasticsearch_host_up", "logboom_kafka_up"}) {
        for (const auto& [id, servers] : servers_of(counters, name, pipeline)) {
            if (servers.gone.empty()) {
                continue;
            }
            const bool is_cut_off = servers.gone.size() == servers.count;
            out.status = std::max(out.status, is_cut_off ? health::red : health::yellow);
            out.symptoms.push_back(fmt::format(
                "{} '{}' cannot reach {}", servers.plugin, id, fmt::join(servers.gone, ", ")
            ));
        }
    }
    return out;
}

} // namespace logboom::web
