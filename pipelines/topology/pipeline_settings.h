// The settings of one pipeline: what logstash.yml and pipelines.yml call pipeline.* and the command
// line overrides. And what a pipeline needs from the process around it.
#pragma once

#include "base/env.h"
#include "plugin/registry.h"

#include <thread>

namespace logboom::pipelines {

struct pipeline_settings {
    std::string id = "main";
    /// Threads that filter and write; 0 = as many as there are cores.
    std::size_t workers = 0;
    /// Most events an input puts in one batch.
    std::size_t batch_size = 1024;
    ecs_mode ecs = ecs_mode::v8;
    bool support_escapes = false;
    /// Where plugins keep their state (path.data).
    std::string data_directory = "data";
    /// How long a stop waits for queued events and their acks.
    std::chrono::nanoseconds drain_limit = std::chrono::seconds(5);
    /// How often filters are asked for what they hold back, as in Logstash.
    std::chrono::nanoseconds flush_interval = std::chrono::seconds(5);
    /// Bounds of what waits between inputs and workers.
    std::size_t queued_batches_max = 64;
    std::size_t queued_bytes_max = std::size_t{8} * 1024 * 1024;
    /// As with -e: a missing input section is stdin, a missing output section stdout.
    bool has_default_sections = false;
    /// For -t: make and check every plugin, touch nothing.
    bool is_check_only = false;

    [[nodiscard]] std::size_t worker_count() const noexcept {
        return workers != 0 ? workers : std::max(1U, std::thread::hardware_concurrency());
    }
};

/// All references outlive the pipeline.
struct pipeline_environment {
    const plugin_registry& plugins;
    clock& time;
    metrics& counters;
    env& files;
    logger log;
    std::string host_name;
};

} // namespace logboom::pipelines
