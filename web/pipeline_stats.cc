// Turns samples of the registry into what Logstash says of a pipeline: its events, plugins and
// queue.
#include "web/pipeline_stats.h"

#include <map>

namespace logboom::web {
namespace {

constexpr std::string_view events_in = "logboom_pipeline_events_in_total";
constexpr std::string_view events_filtered = "logboom_pipeline_events_filtered_total";
constexpr std::string_view events_out = "logboom_pipeline_events_out_total";
constexpr std::string_view busy = "logboom_pipeline_plugin_busy_seconds_total";
constexpr std::string_view push_wait = "logboom_pipeline_plugin_push_wait_seconds_total";
constexpr std::int64_t nanoseconds_per_ms = 1'000'000;

using labels = std::vector<std::string>;

std::int64_t total(const metrics& counters, std::string_view name, const labels& first) {
    std::int64_t sum = 0;
    for (const metric_sample& each : counters.samples(name, first)) {
        sum += each.value;
    }
    return sum;
}

std::int64_t total_ms(const metrics& counters, std::string_view name, const labels& first) {
    return total(counters, name, first) / nanoseconds_per_ms;
}

labels pipeline_labels(const std::string& pipeline) {
    return pipeline.empty() ? labels{} : labels{pipeline};
}

/// pipeline, kind, plugin, id.
constexpr std::size_t plugin_label = 2;
constexpr std::size_t id_label = 3;

void write_plugin_events(json_writer& json, const metrics& counters, const labels& plugin) {
    const bool is_input = plugin[1] == "input";
    object(json, "events", [&] {
        if (!is_input) {
            member(json, "in", total(counters, "logboom_pipeline_plugin_events_in_total", plugin));
        }
        member(json, "out", total(counters, "logboom_pipeline_plugin_events_out_total", plugin));
        if (is_input) {
            member(json, "queue_push_duration_in_millis", total_ms(counters, push_wait, plugin));
        } else {
            member(json, "duration_in_millis", total_ms(counters, busy, plugin));
        }
    });
}

/// By the label behind pipeline, plugin and id.
std::map<std::string, std::int64_t>
by_last_label(const metrics& counters, std::string_view name, const labels& first) {
    std::map<std::string, std::int64_t> out;
    for (const metric_sample& each : counters.samples(name, first)) {
        out[each.labels.back()] += each.value;
    }
    return out;
}

void write_elasticsearch(json_writer& json, const metrics& counters, const labels& plugin) {
    const labels mine{plugin[0], plugin[plugin_label], plugin[id_label]};
    auto documents = by_last_label(counters, "logboom_elasticsearch_documents_total", mine);
    auto requests = by_last_label(counters, "logboom_elasticsearch_requests_total", mine);
    auto retries = by_last_label(counters, "logboom_elasticsearch_retries_total", mine);
    object(json, "documents", [&] {
        member(
            json,
            "successes",
            documents["stored"] + documents["duplicate"] + documents["superseded"] +
                documents["failure_store"]
        );
        member(json, "retryable_failures", retries["item"]);
        member(json, "non_retryable_failures", documents["dead_letter"] + documents["dropped"]);
        member(json, "dlq_routed", documents["dead_letter"]);
    });
    object(json, "bulk_requests", [&] {
        member(json, "successes", requests["ok"]);
        member(json, "with_errors", requests["with_errors"]);
        member(
            json,
            "failures",
            requests["failed"] + total(counters, "logboom_elasticsearch_probe_failures_total", mine)
        );
        object(json, "responses", [&] {
            if (const std::int64_t answered = requests["ok"] + requests["with_errors"];
                answered > 0) {
                member(json, "200", answered);
            }
        });
    });
}

void write_plugins(json_writer& json, const metrics& counters, const std::string& pipeline) {
    for (const char* kind : {"input", "filter", "output"}) {
        array(json, std::string(kind) + "s", [&] {
            const labels all{pipeline, kind};
            for (const metric_sample& each :
                 counters.samples("logboom_pipeline_plugin_events_in_total", all)) {
                json.StartObject();
                member(json, "id", each.labels[id_label]);
                member(json, "name", each.labels[plugin_label]);
                write_plugin_events(json, counters, each.labels);
                const labels mine{each.labels[0], each.labels[plugin_label], each.labels[id_label]};
                if (std::string_view(kind) == "filter") {
                    member(
                        json, "failures", total(counters, "logboom_filter_failures_total", mine)
                    );
                }
                if (std::string_view(kind) == "output") {
                    const labels failed(each.labels);
                    member(
                        json,
                        "failures",
                        total(counters, "logboom_pipeline_plugin_events_failed_total", failed)
                    );
                    if (each.labels[plugin_label] == "elasticsearch") {
                        write_elasticsearch(json, counters, each.labels);
                    }
                }
                json.EndObject();
            }
        });
    }
    // What a codec does is counted with its input or output.
    array(json, "codecs", [] {});
}

} // namespace

void write_events(json_writer& json, const metrics& counters, const std::string& pipeline) {
    const labels first = pipeline_labels(pipeline);
    member(json, "in", total(counters, events_in, first));
    member(json, "filtered", total(counters, events_filtered, first));
    member(json, "out", total(counters, events_out, first));
    member(json, "duration_in_millis", total_ms(counters, busy, first));
    member(json, "queue_push_duration_in_millis", total_ms(counters, push_wait, first));
}

void write_reloads(json_writer& json, bool is_pipeline) {
    member(json, "successes", 0);
    member(json, "failures", 0);
    if (is_pipeline) {
        null_member(json, "last_error");
        null_member(json, "last_success_timestamp");
        null_member(json, "last_failure_timestamp");
    }
}

void write_pipeline(
    json_writer& json,
    const metrics& counters,
    const flow_history& flow,
    const pipeline_info& about,
    const std::string& ephemeral_id,
    std::chrono::milliseconds uptime
) {
    object(json, "events", [&] { write_events(json, counters, about.id); });
    object(json, "flow", [&] { flow.write(json, about.id, uptime); });
    object(json, "plugins", [&] { write_plugins(json, counters, about.id); });
    object(json, "reloads", [&] { write_reloads(json, true); });
    object(json, "queue", [&] {
        member(json, "type", "memory");
        member(json, "events_count", 0);
        member(json, "queue_size_in_bytes", 0);
        member(json, "max_queue_size_in_bytes", 0);
    });
    object(json, "pipeline", [&] {
        member(json, "workers", about.workers);
        member(json, "batch_size", about.batch_size);
        member(json, "batch_delay", 0);
    });
    member(json, "hash", about.hash);
    member(json, "ephemeral_id", ephemeral_id);
}

void write_vertices(
    json_writer& json,
    const metrics& counters,
    const std::string& pipeline,
    const std::string& ephemeral_id
) {
    array(json, "vertices", [&] {
        for (const metric_sample& each :
             counters.samples("logboom_pipeline_plugin_events_in_total", labels{pipeline})) {
            const bool is_input = each.labels[1] == "input";
            json.StartObject();
            member(json, "id", each.labels[id_label]);
            member(json, "pipeline_ephemeral_id", ephemeral_id);
            if (is_input) {
                member(
                    json,
                    "queue_push_duration_in_millis",
                    total_ms(counters, push_wait, each.labels)
                );
            } else {
                member(json, "events_in", each.value);
                member(json, "duration_in_millis", total_ms(counters, busy, each.labels));
            }
            member(
                json,
                "events_out",
                total(counters, "logboom_pipeline_plugin_events_out_total", each.labels)
            );
            json.EndObject();
        }
    });
}

} // namespace logboom::web
