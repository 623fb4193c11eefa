#include "base/metric_list.h"
#include "plugin/failure_log.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace logboom;
using namespace std::chrono_literals;

namespace {

/// The log's file, in a directory that goes with it.
class log_file {
  public:
    log_file() {
        std::string name = (std::filesystem::temp_directory_path() / "failure_log.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        directory_ = name;
        REQUIRE(open_log_file(directory_).has_value());
    }
    ~log_file() {
        close_log_file();
        std::filesystem::remove_all(directory_);
    }
    log_file(const log_file&) = delete;
    log_file& operator=(const log_file&) = delete;

    [[nodiscard]] std::vector<std::string> lines() const {
        std::ifstream from(directory_ + "/logboom.log");
        std::vector<std::string> all;
        for (std::string line; std::getline(from, line);) {
            // Without the time.
            all.push_back(line.substr(line.find(' ') + 1));
        }
        return all;
    }

  private:
    std::string directory_;
};

} // namespace

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
