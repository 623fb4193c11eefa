#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace logboom {
namespace {

spdlog::level::level_enum to_spdlog(log_level level) {
    switch (level) {
    case log_level::trace:
        return spdlog::level::trace;
    case log_level::debug:
        return spdlog::level::debug;
    case log_level::info:
        return spdlog::level::info;
    case log_level::warn:
        return spdlog::level::warn;
    case log_level::error:
        return spdlog::level::err;
    case log_level::off:
        break;
    }
    return spdlog::level::off;
}

spdlog::logger& sink() {
    static spdlog::logger shared = [] {
        spdlog::logger made("logboom", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made.set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%-5l%$ %v");
        made.flush_on(spdlog::level::trace);
        return made;
    }();
    return shared;
}

} // namespace

bool parse_log_level(std::string_view name, log_level& out) {
    struct entry {
        std::string_view name;
        log_level level;
    };
    static constexpr entry entries[] = {
        {"trace", log_level::trace},
        {"debug", log_level::debug},
        {"info", log_level::info},
        {"warn", log_level::warn},
        {"error", log_level::error},
        {"fatal", log_level::error},
        {"off", log_level::off},
    };
    for (const entry& each : entries) {
        if (each.name == name) {
            out = each.level;
            return true;
        }
    }
    return false;
}

logger logger::named(std::string_view part) {
    logger made;
    made.part_ = std::make_shared<const std::string>(part);
    return made;
}

bool logger::enabled(log_level level) const noexcept {
    return part_ && sink().should_log(to_spdlog(level));
}

void logger::write(log_level level, fmt::string_view text, fmt::format_args args) const {
    if (!enabled(level)) {
        return;
    }
    fmt::memory_buffer line;
    fmt::format_to(std::back_inserter(line), "[{}] ", *part_);
    fmt::vformat_to(std::back_inserter(line), text, args);
    sink().log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void set_log_level(log_level level) {
    sink().set_level(to_spdlog(level));
}

} // namespace logboom
