// Which log the cleaner takes next, and how it stops.
#include "buffer/broker/partitions/log_cleaner.h"
#include "codecs/kafka/record_batch_builder.h"
#include "tests/unit/buffer/broker/partitions/catalog_on_disk.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("buffer/broker/log_cleaner");

namespace logboom::broker {
namespace {

using namespace std::chrono_literals;

/// Long work waits until it is let go, so that tests can do things meanwhile.
class held_loop final : public held_loop_base {
  public:
    using held_loop_base::held_loop_base;
    void run_long(std::function<void()> work, std::function<void()> done) override {
        CHECK(held.empty());
        held.emplace_back(std::move(work), std::move(done));
    }
    void run_held() {
        const auto jobs = std::exchange(held, {});
        for (const auto& [work, done] : jobs) {
            work();
            inner.post(done);
        }
        inner.run_ready();
    }
};

struct cleaner_fixture : catalog_on_disk<held_loop> {
    std::optional<log_cleaner> cleaner;

    cleaner_fixture() {
        cleaner.emplace(log_cleaner::services{loop, *catalog, time, counters, logger{}});
        cleaner->start(15s);
        loop.inner.run_ready();
    }
    log::partition_log& create(const std::string& name, const std::string& policy = "compact") {
        return catalog_on_disk::create(
            {name, 1, 1, {{"cleanup.policy", policy}, {"segment.bytes", "1000"}}}
        );
    }
    void fill(log::partition_log& log, int count) {
        for (int i = 0; i < count; ++i) {
            kafka::record_batch_builder builder;
            builder.add(time.wall_ms(), as_bytes("key " + std::to_string(i % 3)), as_bytes("v"));
            auto batch = builder.finish();
            REQUIRE(log.append(*batch, {}).has_value());
        }
        auto job = log.begin_flush(log::flush_kind::checkpoint);
        REQUIRE(job.has_value());
        REQUIRE(log.finish_flush(job->run()).has_value());
    }
    std::int64_t count(std::string_view what) {
        return counters.sum("logboom_broker_compaction" + std::string(what));
    }
};

TEST_CASE_FIXTURE(cleaner_fixture, "the dirtiest log goes first, then the others, one at a time") {
    log::partition_log& small = create("small");
    log::partition_log& large = create("large");
    log::partition_log& other = create("other", "delete");
    fill(small, 100);
    fill(large, 100);
    fill(other, 100);
    // Half of it clean: less dirty than the large one.
    auto job = small.compaction().begin();
    REQUIRE(job.has_value());
    auto outcome = job->run();
    REQUIRE(small.compaction().begin_swap(outcome).has_value());
    REQUIRE(small.compaction().finish(std::move(outcome)).has_value());
    fill(small, 30);
    const auto sizes = [&] { return std::pair(small.size_bytes(), large.size_bytes()); };
    const auto before = sizes();
    const auto untouched = other.size_bytes();
    loop.inner.advance(14s);
    CHECK(loop.held.empty());
    loop.inner.advance(1s);
    REQUIRE(loop.held.size() == 1);
    CHECK(sizes() == before);
    loop.run_held();
    loop.run_held();
    CHECK(small.size_bytes() == before.first);
    CHECK(large.size_bytes() < before.second / 3);
    CHECK(count("s_total") == 1);
    // No backoff as long as there is something to do.
    loop.inner.advance(0s);
    loop.run_held();
    loop.run_held();
    CHECK(small.size_bytes() < before.first);
    CHECK(count("s_total") == 2);
    CHECK(count("_after_bytes_total") < count("_before_bytes_total") / 3);
    loop.inner.advance(1min);
    CHECK(loop.held.empty());
    CHECK(other.size_bytes() == untouched);
}

TEST_CASE_FIXTURE(
    cleaner_fixture, "a topic that is deleted meanwhile, or made anew, is not touched"
) {
    fill(create("t"), 100);
    loop.inner.advance(15s);
    REQUIRE(loop.held.size() == 1);
    SUBCASE("while records are read") {}
    SUBCASE("while the swap is synced") {
        auto [work, done] = loop.held[0];
        loop.held.clear();
        work();
        done();
        REQUIRE(loop.held.size() == 1);
    }
    catalog->remove("t", [](const topic_refusal&) {});
    loop.inner.run_ready();
    log::partition_log& again = create("t");
    fill(again, 5);
    loop.run_held();
    CHECK(loop.held.empty());
    CHECK(count("s_total") == 0);
    CHECK(count("_failures_total") == 0);
    CHECK(again.bounds().end() == offset(5));
    for (const std::string& name : *files.list("d/log/t-0")) {
        CHECK_FALSE(name.ends_with(".cleaned"));
        CHECK_FALSE(name.ends_with(".swap"));
    }
    fill(again, 100);
    loop.inner.advance(15s);
    loop.run_held();
    loop.run_held();
    CHECK(count("s_total") == 1);
}

TEST_CASE_FIXTURE(cleaner_fixture, "stop gives the work up and waits for its end") {
    log::partition_log& log = create("t");
    fill(log, 100);
    const auto size = log.size_bytes();
    loop.inner.advance(15s);
    bool stopped = false;
    cleaner->stop([&] { stopped = true; });
    CHECK_FALSE(stopped);
    loop.run_held();
    CHECK(stopped);
    CHECK(log.size_bytes() == size);
    CHECK(count("_failures_total") == 0);
    loop.inner.advance(1min);
    CHECK(loop.held.empty());
}

TEST_CASE_FIXTURE(
    cleaner_fixture, "a log that cannot be compacted is tried again ten minutes later"
) {
    log::partition_log& log = create("t");
    fill(log, 100);
    loop.inner.advance(15s);
    files.set_fault([](std::string_view operation, const std::string& path) -> result<void> {
        const bool copy = operation == "write" && path.ends_with(".cleaned");
        return copy ? result<void>(error(std::make_error_code(std::errc::no_space_on_device)))
                    : result<void>();
    });
    loop.run_held();
    CHECK(count("_failures_total") == 1);
    files.set_fault({});
    loop.inner.advance(9min);
    CHECK(loop.held.empty());
    loop.inner.advance(2min);
    loop.run_held();
    loop.run_held();
    CHECK(count("s_total") == 1);
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
