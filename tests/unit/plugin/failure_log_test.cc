#include "base/metric_list.h"
#include "plugin/failure_log.h"
#include "tests/unit/log_file.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace std::chrono_literals;

TEST_SUITE("plugin/failure_log") {
    TEST_CASE("all failures are counted, and told once a minute with their number") {
        const log_file log;
        manual_clock time;
        metrics counters;
        const counter total(
            counters, declared("logboom_filter_failures_total"), {"main", "mutate", "m"}
        );
        failure_log failures(total, time, logger::named("test"));
        failures.add("The first failed.");
        failures.add("The second failed.");
        time.advance(59s);
        failures.add("The third failed.");
        CHECK(total.value() == 3);
        CHECK(log.lines() == std::vector<std::string>{"warn  [test] The first failed. failures=1"});
        time.advance(1s);
        failures.add("The fourth failed.");
        failures.add("The fifth failed.");
        REQUIRE(log.lines().size() == 2);
        CHECK(log.lines()[1] == "warn  [test] The fourth failed. failures=4");
        CHECK(total.value() == 5);
    }
}
