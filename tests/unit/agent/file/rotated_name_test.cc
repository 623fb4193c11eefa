#include "agent/file/rotated_name.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("agent/rotated_name");

using namespace logboom::agent;

TEST_CASE("the usual schemes are known") {
    CHECK(rotated_from("/var/log/app.log.1") == "/var/log/app.log");
    CHECK(rotated_from("/var/log/app.log.12") == "/var/log/app.log");
    CHECK(rotated_from("/var/log/app.log-20261127") == "/var/log/app.log");
    CHECK(rotated_from("/var/log/app.log-20261127-1764201600") == "/var/log/app.log");
    CHECK(rotated_from("/var/log/app.log.2026-11-27T10:00:00") == "/var/log/app.log");
    CHECK(rotated_from("/var/log/app-20261127.log") == "/var/log/app.log");
    CHECK(rotated_from("/var/log/app.2026-11-27.0.log") == "/var/log/app.log");
    CHECK(rotated_from("/var/log/syslog.1") == "/var/log/syslog");
    CHECK(rotated_from("/var/log/app2.log.1") == "/var/log/app2.log");
}

TEST_CASE("names tell which generation came first") {
    CHECK(is_rotated_before("/l/app.log.10", "/l/app.log.9"));
    CHECK(is_rotated_before("/l/12345678/app.log.2", "/l/12345678/app.log.1"));
    CHECK_FALSE(is_rotated_before("/l/app12345678.log.1", "/l/app12345678.log.2"));
    CHECK(is_rotated_before("/l/app.log-20261126", "/l/app.log-20261127"));
    CHECK(is_rotated_before("/l/app-20261126.log", "/l/app-20261127.log"));
    CHECK_FALSE(is_rotated_before("/l/app.log.1", "/l/app.log.1"));
}

TEST_CASE("other names are nobody's generations") {
    CHECK(rotated_from("/var/log/app.log").empty());
    CHECK(rotated_from("/var/log/app.log.bak").empty());
    CHECK(rotated_from("/var/log/app-2.log").empty());
    CHECK(rotated_from("/var/log/app.1.log").empty());
    CHECK(rotated_from("/var/log/app.log-errors").empty());
    CHECK(rotated_from("/var/log.1/app").empty());
    CHECK(rotated_from("/var/log/.1").empty());
    CHECK(rotated_from("/var/log/2026").empty());
    CHECK(rotated_from("app").empty());
    CHECK(rotated_from("").empty());
}

TEST_SUITE_END();
