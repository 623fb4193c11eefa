// The process's log: masks secrets, formats lines and puts each with one write(2) to stderr and the
// log file.
#include "base/log.h"

#include "base/clock.h"
#include "base/env.h"
#include "base/secrets.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <fcntl.h>
#include <mutex>
#include <sys/syscall.h>
#include <unistd.h>

namespace logboom {
namespace {

struct level_name {
    std::string_view name;
    log_level level;
    /// For a terminal.
    std::string_view colour;
};
constexpr level_name level_names[] = {
    {"trace", log_level::trace, "\x1b[2m"},
    {"debug", log_level::debug, "\x1b[36m"},
    {"info", log_level::info, "\x1b[32m"},
    {"warn", log_level::warn, "\x1b[33m"},
    {"error", log_level::error, "\x1b[31m"},
    {"fatal", log_level::fatal, "\x1b[31m"},
    {"off", log_level::off, ""},
};

const level_name& name_of(log_level level) {
    return level_names[static_cast<std::size_t>(level)];
}

/// Bytes of the well-formed UTF-8 character at the front of `text`; 0 when there is none.
std::size_t character_size(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = octet(0);
    if (first < 0x80) {
        return 1;
    }
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < size) {
        return 0;
    }
    for (std::size_t i = 1; i < size; ++i) {
        if ((octet(i) & 0xC0U) != 0x80) {
            return 0;
        }
    }
    const unsigned second = octet(1);
    const bool is_overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool is_no_character =
        (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
    return is_overlong || is_no_character ? 0 : size;
}

/// Paths and what peers say may be no UTF-8; JSON must be.
void append_json(std::string_view text, std::string& out) {
    out += '"';
    while (!text.empty()) {
        const char front = text.front();
        const std::size_t size = character_size(text);
        if (front == '"' || front == '\\') {
            out += '\\';
            out += front;
        } else if (front == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(front) < 0x20 || front == '\x7F') {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(front));
        } else if (size == 0) {
            out += "\\ufffd";
        } else {
            out += text.substr(0, size);
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    out += '"';
}

/// Names of files and what peers say may hold anything: a line break would forge a line, an escape
/// would speak to the terminal. The last word may have several lines.
void append_plain(std::string_view text, bool has_lines, std::string& out) {
    while (!text.empty()) {
        const auto front = static_cast<unsigned char>(text.front());
        const std::size_t size = character_size(text);
        const bool is_control =
            front < 0x20 || front == 0x7F || (front == 0xC2 && size == 2 && text[1] < '\xA0');
        if (front == '\t' || (front == '\n' && has_lines) || (size != 0 && !is_control)) {
            out += text.substr(0, size);
        } else if (front == '\n') {
            out += "\\n";
        } else {
            for (const char each : text.substr(0, std::max<std::size_t>(size, 1))) {
                out += fmt::format("\\x{:02x}", static_cast<unsigned char>(each));
            }
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
}

struct line {
    log_level level;
    std::string_view part;
    std::string text;
    std::chrono::milliseconds time;
};

std::chrono::milliseconds now() {
    return std::chrono::milliseconds(real_clock().wall_ms().value());
}

/// RFC 3339, in the zone of the machine.
std::string time_text(std::chrono::milliseconds time) {
    constexpr std::int64_t ms_per_s = 1000;
    const std::time_t seconds = time.count() / ms_per_s;
    std::tm local{};
    ::localtime_r(&seconds, &local);
    const long offset_minutes = local.tm_gmtoff / 60;
    const long magnitude = offset_minutes < 0 ? -offset_minutes : offset_minutes;
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{}{:02}:{:02}",
        local.tm_year + 1900,
        local.tm_mon + 1,
        local.tm_mday,
        local.tm_hour,
        local.tm_min,
        local.tm_sec,
        time.count() % ms_per_s,
        offset_minutes < 0 ? '-' : '+',
        magnitude / 60,
        magnitude % 60
    );
}

std::string json_text(const line& from) {
    std::string level(name_of(from.level).name);
    for (char& each : level) {
        each = static_cast<char>(each - 'a' + 'A');
    }
    std::string out = fmt::format(
        R"({{"time":"{}","timeMillis":{},"level":"{}","thread":"{}","loggerName":)",
        time_text(from.time),
        from.time.count(),
        level,
        ::syscall(SYS_gettid)
    );
    append_json(from.part, out);
    out += R"(,"logEvent":{"message":)";
    append_json(from.text, out);
    out += "}}\n";
    return out;
}

std::string plain_text(const line& from, bool is_coloured) {
    const level_name& level = name_of(from.level);
    std::string out = fmt::format(
        "{} {}{:<5}{} [{}] ",
        time_text(from.time),
        is_coloured ? level.colour : "",
        level.name,
        is_coloured ? "\x1b[0m" : "",
        from.part
    );
    append_plain(from.text, from.level == log_level::fatal, out);
    out += '\n';
    return out;
}

/// For the person who has just typed the command.
std::string last_word(const line& from) {
    std::string out;
    append_plain(from.text, true, out);
    out += '\n';
    return out;
}

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
    }
    return true;
}

class process_log {
  public:
    void put(const line& what) {
        const std::lock_guard lock(mutex_);
        if (format_ == log_format::json) {
            const std::string text = json_text(what);
            static_cast<void>(write_all(STDERR_FILENO, text));
            put_into_file(text);
            return;
        }
        const bool is_last_word = what.level == log_level::fatal;
        static_cast<void>(write_all(
            STDERR_FILENO, is_last_word ? last_word(what) : plain_text(what, has_colours_)
        ));
        if (file_ >= 0) {
            put_into_file(plain_text(what, false));
        }
    }

    void set_format(log_format format) {
        const std::lock_guard lock(mutex_);
        format_ = format;
    }

    result<void> open(const std::string& directory) {
        LB_CHECK(make_posix_env()->make_directories(directory));
        const std::string path = join_path(directory, "logboom.log");
        LB_TRY(const int opened, open_private(path, O_WRONLY | O_APPEND | O_CLOEXEC));
        const std::lock_guard lock(mutex_);
        close_file();
        file_ = opened;
        directory_ = directory;
        return {};
    }

    result<void> reopen() {
        std::string directory;
        {
            const std::lock_guard lock(mutex_);
            directory = directory_;
        }
        return directory.empty() ? result<void>() : open(directory);
    }

    void close() {
        const std::lock_guard lock(mutex_);
        close_file();
        directory_.clear();
    }

  private:
    void close_file() {
        if (file_ >= 0) {
            ::close(file_);
        }
        file_ = -1;
    }

    /// What a full disk takes away stands on stderr all the same, and the file says how much it is.
    void put_into_file(const std::string& text) {
        if (file_ < 0) {
            return;
        }
        if (lost_ > 0) {
            const line what{
                log_level::error,
                "log",
                fmt::format("{} lines could not be written here.", lost_),
                now()};
            const bool is_json = format_ == log_format::json;
            if (!write_all(file_, is_json ? json_text(what) : plain_text(what, false))) {
                ++lost_;
                return;
            }
            lost_ = 0;
        }
        lost_ += write_all(file_, text) ? 0 : 1;
    }

    std::mutex mutex_;
    log_format format_ = log_format::plain;
    const bool has_colours_ = ::isatty(STDERR_FILENO) != 0;
    int file_ = -1;
    std::string directory_;
    std::size_t lost_ = 0;
};

/// Never destroyed: threads that outlive main may still have something to say.
process_log& the_log() {
    static auto* const shared = new process_log;
    return *shared;
}

} // namespace

bool parse_log_level(std::string_view name, log_level& out) {
    for (const level_name& each : level_names) {
        if (each.name == name) {
            out = each.level;
            return true;
        }
    }
    return false;
}

bool parse_log_format(std::string_view name, log_format& out) {
    if (name != "plain" && name != "json") {
        return false;
    }
    out = name == "json" ? log_format::json : log_format::plain;
    return true;
}

logger logger::named(std::string_view part) {
    logger made;
    made.part_ = std::make_shared<const std::string>(part);
    return made;
}

void logger::write(log_level level, fmt::string_view text, fmt::format_args args) const {
    if (!enabled(level)) {
        return;
    }
    the_log().put({level, *part_, without_secrets(fmt::vformat(text, args)), now()});
}

void logger::fatal(std::string_view text) const {
    if (part_) {
        the_log().put({log_level::fatal, *part_, without_secrets(text), now()});
    }
}

void set_log_level(log_level level) {
    detail::lowest_level.store(level, std::memory_order_relaxed);
}

void set_log_format(log_format format) {
    the_log().set_format(format);
}

result<void> open_log_file(const std::string& directory) {
    return the_log().open(directory);
}

result<void> reopen_log_file() {
    return the_log().reopen();
}

void close_log_file() {
    the_log().close();
}

} // namespace logboom
