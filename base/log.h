// The program's own log: one line on stderr, and in a file when one is open, per thing an operator
// should know. Levels by what the operator does: error = data at risk, warn = healed by itself,
// info = life cycle, debug = per batch, trace = per record. A line is a full sentence and then
// key=value pairs. Loggers are cheap to copy, thread-safe, and named after their part ("broker",
// "agent", ...). Secrets in a line are masked (base/secrets.h); control characters and bytes that
// are no UTF-8 are written as \n and \x1b.
//
// Plain: "2026-11-27T09:30:00.250+01:00 info  [broker] Sentence. key=value". JSON has the members
// of Logstash's log (level, loggerName, timeMillis, thread, logEvent.message) and the time as text.
#pragma once

#include "base/result.h"

#include <fmt/core.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

namespace logboom {

enum class log_level { trace, debug, info, warn, error, fatal, off };

/// False when `name` is none of trace, debug, info, warn, error, fatal, off.
bool parse_log_level(std::string_view name, log_level& out);

enum class log_format { plain, json };

/// False when `name` is neither plain nor json.
bool parse_log_format(std::string_view name, log_format& out);

namespace detail {
/// What set_log_level() said; here because loops ask for it once a record.
inline constinit std::atomic<log_level> lowest_level = log_level::info;
} // namespace detail

class logger {
  public:
    /// Writes nothing: what tests and libraries start with.
    logger() = default;
    /// A logger of this part on the process's log.
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
    /// Why the program ends: said whatever the level. On a plain stderr `text` stands alone, for
    /// the person who has just typed the command; in a file and as JSON it is a line like others.
    void fatal(std::string_view text) const;

    [[nodiscard]] bool enabled(log_level level) const noexcept {
        return part_ && level >= detail::lowest_level.load(std::memory_order_relaxed);
    }

  private:
    void write(log_level level, fmt::string_view text, fmt::format_args args) const;

    std::shared_ptr<const std::string> part_;
};

/// For every logger of the process; info unless set. Thread-safe.
void set_log_level(log_level level);
/// On stderr and in the file; plain unless set. Thread-safe.
void set_log_format(log_format format);
/// Lines go to `directory`/logboom.log too from now on, which is appended to. Thread-safe.
result<void> open_log_file(const std::string& directory);
/// After the file was moved away (logrotate): goes on in a new one of that name. Nothing without a
/// file. Thread-safe.
result<void> reopen_log_file();
/// Back to stderr alone.
void close_log_file();

} // namespace logboom
