// What a line of the log looks like, and where it goes.
#include "base/env.h"
#include "base/log.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
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
    ~level_guard() {
        set_log_level(log_level::info);
        set_log_format(log_format::plain);
        close_log_file();
    }
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
              {"fatal", log_level::fatal},
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
            std::regex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}[+-]\\d\\d:\\d\\d "
                       "warn  \\[broker\\] A thing happened\\. path=\\{\\} count=3\n")
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

    TEST_CASE("the time is the machine's, with its offset") {
        const level_guard guard;
        const captured_stderr out;
        ::setenv("TZ", "XXX-05:30", 1);
        ::tzset();
        logger::named("x").info("now");
        ::unsetenv("TZ");
        ::tzset();
        CHECK(out.text().find("+05:30 info  [x] now\n") != std::string::npos);
    }

    TEST_CASE("JSON has the members of Logstash's log, and takes any bytes") {
        const level_guard guard;
        const captured_stderr out;
        set_log_format(log_format::json);
        logger::named("broker").warn("a \"b\" \\ \n\x01 \xFF \xC3\xA4 \xE2\x82");
        CHECK(std::regex_match(
            out.text(),
            std::regex(R"re(\{"time":"[^"]+","timeMillis":\d+,"level":"WARN","thread":"\d+",)re"
                       R"re("loggerName":"broker","logEvent":\{"message":)re"
                       "\"a \\\\\"b\\\\\" \\\\\\\\ \\\\n\\\\u0001 \\\\ufffd \xC3\xA4 "
                       "\\\\ufffd\\\\ufffd\"\\}\\}\n")
        ));
    }

    TEST_CASE("nothing in a line ends it or speaks to the terminal") {
        const level_guard guard;
        const captured_stderr out;
        logger::named("x").warn("{}", "a\nb\r\x1b[31m\x7F\tc \xC3\xA4 \xC2\x9B \xFF \xE2\x82");
        CHECK(
            out.text().find("[x] a\\nb\\x0d\\x1b[31m\\x7f\tc \xC3\xA4 \\xc2\\x9b \\xff \\xe2\\x82\n"
            ) != std::string::npos
        );
    }

    TEST_CASE("the last word may have several lines") {
        const captured_stderr out;
        logger::named("x").fatal("a\n\t^\x1b[1m");
        CHECK(out.text() == "a\n\t^\\x1b[1m\n");
    }

    TEST_CASE("the last word stands alone on stderr, at any level, and is a line of JSON") {
        const level_guard guard;
        const captured_stderr out;
        set_log_level(log_level::off);
        logger::named("x").fatal("a.conf:1:2: wrong");
        CHECK(out.text() == "a.conf:1:2: wrong\n");
        set_log_format(log_format::json);
        logger::named("x").fatal("wrong");
        CHECK(out.text().find("\"level\":\"FATAL\"") != std::string::npos);
    }

    TEST_CASE("a file gets the same lines, for owner and group alone, and can be moved away") {
        const level_guard guard;
        const captured_stderr out;
        std::string root = (std::filesystem::temp_directory_path() / "lb-log-XXXXXX").string();
        REQUIRE(::mkdtemp(root.data()) != nullptr);
        const auto files = make_posix_env();
        const std::string path = root + "/logs/logboom.log";
        const logger log = logger::named("x");
        CHECK(reopen_log_file());
        REQUIRE(open_log_file(root + "/logs"));
        log.info("first");
        CHECK(*files->permissions(root + "/logs") == directory_mode);
        CHECK(*files->permissions(path) == file_mode);
        CHECK(*read_file(*files, path, 1000) == out.text());
        REQUIRE(files->rename(path, path + ".1"));
        log.info("second");
        REQUIRE(reopen_log_file());
        log.info("third");
        CHECK(read_file(*files, path + ".1", 1000)->find("second") != std::string::npos);
        CHECK(read_file(*files, path, 1000)->find("] third") != std::string::npos);
        REQUIRE(open_log_file(root + "/logs"));
        log.info("fourth");
        CHECK(read_file(*files, path, 1000)->find("third") != std::string::npos);
        CHECK(read_file(*files, path, 1000)->find("fourth") != std::string::npos);
        REQUIRE(files->remove_tree(root));
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
