// Which segments go, by age, size and DeleteRecords, and when a new one begins.
#include "tests/unit/buffer/log/log_fixture.h"

using namespace logboom;
using namespace logboom::log;
using namespace std::chrono_literals;

namespace {

class retention_fixture : public log_fixture {
  public:
    retention_fixture() {
        options.config.segment_bytes = 1000;
        options.config.retention_ms = 60'000;
        open();
    }
    bool exists(const std::string& name) { return disk.exists(join_path(options.directory, name)); }
};

} // namespace

TEST_SUITE("buffer/log/retention") {
    TEST_CASE_FIXTURE(retention_fixture, "whole segments go when their newest record is too old") {
        append(20);
        append(20);
        time.advance(59s);
        append(20);
        CHECK(*log->housekeep() == 0);
        time.advance(2s);
        CHECK(*log->housekeep() == 2);
        CHECK(log->bounds().start() == offset(40));
        CHECK(log->read({.from = offset(39)}).error().code == errc::offset_out_of_range);
        CHECK(batches(offset(40)).size() == 1);
    }

    TEST_CASE_FIXTURE(retention_fixture, "the active segment rolls and goes when its age passes") {
        append(3);
        time.advance(2min);
        CHECK(*log->housekeep() == 1);
        CHECK(log->bounds().start() == offset(3));
        CHECK(log->bounds().end() == offset(3));
        CHECK(append(1).base_offset == offset(3));
    }

    TEST_CASE_FIXTURE(retention_fixture, "records without a time are as old as their segment") {
        const auto append_timeless = [this] {
            kafka::record_batch_builder builder;
            builder.add(timestamp_ms(-1), std::nullopt, as_bytes(std::string(600, 'x')));
            REQUIRE(try_append(*builder.finish()).has_value());
        };
        append_timeless();
        append_timeless();
        time.advance(59s);
        append_timeless();
        time.advance(2s);
        append_timeless();
        CHECK(*log->housekeep() == 2);
        CHECK(log->bounds().start() == offset(2));

        auto changed = options.config;
        changed.segment_bytes = 100'000;
        changed.segment_ms = 10'000;
        log->configure(changed);
        append_timeless();
        const auto before = log->segment_count();
        time.advance(11s);
        append_timeless();
        CHECK(log->segment_count() == before + 1);
    }

    TEST_CASE_FIXTURE(retention_fixture, "segments go by size, the newest data stays") {
        auto changed = options.config;
        changed.retention_ms = -1;
        changed.retention_bytes = 2000;
        log->configure(changed);
        for (int i = 0; i < 5; ++i) {
            append(20);
        }
        const auto before = log->size_bytes();
        CHECK(*log->housekeep() > 0);
        CHECK(log->size_bytes() >= 2000);
        CHECK(log->size_bytes() < before);
        CHECK(log->bounds().end() == offset(100));
    }

    TEST_CASE_FIXTURE(retention_fixture, "a segment that compaction is due for is ended for it") {
        auto changed = options.config;
        changed.cleanup_compact = true;
        changed.max_compaction_lag_ms = 10'000;
        log->configure(changed);
        append(1);
        time.advance(9s);
        append(1);
        CHECK(log->segment_count() == 1);
        time.advance(2s);
        append(1);
        CHECK(log->segment_count() == 2);
    }

    TEST_CASE_FIXTURE(retention_fixture, "a compacted log is not cut by age or size") {
        auto changed = options.config;
        changed.cleanup_delete = false;
        changed.cleanup_compact = true;
        changed.retention_bytes = 0;
        log->configure(changed);
        append(20);
        append(20);
        time.advance(1h);
        CHECK(*log->housekeep() == 0);
        CHECK(log->bounds().start() == offset(0));
    }

    TEST_CASE_FIXTURE(
        retention_fixture, "deleted files wait under another name, and readers keep them"
    ) {
        append(20);
        append(20);
        const auto slice = log->read({.from = offset(0)})->slices.at(0);
        REQUIRE(*log->delete_records_before(offset(20)) == offset(20));
        CHECK_FALSE(exists("00000000000000000000.log"));
        CHECK(exists("00000000000000000000.log.deleted"));
        CHECK(exists("00000000000000000000.index.deleted"));
        CHECK(read_slice(slice).has_value());
        time.advance(61s);
        auto changed = options.config;
        changed.retention_ms = -1;
        log->configure(changed);
        CHECK(log->housekeep().has_value());
        remove_deleted_files();
        CHECK_FALSE(exists("00000000000000000000.log.deleted"));
    }

    TEST_CASE_FIXTURE(retention_fixture, "delete_records moves the start inside a segment") {
        append(20);
        CHECK(*log->delete_records_before(offset(7)) == offset(7));
        CHECK(*log->delete_records_before(offset(3)) == offset(7));
        CHECK(log->read({.from = offset(6)}).error().code == errc::offset_out_of_range);
        CHECK(batches(offset(7)).size() == 1);
        CHECK(log->delete_records_before(offset(21)).error().code == errc::offset_out_of_range);
        CHECK(*log->delete_records_before(no_offset) == offset(20));
        flush();
        open();
        CHECK(log->bounds().start() == offset(20));
    }

    TEST_CASE_FIXTURE(retention_fixture, "a segment rolls by bytes and by time") {
        auto changed = options.config;
        changed.segment_ms = 10'000;
        log->configure(changed);
        append(1);
        time.advance(10s);
        append(1);
        CHECK(log->segment_count() == 1);
        time.advance(1ms);
        append(1);
        CHECK(log->segment_count() == 2);
        append(29);
        CHECK(log->segment_count() == 3);
        CHECK(try_append(batch(100)).error().code == errc::record_list_too_large);
    }

    TEST_CASE_FIXTURE(retention_fixture, "offsets are found by time") {
        append(2);
        time.advance(1s);
        const auto second = time.wall_ms();
        append(2);
        time.advance(1s);
        append(30);
        const auto found = log->offset_for_time(second);
        REQUIRE(found->has_value());
        CHECK((*found)->offset == offset(2));
        CHECK((*found)->timestamp == second);
        CHECK((*log->offset_for_time(second + 1))->offset == offset(4));
        CHECK((*log->offset_for_time(timestamp_ms(0)))->offset == offset(0));
        CHECK_FALSE(log->offset_for_time(time.wall_ms() + 1)->has_value());
        CHECK((*log->offset_of_max_timestamp())->offset == offset(4));
    }

    TEST_CASE_FIXTURE(retention_fixture, "append time replaces the producer's") {
        auto changed = options.config;
        changed.message_timestamp_type = kafka::timestamp_type::log_append_time;
        log->configure(changed);
        auto early = batch(2);
        time.advance(5s);
        const auto done = try_append(early);
        REQUIRE(done.has_value());
        CHECK(done->append_time == time.wall_ms());
        CHECK((*log->offset_for_time(time.wall_ms()))->offset == offset(0));
        CHECK(batches(offset(0)).size() == 1);
    }

    TEST_CASE_FIXTURE(retention_fixture, "leader epochs say where each one ends") {
        REQUIRE(log->become_leader(leader_epoch(3)));
        append(2);
        REQUIRE(log->become_leader(leader_epoch(5)));
        append(2);
        CHECK(log->end_of_epoch(leader_epoch(3)).end_offset == offset(2));
        CHECK(log->end_of_epoch(leader_epoch(4)).epoch == leader_epoch(3));
        CHECK(log->end_of_epoch(leader_epoch(5)).end_offset == offset(4));
        CHECK(log->end_of_epoch(leader_epoch(6)).end_offset == no_offset);
        CHECK(log->end_of_epoch(leader_epoch(2)).end_offset == no_offset);
        CHECK(log->epoch_at(offset(1)) == leader_epoch(3));
        CHECK(log->become_leader(leader_epoch(4)).error().code == errc::fenced_leader_epoch);
        CHECK(content("leader-epoch-checkpoint") == "0\n2\n3 0\n5 2\n");
        flush();
        REQUIRE(disk.remove("/d/t-0/leader-epoch-checkpoint"));
        options.recovery_point = offset(0);
        open();
        CHECK(log->current_epoch() == leader_epoch(5));
    }
}
