// The program's own log: one line on stderr (or a file) per thing an operator should know.
// Levels by what the operator does: error = data at risk, warn = healed by itself, info = life
// cycle, debug = per batch, trace = per record. A line is a full sentence and then key=value pairs.
// Loggers are cheap to copy, thread-safe, and named after their part ("broker", "agent", ...).
#pragma once

#include <fmt/core.h>

#include <memory>
#include <string>
#include <string_view>

namespace logboom {

enum class log_level { trace, debug, info, warn, error, off };

/// False when `name` is none of trace, debug, info, warn, error, fatal, off.
bool parse_log_level(std::string_view name, log_level& out);

class logger {
  public:
    /// Writes nothing: what tests and libraries start with.
    logger() = default;
    /// A logger of this part on the process's sink; see set_log_level.
    static logger named(std::string_view part);

    template <class... Args>
    void trace(fmt::format_string<Args...> text, Args&&... args) const {
        write(log_level::trace, text, fmt::make_format_args(args...));
    }
    template <class... Args>
    void debug(fmt::format_string<Args...> text, Args&&... args) const {
        write(log_level::debug, text, fmt::make_format_args(args...));
    }
    template <class... Args>
    void info(fmt::format_string<Args...> text, Args&&... args) const {
        write(log_level::info, text, fmt::make_format_args(args...));
    }
    template <class... Args>
    void warn(fmt::format_string<Args...> text, Args&&... args) const {
        write(log_level::warn, text, fmt::make_format_args(args...));
    }
    template <class... Args>
    void error(fmt::format_string<Args...> text, Args&&... args) const {
        write(log_level::error, text, fmt::make_format_args(args...));
    }

    [[nodiscard]] bool enabled(log_level level) const noexcept;

  private:
    void write(log_level level, fmt::string_view text, fmt::format_args args) const;

    std::shared_ptr<const std::string> part_;
};

/// For every logger of the process; info unless set. Thread-safe.
void set_log_level(log_level level);

} // namespace logboom
