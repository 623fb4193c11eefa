#include "base/memory_env.h"
#include "buffer/log/condemned_files.h"
#include "buffer/log/errc.h"
#include "buffer/log/log_condition.h"

#include <doctest/doctest.h>

using namespace logboom;
using namespace logboom::log;
using namespace std::chrono_literals;

namespace {

struct condition_fixture {
    [[nodiscard]] std::int64_t failures() {
        return counters.sum("logboom_log_storage_failures_total");
    }
    static error from_errno(std::errc code) { return error(std::make_error_code(code)); }

    memory_env disk;
    manual_clock time;
    metrics counters;
    log_condition condition{{disk, time, counters, logger()}, "/d/t-0", {"t"}};
};

} // namespace

TEST_SUITE("buffer/log/log_condition") {
    TEST_CASE_FIXTURE(condition_fixture, "a shortage refuses one operation and closes nothing") {
        for (const auto code :
             {std::errc::no_space_on_device,
              std::errc::too_many_files_open,
              std::errc::too_many_files_open_in_system}) {
            CHECK(condition.refuse(from_errno(code)).code == errc::storage_failed);
            CHECK(condition.is_open());
        }
        CHECK(condition.require_open());
        CHECK(failures() == 3);
    }

    TEST_CASE_FIXTURE(condition_fixture, "anything else ends the log, and is counted once") {
        CHECK(condition.refuse(from_errno(std::errc::io_error)).code == errc::storage_failed);
        CHECK(condition.failed());
        CHECK(condition.require_open().error().code == errc::storage_failed);
        condition.fail(from_errno(std::errc::io_error));
        CHECK(failures() == 1);
    }

    TEST_CASE_FIXTURE(condition_fixture, "a log that was closed has not failed") {
        condition.close();
        CHECK_FALSE(condition.is_open());
        CHECK_FALSE(condition.failed());
        CHECK_FALSE(condition.require_open());
    }

    TEST_CASE_FIXTURE(condition_fixture, "condemned files keep their bytes until they are due") {
        REQUIRE(disk.make_directories("/d"));
        const segment_files files(disk, "/d");
        condemned_files condemned;
        for (const std::int64_t base : {0, 7}) {
            REQUIRE(files.create(offset(base)).has_value());
        }
        REQUIRE(condemned.add(files, offset(0), 60s));
        REQUIRE(condemned.add(files, offset(7), 90s));
        CHECK_FALSE(files.exists(offset(0), ".log"));
        CHECK(files.exists(offset(0), ".log.deleted"));
        CHECK(condemned.take_due(59s).empty());
        CHECK(condemned.take_due(60s).size() == 3);
        CHECK(condemned.take_due(60s).empty());
        CHECK(condemned.take_due(100s).size() == 3);
    }
}
