// SIGTERM, SIGINT and SIGHUP as something to wait for: blocked in every thread that is started
// afterwards and read from a descriptor. SIGPIPE is ignored. Make one in main's thread before any
// other thread starts; lives as long as the command.
#pragma once

namespace logboom::cli {

class stop_signals {
  public:
    stop_signals();
    ~stop_signals();
    stop_signals(const stop_signals&) = delete;
    stop_signals& operator=(const stop_signals&) = delete;

    /// stop: SIGTERM or SIGINT. hangup: SIGHUP, which asks for nothing but a new log file.
    enum class event { stop, hangup, woken };
    /// Blocks until a signal comes or somebody calls wake().
    [[nodiscard]] event wait() const;
    /// Makes wait() return. Thread-safe.
    void wake() const noexcept;

  private:
    int signals_;
    int wake_;
};

} // namespace logboom::cli
