// The documents of the API and the table of their addresses. Counted things are written by
// pipeline_stats.cc, the state of the process by process_stats.cc.
#include "web/node_routes.h"

#include "base/version.h"
#include "web/flow.h"
#include "web/health.h"
#include "web/json.h"
#include "web/pipeline_stats.h"
#include "web/process_stats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <span>
#include <sys/utsname.h>
#include <thread>
#include <unistd.h>

namespace logboom::web {
namespace {

using std::chrono::milliseconds;

/// Of the Logstash whose addresses and documents these are. Monitors ask for one that is new
/// enough.
constexpr std::string_view logstash_version = "8.17.0";

const char* level_name(log_level level) {
    constexpr const char* names[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"};
    const auto index = static_cast<std::size_t>(level);
    return index < std::size(names) ? names[index] : "INFO";
}

/// What the handlers share; lives as long as the router.
class node {
  public:
    node(
        node_info about,
        std::string address,
        const metrics& counters,
        std::shared_ptr<const flow_history> flow
    )
        : about_(std::move(about))
        , address_(std::move(address))
        , counters_(counters)
        , flow_(std::move(flow)) {}

    [[nodiscard]] std::string metrics_text() const { return counters_.text(); }
    [[nodiscard]] health worst() const {
        health out = health::green;
        for (const pipeline_info& each : about_.pipelines) {
            out = std::max(out, health_of(counters_, each.id).status);
        }
        return out;
    }
    /// Every pipeline is at work, whatever its outputs can reach.
    [[nodiscard]] bool is_ready() const {
        return std::ranges::all_of(about_.pipelines, [&](const pipeline_info& each) {
            return health_of(counters_, each.id).state == "RUNNING";
        });
    }
    [[nodiscard]] bool has_pipeline(const std::string& id) const {
        return std::ranges::any_of(about_.pipelines, [&](const pipeline_info& each) {
            return each.id == id;
        });
    }

    /// What every answer begins with.
    void write_head(json_writer& json) const {
        member(json, "host", about_.host);
        member(json, "version", logstash_version);
        object(json, "logboom", [&] { member(json, "version", program_version()); });
        member(json, "http_address", address_);
        member(json, "id", about_.id);
        member(json, "name", about_.name);
        member(json, "ephemeral_id", about_.ephemeral_id);
        member(json, "snapshot", false);
        member(json, "status", name_of(worst()));
        const pipeline_info first =
            about_.pipelines.empty() ? pipeline_info() : about_.pipelines.front();
        object(json, "pipeline", [&] {
            member(json, "workers", first.workers);
            member(json, "batch_size", first.batch_size);
            member(json, "batch_delay", 0);
        });
    }

    void write_pipelines(json_writer& json, const std::string& only, bool has_graph) const {
        object(json, "pipelines", [&] {
            for (const pipeline_info& each : about_.pipelines) {
                if (!only.empty() && only != each.id) {
                    continue;
                }
                object(json, each.id, [&] {
                    member(json, "ephemeral_id", about_.ephemeral_id + "-" + each.id);
                    member(json, "hash", each.hash);
                    member(json, "workers", each.workers);
                    member(json, "batch_size", each.batch_size);
                    member(json, "batch_delay", 0);
                    member(json, "config_reload_automatic", false);
                    member(json, "config_reload_interval", 0);
                    member(json, "dead_letter_queue_enabled", true);
                    if (has_graph) {
                        write_graph(json, each.id);
                    }
                });
            }
        });
    }

    void write_os(json_writer& json) const {
        utsname system{};
        uname(&system);
        object(json, "os", [&] {
            member(json, "name", system.sysname);
            member(json, "arch", system.machine);
            member(json, "version", system.release);
            member(json, "available_processors", std::thread::hardware_concurrency());
        });
    }

    /// There is no JVM; what monitors ask of it is said of the process.
    void write_jvm(json_writer& json) const {
        object(json, "jvm", [&] {
            member(json, "pid", getpid());
            member(json, "version", "none");
            member(json, "vm_name", "logboom");
            member(json, "vm_vendor", "none");
            member(json, "vm_version", program_version());
            object(json, "mem", [&] { write_heap(json, read_process_stats()); });
            array(json, "gc_collectors", [] {});
        });
    }
    void write_jvm_stats(json_writer& json) const {
        const process_stats now = read_process_stats();
        object(json, "jvm", [&] {
            object(json, "threads", [&] {
                member(json, "count", now.threads);
                member(json, "peak_count", now.threads);
            });
            object(json, "mem", [&] {
                write_heap(json, now);
                object(json, "pools", [] {});
            });
            object(json, "gc", [&] { object(json, "collectors", [] {}); });
            member(json, "uptime_in_millis", now.uptime.count());
        });
    }
    void write_process(json_writer& json) const {
        const process_stats now = read_process_stats();
        const auto cores = std::max<std::int64_t>(1, std::thread::hardware_concurrency());
        object(json, "process", [&] {
            member(json, "open_file_descriptors", now.open_files);
            member(json, "peak_open_file_descriptors", now.open_files);
            member(json, "max_file_descriptors", now.open_files_max);
            object(json, "mem", [&] {
                member(json, "total_virtual_in_bytes", now.virtual_bytes);
                member(json, "resident_in_bytes", now.resident_bytes);
            });
            object(json, "cpu", [&] {
                member(json, "total_in_millis", now.cpu.count());
                member(json, "percent", now.cpu.count() * 100 / now.uptime.count() / cores);
                object(json, "load_average", [&] {
                    member(json, "1m", now.load_average[0]);
                    member(json, "5m", now.load_average[1]);
                    member(json, "15m", now.load_average[2]);
                });
            });
        });
    }
    /// Nothing is ever reloaded, no control group is read, and the queue is told of nowhere.
    void write_reload_stats(json_writer& json) const {
        object(json, "reloads", [&] { write_reloads(json, false); });
    }
    void write_os_stats(json_writer& json) const {
        object(json, "os", [] {});
    }
    void write_queue_stats(json_writer& json) const {
        object(json, "queue", [&] { member(json, "events_count", 0); });
    }
    void write_event_stats(json_writer& json) const {
        object(json, "events", [&] { write_events(json, counters_, {}); });
    }
    void write_flow_stats(json_writer& json) const {
        object(json, "flow", [&] { flow_->write(json, {}, read_process_stats().uptime); });
    }
    void write_pipeline_stats(json_writer& json, const std::string& only, bool has_vertices) const {
        const milliseconds uptime = read_process_stats().uptime;
        object(json, "pipelines", [&] {
            for (const pipeline_info& each : about_.pipelines) {
                if (only.empty() || only == each.id) {
                    object(json, each.id, [&] {
                        const std::string ephemeral_id = about_.ephemeral_id + "-" + each.id;
                        write_pipeline(json, counters_, *flow_, each, ephemeral_id, uptime);
                        if (has_vertices) {
                            write_vertices(json, counters_, each.id, ephemeral_id);
                        }
                    });
                }
            }
        });
    }

    void write_plugin_list(json_writer& json) const {
        member(json, "total", about_.plugins.size());
        array(json, "plugins", [&] {
            for (const std::string& each : about_.plugins) {
                json.StartObject();
                member(json, "name", each);
                member(json, "version", program_version());
                json.EndObject();
            }
        });
    }
    void write_logging(json_writer& json) const {
        object(json, "loggers", [&] { member(json, "logboom", level_name(about_.level)); });
    }
    void write_hot_threads(json_writer& json, std::size_t count_max) const {
        const process_stats now = read_process_stats();
        std::vector<thread_stats> threads = read_thread_stats();
        threads.resize(std::min(threads.size(), count_max));
        object(json, "hot_threads", [&] {
            member(json, "busiest_threads", threads.size());
            array(json, "threads", [&] {
                for (const thread_stats& each : threads) {
                    const double share = static_cast<double>(each.cpu.count()) * 100.0 /
                                         static_cast<double>(now.uptime.count());
                    json.StartObject();
                    member(json, "name", each.name);
                    member(json, "thread_id", each.id);
                    member(json, "percent_of_cpu_time", share);
                    member(json, "state", std::string_view(&each.state, 1));
                    array(json, "traces", [] {});
                    json.EndObject();
                }
            });
        });
    }
    void write_health(json_writer& json) const {
        const health status = worst();
        member(json, "symptom", symptom_of(status));
        object(json, "indicators", [&] {
            object(json, "pipelines", [&] {
                member(json, "status", name_of(status));
                member(json, "symptom", symptom_of(status));
                object(json, "indicators", [&] {
                    for (const pipeline_info& each : about_.pipelines) {
                        object(json, each.id, [&] { write_pipeline_health(json, each.id); });
                    }
                });
            });
        });
    }

  private:
    static std::string symptom_of(health status) {
        return status == health::green ? "every pipeline is healthy"
                                       : "not every pipeline is healthy";
    }
    static void write_heap(json_writer& json, const process_stats& now) {
        member(json, "heap_used_in_bytes", 0);
        member(json, "heap_used_percent", 0);
        member(json, "heap_committed_in_bytes", 0);
        member(json, "heap_max_in_bytes", 0);
        member(json, "non_heap_used_in_bytes", now.resident_bytes);
        member(json, "non_heap_committed_in_bytes", now.resident_bytes);
    }
    void write_pipeline_health(json_writer& json, const std::string& id) const {
        const pipeline_health now = health_of(counters_, id);
        member(json, "status", name_of(now.status));
        member(
            json,
            "symptom",
            now.symptoms.empty() ? "the pipeline is healthy"
                                 : fmt::format("{}", fmt::join(now.symptoms, "; "))
        );
        object(json, "details", [&] {
            object(json, "status", [&] { member(json, "state", now.state); });
        });
    }
    /// The plugins as vertices. Their order and conditions are not told.
    void write_graph(json_writer& json, const std::string& pipeline) const {
        object(json, "graph", [&] {
            object(json, "graph", [&] {
                array(json, "vertices", [&] {
                    for (const metric_sample& each : counters_.samples(
                             "logboom_pipeline_plugin_events_in_total",
                             std::vector<std::string>{pipeline}
                         )) {
                        json.StartObject();
                        member(json, "id", each.labels[3]);
                        member(json, "explicit_id", false);
                        member(json, "type", "plugin");
                        member(json, "plugin_type", each.labels[1]);
                        member(json, "config_name", each.labels[2]);
                        json.EndObject();
                    }
                });
                array(json, "edges", [] {});
            });
            member(json, "type", "lir");
            member(json, "version", "0.0.0");
        });
    }

    const node_info about_;
    const std::string address_;
    const metrics& counters_;
    std::shared_ptr<const flow_history> flow_;
};

using shared_node = std::shared_ptr<const node>;

/// A route whose document is the head and what `write` adds; `write` says false for a 404.
template <class Write>
route node_route(shared_node about, std::string pattern, Write write) {
    return {
        std::move(pattern),
        [about = std::move(about), write](const http_request& request, const std::string& rest) {
            rapidjson::StringBuffer text;
            json_writer json(text);
            json.StartObject();
            about->write_head(json);
            if (!write(*about, json, request, rest)) {
                return failure(404, request.path);
            }
            json.EndObject();
            return document(request, text);
        }};
}

template <class Write>
route simple_route(const shared_node& about, std::string pattern, Write write) {
    return node_route(
        about,
        std::move(pattern),
        [write](
            const node& of,
            json_writer& json,
            const http_request& /*request*/,
            const std::string& /*rest*/
        ) {
            (of.*write)(json);
            return true;
        }
    );
}

route text_route(std::string pattern, std::function<http_response()> answer) {
    return {
        std::move(pattern),
        [answer = std::move(answer)](
            const http_request& /*request*/, const std::string& /*rest*/
        ) { return answer(); }};
}

http_response plain(int status, std::string body) {
    http_response out;
    out.status = status;
    out.content_type = "text/plain; charset=utf-8";
    out.body = std::move(body);
    return out;
}

/// What can be asked for by its name, and with others: /_node/os,jvm.
struct document_part {
    std::string_view name;
    void (*write)(const node& about, json_writer& json, const http_request& request);
};

template <auto Write>
void write_part(const node& about, json_writer& json, const http_request& /*request*/) {
    (about.*Write)(json);
}

constexpr document_part node_parts[] = {
    {"pipelines",
     [](const node& about, json_writer& json, const http_request& request) {
         about.write_pipelines(json, {}, request.has_flag("graph"));
     }},
    {"os", write_part<&node::write_os>},
    {"jvm", write_part<&node::write_jvm>},
};
constexpr document_part stats_parts[] = {
    {"jvm", write_part<&node::write_jvm_stats>},
    {"process", write_part<&node::write_process>},
    {"events", write_part<&node::write_event_stats>},
    {"flow", write_part<&node::write_flow_stats>},
    {"pipelines",
     [](const node& about, json_writer& json, const http_request& request) {
         about.write_pipeline_stats(json, {}, request.has_flag("vertices"));
     }},
    {"reloads", write_part<&node::write_reload_stats>},
    {"os", write_part<&node::write_os_stats>},
    {"queue", write_part<&node::write_queue_stats>},
};

/// The parts named in `rest`, which commas separate; all of them when it is empty. False when one
/// is not known.
template <const auto& Parts>
bool write_parts(
    const node& about, json_writer& json, const http_request& request, const std::string& rest
) {
    constexpr std::span<const document_part> parts = Parts;
    std::string_view names = rest;
    std::vector<const document_part*> chosen;
    for (bool is_last = names.empty(); !is_last;) {
        const std::size_t comma = names.find(',');
        const auto found = std::find_if(parts.begin(), parts.end(), [&](const auto& each) {
            return each.name == names.substr(0, comma);
        });
        if (found == parts.end()) {
            return false;
        }
        chosen.push_back(&*found);
        is_last = comma == std::string_view::npos;
        names.remove_prefix(is_last ? names.size() : comma + 1);
    }
    for (const document_part& each : parts) {
        if (chosen.empty() || std::find(chosen.begin(), chosen.end(), &each) != chosen.end()) {
            each.write(about, json, request);
        }
    }
    return true;
}

bool write_node_pipeline(
    const node& about, json_writer& json, const http_request& request, const std::string& id
) {
    about.write_pipelines(json, id, request.has_flag("graph"));
    return about.has_pipeline(id);
}
bool write_stats_of_one(
    const node& about, json_writer& json, const http_request& request, const std::string& id
) {
    about.write_pipeline_stats(json, id, request.has_flag("vertices"));
    return about.has_pipeline(id);
}

bool write_hot(
    const node& of, json_writer& json, const http_request& request, const std::string& /*rest*/
) {
    constexpr std::size_t threads_default = 10;
    constexpr std::size_t threads_max = 500;
    const auto found = request.query.find("threads");
    std::size_t count = threads_default;
    if (found != request.query.end()) {
        count = std::strtoul(found->second.c_str(), nullptr, 10);
    }
    of.write_hot_threads(json, std::clamp<std::size_t>(count, 1, threads_max));
    return true;
}

} // namespace

router
node_routes(node_info about, std::string http_address, const metrics& counters, const clock& time) {
    std::vector<std::string> pipelines;
    for (const pipeline_info& each : about.pipelines) {
        pipelines.push_back(each.id);
    }
    const auto flow = std::make_shared<flow_history>(std::move(pipelines), counters, time);
    const auto made =
        std::make_shared<const node>(std::move(about), std::move(http_address), counters, flow);
    // Of two that fit the first one answers.
    std::vector<route> out;
    const auto nothing_more =
        [](const node&, json_writer&, const http_request&, const std::string&) { return true; };
    out.push_back(node_route(made, "/", nothing_more));
    out.push_back(node_route(made, "/_node/stats", write_parts<stats_parts>));
    out.push_back(node_route(made, "/_node/stats/pipelines/*", write_stats_of_one));
    out.push_back(node_route(made, "/_node/stats/*", write_parts<stats_parts>));
    out.push_back(simple_route(made, "/_node/plugins", &node::write_plugin_list));
    out.push_back(simple_route(made, "/_node/logging", &node::write_logging));
    out.push_back(node_route(made, "/_node/hot_threads", write_hot));
    out.push_back(node_route(made, "/_node/pipelines/*", write_node_pipeline));
    out.push_back(node_route(made, "/_node/*", write_parts<node_parts>));
    out.push_back(node_route(made, "/_node", write_parts<node_parts>));
    out.push_back(simple_route(made, "/_health_report", &node::write_health));
    out.push_back(text_route("/metrics", [made] {
        http_response answer = plain(200, made->metrics_text());
        answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
        return answer;
    }));
    out.push_back(text_route("/health/live", [] { return plain(200, "live\n"); }));
    out.push_back(text_route("/health/ready", [made] {
        return made->is_ready() ? plain(200, "ready\n")
                                : plain(503, "a pipeline has stopped because a plugin failed\n");
    }));
    return router(std::move(out), [flow] { flow->sample(); });
}

} // namespace logboom::web
