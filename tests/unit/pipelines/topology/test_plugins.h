// Small plugins for tests of the topology: an input that sends lines, filters that mark, double and
// drop, and outputs that remember or hold back. What they see is in a `stage`, one for each test.
#pragma once

#include "base/env.h"
#include "base/memory_env.h"
#include "pipelines/topology/pipeline.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace logboom::testing {

/// What the plugins of a test share; the one that is being used is `stage::current()`.
class stage {
  public:
    stage();
    ~stage();
    static stage& current();

    /// Settles what outputs hold back.
    void release();
    void note(const char* what);

    std::mutex mutex;
    std::condition_variable changed;
    /// "output-name: message|field,field", in order of writing.
    std::vector<std::string> written;
    std::vector<ack_verdict> verdicts;
    /// What filters tell of their life.
    std::vector<std::string> notes;
    std::vector<ack_token> held;
    bool holds_back = false;
    bool fails_start = false;
    std::atomic<bool> is_closed = false;
    std::atomic<int> finished = 0;
    std::atomic<bool> blocks_writes = false;
    /// The dead letters of the input `lines` have no room until they are closed.
    std::atomic<bool> blocks_letters = false;
};

const plugin_registry& test_plugins();

/// A pipeline and all that it needs around it.
class bench {
  public:
    pipelines::pipeline::loaded
    load(std::string_view config, pipelines::pipeline_settings settings = {});
    /// Loads without problems, runs until it ends by itself.
    bool run(std::string_view config);

    real_clock time;
    metrics counters;
    std::unique_ptr<env> files = std::make_unique<memory_env>();
    /// The last one, so that what it has counted can be looked at.
    std::unique_ptr<pipelines::pipeline> ran;
};

} // namespace logboom::testing
