// A pipeline in this process: loaded from a config, started, stopped, waited for. `logboom run`,
// `logboom up` and tests drive it. Threads: one for each input, pipeline.workers workers, one that
// watches over the end. Life cycle: plugin/output.h.
//
// It ends by itself when all its inputs have ended and everything they gave is in a final state.
#pragma once

#include "pipelines/conf/problem.h"
#include "pipelines/conf/source.h"
#include "pipelines/topology/pipeline_settings.h"
#include "plugin/file_status.h"

#include <functional>
#include <memory>

namespace logboom::pipelines {

class pipeline {
  public:
    struct loaded {
        /// Null when there are errors.
        std::unique_ptr<pipeline> made;
        conf::problems errors;
        std::vector<std::string> warnings;
    };
    /// Parses, checks and makes all plugins, without starting anything.
    static loaded load(
        const conf::source& from, const pipeline_settings& with, const pipeline_environment& around
    );

    ~pipeline();
    pipeline(const pipeline&) = delete;
    pipeline& operator=(const pipeline&) = delete;

    /// Starts the outputs and then the threads. `on_end` is called once, from a thread of the
    /// pipeline, when it has ended: wait() then returns at once. Call start once.
    result<void> start(std::function<void()> on_end = {});
    /// Asks for the end: inputs stop, what they gave drains for at most `limit`. A further call
    /// can only shorten the limit. Does not block; thread-safe.
    void stop(std::chrono::nanoseconds limit);
    /// Until the pipeline has ended. False when it ended because a plugin failed, or with events
    /// that could not be delivered and that nobody can read again.
    bool wait();
    [[nodiscard]] const std::string& id() const noexcept;
    /// What each input that follows files says of the `count_max` furthest behind, by the input's
    /// id. From load to the destructor; thread-safe. Waits up to a second for each input.
    [[nodiscard]] std::vector<std::pair<std::string, files_status>>
    describe_files(std::size_t count_max) const;

  private:
    class running;
    explicit pipeline(std::unique_ptr<running> state);
    std::unique_ptr<running> state_;
};

} // namespace logboom::pipelines
