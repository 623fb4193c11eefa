// A whole broker: log directories, topics, handlers, listeners. `logboom broker`, `logboom up` and
// tests construct one, start() it, and run() it on a thread that then is the owner of everything in
// it; stop() from any thread ends run() after answers that are owed have left, everything is on
// disk and .kafka_cleanshutdown is written.
#pragma once

#include "base/clock.h"
#include "base/env.h"
#include "base/log.h"
#include "base/metrics.h"
#include "buffer/broker/config/broker_config.h"

#include <memory>
#include <vector>

namespace logboom::broker {

/// All outlive the server.
struct server_environment {
    env& files;
    const clock& time;
    metrics& counters;
    logger messages;
};

class server {
  public:
    server(broker_config config, server_environment around);
    /// run() must have returned.
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// Recovers the log and listens. Blocks for as long as recovery takes. Ignores SIGPIPE for the
    /// whole process.
    result<void> start();
    /// In the order of config.listeners; known after start().
    [[nodiscard]] const std::vector<std::int32_t>& ports() const noexcept;
    [[nodiscard]] const std::string& cluster_id() const noexcept;
    /// Of the first log directory: the same after every start from it.
    [[nodiscard]] const std::string& directory_id() const noexcept;

    /// Serves until stop(). Call after start() has succeeded.
    void run();
    /// From any thread, also from a signal handler's thread; more than once is fine.
    void stop();

  private:
    class state;
    std::unique_ptr<state> state_;
};

} // namespace logboom::broker
