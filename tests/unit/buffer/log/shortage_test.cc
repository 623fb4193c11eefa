// A disk without room, and a process without descriptors: what must go on, and what comes back.
#include "tests/unit/buffer/log/log_fixture.h"

using namespace logboom;
using namespace logboom::log;
using namespace std::chrono_literals;

namespace {

class shortage_fixture : public log_fixture {
  public:
    shortage_fixture() {
        options.config.segment_bytes = 1000;
        options.config.index_interval_bytes = 1;
        options.config.retention_ms = 60'000;
        open();
    }
    /// Operations of this name on files that end so find no room.
    void run_short(std::string_view of, std::string suffix, std::errc why) {
        disk.set_fault(
            [of,
             suffix = std::move(suffix),
             why](std::string_view operation, const std::string& path) -> result<void> {
                return operation == of && path.ends_with(suffix) ? error(std::make_error_code(why))
                                                                 : result<void>();
            }
        );
    }
    void there_is_room() { disk.set_fault({}); }
    /// As after kill -9.
    void start_again() {
        log.reset();
        open();
    }
};

} // namespace

TEST_SUITE("buffer/log/shortage") {
    TEST_CASE_FIXTURE(shortage_fixture, "a roll that finds no room refuses the append only") {
        for (const auto& [operation, suffix, why] :
             {std::tuple("write", ".index", std::errc::no_space_on_device),
              std::tuple("write", ".snapshot", std::errc::no_space_on_device),
              std::tuple("create", ".log", std::errc::too_many_files_open),
              std::tuple("create", ".timeindex", std::errc::too_many_files_open)}) {
            for (const bool is_taken_later : {false, true}) {
                CAPTURE(suffix);
                CAPTURE(is_taken_later);
                options.directory = std::string("/d/") + operation + suffix;
                options.directory += is_taken_later ? "-later" : "";
                open();
                append(15);
                append(5);
                run_short(operation, suffix, why);
                CHECK(try_append(batch(20)).error().code == errc::storage_failed);
                CHECK_FALSE(log->failed());
                // A smaller one fits without a roll.
                append(1);
                there_is_room();
                if (is_taken_later) {
                    CHECK(append(20).base_offset == offset(21));
                }
                // Nothing is left behind that a start could take for the end.
                const offset end = log->bounds().end();
                start_again();
                CHECK(log->bounds().end() == end);
                CHECK(append(1).base_offset == end);
            }
        }
    }

    TEST_CASE_FIXTURE(shortage_fixture, "a checkpoint without room for indexes still syncs") {
        append(3);
        append(3);
        run_short("write", ".index", std::errc::no_space_on_device);
        append(3);
        auto job = log->begin_flush(flush_kind::checkpoint);
        REQUIRE(job.has_value());
        REQUIRE(log->finish_flush(job->run()));
        CHECK(log->bounds().flushed() == offset(9));
        CHECK(log->bounds().recovery_point() == offset(0));
        there_is_room();
        flush();
        CHECK(log->bounds().recovery_point() == offset(9));
    }

    TEST_CASE_FIXTURE(shortage_fixture, "an epoch that found no room is noted by a later append") {
        run_short("create", ".tmp", std::errc::no_space_on_device);
        CHECK_FALSE(log->become_leader(leader_epoch(3)));
        CHECK(try_append(batch(1)).error().code == errc::storage_failed);
        CHECK_FALSE(log->failed());
        there_is_room();
        append(2);
        flush(flush_kind::checkpoint);
        start_again();
        CHECK(log->current_epoch() == leader_epoch(3));
    }

    TEST_CASE_FIXTURE(shortage_fixture, "old segments go when there is no room to note it") {
        REQUIRE(log->become_leader(leader_epoch(0)));
        append(20);
        append(20);
        append(20);
        time.advance(2min);
        append(20);
        run_short("create", ".tmp", std::errc::no_space_on_device);
        CHECK(*log->housekeep() == 3);
        CHECK_FALSE(log->failed());
        CHECK(log->bounds().start() == offset(60));
        time.advance(2min);
        // Now the newest would go as well, for which there must be another.
        append(20);
        time.advance(2min);
        run_short("create", ".log", std::errc::no_space_on_device);
        CHECK(*log->housekeep() == 1);
        CHECK_FALSE(log->failed());
        there_is_room();
        CHECK(*log->housekeep() == 1);
        remove_deleted_files();
        CHECK_FALSE(disk.exists("/d/t-0/00000000000000000000.log.deleted"));
    }
}
