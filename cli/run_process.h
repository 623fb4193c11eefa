// The pipelines of one process, from their options to the exit code: loads all, starts all, waits
// for signals or for all of them to end by themselves. What `logboom run` is and half of `logboom
// up`.
#pragma once

#include "cli/exit_code.h"
#include "cli/run_options.h"
#include "cli/stop_signals.h"

#include <memory>

namespace logboom::cli {

class run_process {
  public:
    /// `signals` was made before any thread; both references outlive the process.
    run_process(run_options options, stop_signals& signals, metrics& counters);
    ~run_process();
    run_process(const run_process&) = delete;
    run_process& operator=(const run_process&) = delete;

    /// Blocks until the pipelines have ended. Says on stderr what is wrong.
    exit_code run();

  private:
    class state;
    std::unique_ptr<state> state_;
};

} // namespace logboom::cli
