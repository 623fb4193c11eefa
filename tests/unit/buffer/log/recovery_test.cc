// Starts after a crash: torn tails, damage, missing files, failed syncs.
#include "tests/unit/buffer/log/log_fixture.h"

using namespace logboom;
using namespace logboom::log;

namespace {

using spans = std::vector<std::pair<std::int64_t, std::int64_t>>;

constexpr const char* first_log = "00000000000000000000.log";

error io_error() {
    return std::error_code(EIO, std::system_category());
}

/// Changes one byte of a file, and makes it last.
void damage(log_fixture& in, const std::string& name, std::uint64_t at) {
    auto file = *in.disk.open(join_path(in.options.directory, name), open_mode::read_write);
    std::byte each{};
    REQUIRE(file->pread({&each, 1}, at).has_value());
    each ^= std::byte{0x55};
    REQUIRE(file->pwrite({&each, 1}, at));
    REQUIRE(file->sync());
}

} // namespace

TEST_SUITE("buffer/log/recovery") {
    TEST_CASE_FIXTURE(log_fixture, "a tail torn at any byte is cut back to whole batches") {
        open();
        append(2);
        append(2);
        flush();
        const std::size_t synced = content(first_log).size();
        append(3);
        const std::size_t whole = content(first_log).size();
        append(1);
        const std::size_t all = content(first_log).size();
        const std::string written = content(first_log);
        for (std::size_t size = synced; size <= all; ++size) {
            INFO("cut at " << size);
            log.reset();
            {
                auto file = *disk.open(options.directory + "/" + first_log, open_mode::truncate);
                REQUIRE(file->pwrite(as_bytes(written).first(size), 0));
            }
            open();
            const std::int64_t end = size == all ? 8 : size >= whole ? 7 : 4;
            CHECK(log->bounds().end() == offset(end));
            CHECK(
                content(first_log).size() == (size == all     ? all
                                              : size >= whole ? whole
                                                              : synced)
            );
            // The log goes on where it was cut.
            CHECK(append(1).base_offset == offset(end));
            CHECK(batches(offset(0)).size() == (end == 4 ? 3U : end == 7 ? 4U : 5U));
        }
    }

    TEST_CASE_FIXTURE(log_fixture, "damage below the recovery point is reported, never cut off") {
        open();
        append(2);
        append(2);
        flush();
        append(2);
        const std::string before = content(first_log);
        log.reset();
        damage(*this, first_log, 70);
        const auto outcome = try_open();
        REQUIRE(outcome.has_error());
        CHECK(outcome.error().code == errc::corrupt);
        CHECK(content(first_log).size() == before.size());
        damage(*this, first_log, 70);
        open();
        CHECK(log->bounds().end() == offset(6));
    }

    TEST_CASE_FIXTURE(log_fixture, "records that were durable and are missing are corruption") {
        open();
        append(5);
        flush();
        log.reset();
        REQUIRE((*disk.open(options.directory + "/" + first_log, open_mode::truncate))->sync());
        CHECK(try_open().error().code == errc::corrupt);
    }

    TEST_CASE_FIXTURE(log_fixture, "index files rebuilt are those that were written") {
        options.config.segment_bytes = 3000;
        options.config.index_interval_bytes = 200;
        open();
        for (int i = 0; i < 60; ++i) {
            time.advance(std::chrono::milliseconds(i % 7));
            append(1 + i % 3);
        }
        REQUIRE(log->segment_count() >= 3);
        REQUIRE(log->close());
        std::map<std::string, std::string> written;
        for (const std::string& name : *disk.list(options.directory)) {
            if (name.ends_with("index")) {
                written[name] = content(name);
            }
        }
        CHECK(written.size() == 2 * log->segment_count());
        CHECK_FALSE(written["00000000000000000000.index"].empty());
        for (const bool by_recovery : {true, false}) {
            log.reset();
            for (const auto& [name, text] : written) {
                REQUIRE(disk.remove(options.directory + "/" + name));
            }
            open(!by_recovery);
            REQUIRE(log->close());
            for (const auto& [name, text] : written) {
                INFO(name);
                CHECK(content(name) == text);
            }
        }
    }

    TEST_CASE_FIXTURE(log_fixture, "segments behind a torn one are dropped") {
        options.config.segment_bytes = 300;
        open();
        for (int i = 0; i < 8; ++i) {
            append(2);
        }
        REQUIRE(log->segment_count() >= 3);
        log.reset();
        const std::string size_of_first = content(first_log);
        damage(*this, first_log, size_of_first.size() - 1);
        open();
        CHECK(log->segment_count() == 1);
        CHECK(log->bounds().end() < offset(16));
        CHECK(append(1).base_offset == log->bounds().end() - 1);
    }

    TEST_CASE_FIXTURE(log_fixture, "a clean stop loses nothing and recovers nothing") {
        open();
        append(3);
        REQUIRE(log->close());
        CHECK(log->bounds().flushed() == offset(3));
        CHECK(try_append(batch(1)).error().code == errc::storage_failed);
        log.reset();
        disk.crash();
        open(true);
        CHECK(batches(offset(0)) == spans{{0, 2}});
        CHECK(counters.sum("logboom_log_recovery_truncated_bytes_total") == 0);
    }

    TEST_CASE_FIXTURE(log_fixture, "a failed sync closes the partition for good") {
        open();
        append(1);
        disk.set_fault([](std::string_view operation, const std::string&) -> result<void> {
            if (operation == "sync") {
                return io_error();
            }
            return {};
        });
        auto job = log->begin_flush(flush_kind::records);
        REQUIRE(job.has_value());
        CHECK(log->finish_flush(job->run()).error().code == errc::storage_failed);
        disk.set_fault({});
        CHECK(log->failed());
        CHECK(log->bounds().flushed() == offset(0));
        CHECK(try_append(batch(1)).error().code == errc::storage_failed);
        CHECK(log->read({.from = offset(0)}).error().code == errc::storage_failed);
        CHECK_FALSE(log->begin_flush(flush_kind::records).has_value());
    }

    TEST_CASE_FIXTURE(log_fixture, "a full disk refuses appends until there is room again") {
        open();
        append(1);
        disk.set_fault([](std::string_view operation, const std::string&) -> result<void> {
            if (operation == "write") {
                return error(std::error_code(ENOSPC, std::system_category()));
            }
            return {};
        });
        CHECK(try_append(batch(1)).error().code == errc::storage_failed);
        CHECK_FALSE(log->failed());
        CHECK(batches(offset(0)) == spans{{0, 0}});
        disk.set_fault({});
        CHECK(append(1).base_offset == offset(1));
        CHECK(batches(offset(0)) == spans{{0, 0}, {1, 1}});
    }
}
