#include "base/log.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <regex>
#include <string>
#include <unistd.h>

using namespace logboom;

namespace {

/// What is written to stderr while it lives.
class captured_stderr {
  public:
    captured_stderr() : file_(std::tmpfile()), before_(::dup(STDERR_FILENO)) {
        std::fflush(stderr);
        ::dup2(::fileno(file_), STDERR_FILENO);
    }
    ~captured_stderr() {
        ::dup2(before_, STDERR_FILENO);
        ::close(before_);
        std::fclose(file_);
    }
    captured_stderr(const captured_stderr&) = delete;
    captured_stderr& operator=(const captured_stderr&) = delete;

    [[nodiscard]] std::string text() const {
        std::fflush(stderr);
        std::array<char, 4096> some{};
        const auto count = ::pread(::fileno(file_), some.data(), some.size(), 0);
        return {some.data(), count < 0 ? 0 : static_cast<std::size_t>(count)};
    }

  private:
    std::FILE* file_;
    int before_;
};

struct level_guard {
    level_guard() = default;
    ~level_guard() { set_log_level(log_level::info); }
    level_guard(const level_guard&) = delete;
    level_guard& operator=(const level_guard&) = delete;
};

} // namespace

TEST_SUITE("base/log") {
    TEST_CASE("levels have names, and nothing else has") {
        log_level level = log_level::off;
        for (const auto& [name, wanted] :
             {std::pair{"trace", log_level::trace},
              {"debug", log_level::debug},
              {"info", log_level::info},
              {"warn", log_level::warn},
              {"error", log_level::error},
              {"fatal", log_level::error},
              {"off", log_level::off}}) {
            CAPTURE(name);
            CHECK(parse_log_level(name, level));
            CHECK(level == wanted);
        }
        level = log_level::warn;
        CHECK_FALSE(parse_log_level("INFO", level));
        CHECK_FALSE(parse_log_level("", level));
        CHECK(level == log_level::warn);
    }

    TEST_CASE("a line has a time, a level, the part and the sentence") {
        const level_guard guard;
        const captured_stderr out;
        logger::named("broker").warn("A thing happened. path={} count={}", "{}", 3);
        CHECK(std::regex_match(
            out.text(),
            std::regex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3} warning "
                       "\\[broker\\] A thing happened\\. path=\\{\\} count=3\n")
        ));
    }

    TEST_CASE("what is below the level is not written") {
        const level_guard guard;
        const captured_stderr out;
        const logger log = logger::named("x");
        CHECK(log.enabled(log_level::info));
        CHECK_FALSE(log.enabled(log_level::debug));
        log.debug("quiet");
        set_log_level(log_level::debug);
        log.debug("loud");
        set_log_level(log_level::off);
        log.error("gone");
        CHECK(out.text().find("quiet") == std::string::npos);
        CHECK(out.text().find("loud") != std::string::npos);
        CHECK(out.text().find("gone") == std::string::npos);
    }

    TEST_CASE("a logger that nobody named writes nothing at any level") {
        const level_guard guard;
        set_log_level(log_level::trace);
        const captured_stderr out;
        logger().error("lost");
        CHECK_FALSE(logger().enabled(log_level::error));
        CHECK(out.text().empty());
    }
}
