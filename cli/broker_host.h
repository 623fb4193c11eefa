// A broker in this process: its configuration read from server.properties and overrides, and its
// loop on a thread of its own. What `logboom broker` is and the other half of `logboom up`.
#pragma once

#include "base/metrics.h"
#include "cli/exit_code.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace logboom::cli {

struct broker_options {
    /// server.properties; empty for defaults.
    std::string file;
    /// "key=value", each wins over the file.
    std::vector<std::string> overrides;
    /// Where the log goes when log.dirs is not set; empty for default_data_directory()
    /// (cli/data_directory.h).
    std::string data_directory;
};

class broker_host {
  public:
    explicit broker_host(metrics& counters);
    /// Stops.
    ~broker_host();
    broker_host(const broker_host&) = delete;
    broker_host& operator=(const broker_host&) = delete;

    /// Reads the configuration and touches nothing else. Anything but done: it has said on stderr
    /// what is wrong with it.
    [[nodiscard]] exit_code check(const broker_options& options) const;
    /// Reads the configuration, recovers the log, listens and serves. Anything but done: it has
    /// said on stderr why not. `on_end` is called on the broker's thread if it ends by itself.
    exit_code start(const broker_options& options, std::function<void()> on_end);
    /// What the API calls this broker, after start(): the id of its first log directory.
    [[nodiscard]] const std::string& id() const;
    /// Graceful; returns when everything is on disk.
    void stop();

  private:
    class state;
    std::unique_ptr<state> state_;
};

} // namespace logboom::cli
