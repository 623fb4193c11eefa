#include "buffer/broker/partitions/partition_service.h"
#include "codecs/kafka/record_batch_builder.h"
#include "tests/unit/buffer/broker/partitions/catalog_on_disk.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("buffer/broker/partition_service");

namespace logboom::broker {
namespace {

using namespace std::chrono_literals;

/// Blocking work waits until it is let go while `holding`.
class held_loop final : public held_loop_base {
  public:
    using held_loop_base::held_loop_base;
    void run_blocking(std::function<void()> work, std::function<void()> done) override {
        if (holding) {
            held.emplace_back(std::move(work), std::move(done));
        } else {
            inner.run_blocking(std::move(work), std::move(done));
        }
    }
    void run_long(std::function<void()> work, std::function<void()> done) override {
        ++long_count;
        inner.run_long(std::move(work), std::move(done));
    }
    void let_go() {
        holding = false;
        for (auto& [work, done] : std::exchange(held, {})) {
            inner.run_blocking(std::move(work), std::move(done));
        }
        inner.run_ready();
    }

    bool holding = false;
    int long_count = 0;
};

struct service_fixture : catalog_on_disk<held_loop> {
    std::optional<partition_service> service;

    service_fixture() {
        service.emplace(partition_service::services{loop, *catalog, counters, logger{}});
        service->start({directory.get()}, 1s, 5min);
        create({"t", 1, 1, {}});
    }
    log::partition_log& log() { return *catalog->find({"t", partition_id(0)})->log(); }
    void append(durability wait, partition_access::appended done) {
        kafka::record_batch_builder builder;
        builder.add(time.wall_ms(), std::nullopt, as_bytes("v"));
        auto batch = builder.finish();
        service->append({"t", partition_id(0)}, *batch, {}, wait, std::move(done));
    }
    void append() {
        append(durability::written, [](const auto& done) { REQUIRE(done.has_value()); });
    }
};

TEST_CASE_FIXTURE(service_fixture, "what is appended during a checkpoint is in the next one") {
    append();
    loop.holding = true;
    loop.inner.advance(1s);
    REQUIRE(loop.held.size() == 1);
    append();
    loop.let_go();
    CHECK(log().bounds().recovery_point() == offset(1));
    loop.inner.advance(2s);
    CHECK(log().bounds().recovery_point() == offset(2));
}

TEST_CASE_FIXTURE(service_fixture, "who waits for a log that fails is told so") {
    std::vector<error> told;
    append(durability::synced, [&](const result<log::append_result>& done) {
        REQUIRE(done.has_error());
        told.push_back(done.error());
    });
    files.set_fault([](std::string_view operation, const std::string&) -> result<void> {
        return operation == "write" ? error(std::make_error_code(std::errc::io_error))
                                    : result<void>();
    });
    append(durability::written, [](const auto& done) { REQUIRE(done.has_error()); });
    REQUIRE(log().failed());
    loop.inner.run_ready();
    REQUIRE(told.size() == 1);
    CHECK(told[0].code == log::errc::storage_failed);
}

TEST_CASE_FIXTURE(service_fixture, "files are removed where nobody waits, a minute later") {
    const auto left = [this] {
        std::size_t count = 0;
        for (const char* directory : {"d/log", "d/log/t-0"}) {
            const auto names = files.list(directory);
            for (const std::string& name : names ? *names : std::vector<std::string>()) {
                count += name.ends_with(".deleted") || name.ends_with("-delete") ? 1 : 0;
            }
        }
        return count;
    };
    loop.inner.advance(6min);
    CHECK(loop.long_count == 0);
    append();
    time.advance(std::chrono::hours(24 * 8));
    loop.inner.advance(1s);
    CHECK(left() > 0);
    loop.inner.advance(6min);
    CHECK(left() == 0);
    CHECK(loop.long_count == 1);
    catalog->remove("t", [](const topic_refusal& outcome) {
        REQUIRE(outcome.code == kafka::error_code::none);
    });
    loop.inner.run_ready();
    CHECK(left() == 1);
    loop.inner.advance(6min);
    CHECK(left() == 0);
    CHECK(loop.long_count == 2);
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
