#include "base/memory_env.h"
#include "buffer/broker/config/topic_settings.h"
#include "buffer/broker/core/errc.h"
#include "buffer/broker/topics/partition.h"
#include "codecs/kafka/record_batch_builder.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("buffer/broker/topics/partition");

namespace logboom::broker {
namespace {

/// Wants so many bytes.
struct counting_waiter final : append_waiter {
    explicit counting_waiter(std::size_t bytes) : missing(bytes) {}
    bool appended(std::size_t bytes) override {
        missing -= std::min(missing, bytes);
        return missing == 0;
    }
    void records_ready() override {}
    std::size_t missing;
};

struct partition_fixture {
    partition_fixture() {
        log::log_directory_options options;
        options.path = "d";
        options.config_of = [](std::string_view) { return make_log_config({}, {}); };
        directory =
            *log::log_directory::open({files, time, counters, logger{}}, std::move(options));
        own = *directory->create(name, uuid::random(), make_log_config({}, {}));
        subject = std::make_shared<partition>(name, *directory, *own);
    }
    log::append_result append() {
        kafka::record_batch_builder builder;
        builder.add(time.wall_ms(), std::nullopt, as_bytes("v"));
        auto batch = builder.finish();
        return *own->append(*batch, {});
    }
    void wait_for_sync() {
        subject->wait_for_sync(append(), [this](const result<log::append_result>& done) {
            heard.push_back(done.has_value() ? std::error_code() : done.error().code);
        });
    }
    void flush() {
        auto job = own->begin_flush(log::flush_kind::records);
        REQUIRE(job.has_value());
        REQUIRE(own->finish_flush(job->run()).has_value());
    }

    topic_partition name{"t", partition_id(3)};
    memory_env files;
    manual_clock time;
    metrics counters;
    std::unique_ptr<log::log_directory> directory;
    log::partition_log* own = nullptr;
    std::shared_ptr<partition> subject;
    std::vector<std::error_code> heard;
};

TEST_CASE_FIXTURE(partition_fixture, "who waits for the disk hears when its records are there") {
    wait_for_sync();
    flush();
    wait_for_sync();
    CHECK(subject->settle_syncs());
    CHECK(heard == std::vector<std::error_code>{{}});
    flush();
    CHECK_FALSE(subject->settle_syncs());
    CHECK(heard == std::vector<std::error_code>{{}, {}});
    CHECK_FALSE(subject->settle_syncs());
}

TEST_CASE_FIXTURE(partition_fixture, "when the log has failed, what was on disk still counts") {
    wait_for_sync();
    flush();
    wait_for_sync();
    files.set_fault([](std::string_view operation, const std::string&) -> result<void> {
        return operation == "write" ? error(std::make_error_code(std::errc::io_error))
                                    : result<void>();
    });
    kafka::record_batch_builder builder;
    builder.add(time.wall_ms(), std::nullopt, as_bytes("v"));
    auto batch = builder.finish();
    REQUIRE(own->append(*batch, {}).has_error());
    CHECK_FALSE(subject->is_online());
    CHECK(subject->offline_reason() == "its disk failed");
    CHECK_FALSE(subject->settle_syncs());
    CHECK(heard == std::vector<std::error_code>{{}, log::errc::storage_failed});
}

TEST_CASE_FIXTURE(partition_fixture, "readers are collected once they have enough") {
    const auto small = std::make_shared<counting_waiter>(10);
    const auto large = std::make_shared<counting_waiter>(100);
    auto gone = std::make_shared<counting_waiter>(1);
    for (const auto& each : {small, large, gone}) {
        subject->wait_for_append(each);
    }
    gone.reset();
    partition::readers ready;
    subject->collect_ready(10, ready);
    REQUIRE(ready.size() == 1);
    CHECK(ready[0].lock() == small);
    subject->stop_waiting(*small);
    CHECK(subject->take_readers().size() == 1);
    CHECK(subject->take_readers().empty());
}

TEST_CASE_FIXTURE(
    partition_fixture, "a partition whose topic is deleted has no log and no gauges"
) {
    subject->show(counters);
    CHECK(counters.samples("logboom_log_end_offset").size() == 1);
    wait_for_sync();
    subject->retire();
    CHECK(subject->log() == nullptr);
    CHECK(heard == std::vector<std::error_code>{errc::unknown_partition});
    CHECK(counters.samples("logboom_log_end_offset").empty());
    subject->show(counters);
    CHECK(counters.samples("logboom_log_end_offset").empty());
    CHECK_FALSE(subject->offline_reason().empty());
}

TEST_CASE_FIXTURE(partition_fixture, "compaction that was put off waits") {
    CHECK(subject->may_compact(time.steady()));
    subject->put_off_compaction(time.steady() + std::chrono::minutes(10));
    time.advance(std::chrono::minutes(9));
    CHECK_FALSE(subject->may_compact(time.steady()));
    time.advance(std::chrono::minutes(1));
    CHECK(subject->may_compact(time.steady()));
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
