// What is on disk: jobs that overtake each other, fail, and fall due.
#include "base/memory_env.h"
#include "buffer/broker/config/topic_settings.h"
#include "buffer/log/flush_ledger.h"
#include "codecs/kafka/record_batch_builder.h"

#include <doctest/doctest.h>

#include <random>

using namespace logboom;
using namespace logboom::log;
using namespace std::chrono_literals;

namespace {

/// A ledger over one segment that is appended to.
struct ledger_fixture {
    ledger_fixture() {
        REQUIRE(disk.make_directories("/d"));
        auto first = files.create(offset(0));
        REQUIRE(first.has_value());
        segments.add(*std::move(first));
    }

    void append(int records) {
        kafka::record_batch_builder builder({.base_offset = bounds.end()});
        for (int i = 0; i < records; ++i) {
            builder.add(timestamp_ms(1000), std::nullopt, as_bytes("value"));
        }
        const auto data = builder.finish();
        REQUIRE(data.has_value());
        REQUIRE(segments.active().write(*data));
        segments.active().observe(kafka::record_batch_view(*data));
        if (bounds.flushed() == bounds.end()) {
            ledger.note_first_unflushed(time.steady());
        }
        bounds.extend(segments.active().end());
    }
    void roll() {
        REQUIRE(segments.active().seal());
        auto next = files.create(bounds.end());
        REQUIRE(next.has_value());
        segments.add(*std::move(next));
        ledger.note_names();
    }
    std::optional<flush_job> begin(flush_kind kind) {
        auto job = ledger.begin(kind, files, segments, bounds);
        REQUIRE(job.has_value());
        return *std::move(job);
    }
    void settle(const flush_outcome& outcome) { ledger.settle(outcome, bounds, time.steady()); }
    void flush(flush_kind kind) {
        if (auto job = begin(kind)) {
            settle(job->run());
        }
    }
    [[nodiscard]] bool is_due() const { return ledger.is_due(config, segments, bounds, time); }

    memory_env disk;
    segment_files files{disk, "/d"};
    segment_list segments;
    log_bounds bounds;
    flush_ledger ledger;
    log_config config = broker::make_log_config({}, {});
    manual_clock time;
};

} // namespace

TEST_SUITE("buffer/log/flush_ledger") {
    TEST_CASE_FIXTURE(
        ledger_fixture, "the first job syncs the directory, and then nothing is left"
    ) {
        auto job = begin(flush_kind::records);
        REQUIRE(job.has_value());
        settle(job->run());
        CHECK_FALSE(begin(flush_kind::records));
        CHECK_FALSE(begin(flush_kind::checkpoint));
        disk.crash();
        CHECK(files.exists(offset(0), ".log"));
    }

    TEST_CASE_FIXTURE(ledger_fixture, "a job covers what was there when it began") {
        append(3);
        auto job = begin(flush_kind::records);
        REQUIRE(job.has_value());
        append(4);
        settle(job->run());
        CHECK(bounds.flushed() == offset(3));
        CHECK(bounds.recovery_point() == offset(0));
        flush(flush_kind::checkpoint);
        CHECK(bounds.recovery_point() == offset(7));
    }

    TEST_CASE_FIXTURE(ledger_fixture, "jobs that end in the wrong order take nothing back") {
        append(3);
        auto first = begin(flush_kind::checkpoint);
        append(3);
        auto second = begin(flush_kind::records);
        REQUIRE(first.has_value());
        REQUIRE(second.has_value());
        settle(second->run());
        CHECK(bounds.flushed() == offset(6));
        settle(first->run());
        CHECK(bounds.flushed() == offset(6));
        CHECK(bounds.recovery_point() == offset(3));
    }

    TEST_CASE_FIXTURE(ledger_fixture, "an index that cannot be written leaves the records a job") {
        append(3);
        config.index_interval_bytes = 1;
        segments.set_index_interval(1);
        append(3);
        disk.set_fault([](std::string_view operation, const std::string& path) -> result<void> {
            return operation == "write" && path.ends_with("index")
                       ? error(std::make_error_code(std::errc::no_space_on_device))
                       : result<void>();
        });
        CHECK(ledger.begin(flush_kind::checkpoint, files, segments, bounds).has_error());
        flush(flush_kind::records);
        CHECK(bounds.flushed() == offset(6));
    }

    TEST_CASE_FIXTURE(ledger_fixture, "flush.messages and flush.ms count from the first record") {
        config.flush_messages = 5;
        config.flush_ms = 1000;
        CHECK_FALSE(is_due());
        append(3);
        CHECK_FALSE(is_due());
        time.advance(600ms);
        append(1);
        time.advance(300ms);
        CHECK_FALSE(is_due());
        time.advance(100ms);
        CHECK(is_due());
        flush(flush_kind::records);
        CHECK_FALSE(is_due());
        append(5);
        CHECK(is_due());
    }

    TEST_CASE_FIXTURE(ledger_fixture, "a segment that was sealed before its sync is due at once") {
        append(3);
        CHECK_FALSE(is_due());
        roll();
        CHECK(is_due());
        flush(flush_kind::records);
        CHECK_FALSE(is_due());
    }

    TEST_CASE_FIXTURE(
        ledger_fixture, "what jobs cover survives a power cut, in any order of jobs"
    ) {
        for (std::uint32_t seed = 0; seed < 20; ++seed) {
            CAPTURE(seed);
            ledger_fixture log;
            std::mt19937 random(seed);
            const auto pick = [&random](std::size_t below) { return random() % below; };
            std::vector<flush_outcome> ended;
            for (int step = 0; step < 60; ++step) {
                const auto action = pick(10);
                if (action < 5) {
                    log.append(1 + static_cast<int>(pick(5)));
                } else if (action < 6 && log.segments.active().size() > 0) {
                    log.roll();
                } else if (action < 8) {
                    const auto kind = pick(2) == 0 ? flush_kind::records : flush_kind::checkpoint;
                    if (auto job = log.begin(kind)) {
                        ended.push_back(job->run());
                    }
                } else if (!ended.empty()) {
                    const auto index = static_cast<std::ptrdiff_t>(pick(ended.size()));
                    log.settle(ended[static_cast<std::size_t>(index)]);
                    ended.erase(ended.begin() + index);
                }
            }
            const offset flushed = log.bounds.flushed();
            log.disk.crash();
            offset found(0);
            for (std::size_t i = 0; i < log.segments.size(); ++i) {
                const offset base = log.segments.at(i).base();
                if (base >= flushed) {
                    break;
                }
                auto again = log.files.open(base);
                REQUIRE(again.has_value());
                batch_scanner batches(
                    *(*again)->records(), 0, (*again)->size(), scan_depth::checksums
                );
                while (*batches.next()) {
                    CHECK(batches.header().base_offset() == found);
                    found = batches.header().next_offset();
                }
            }
            CHECK(found >= flushed);
        }
    }
}
