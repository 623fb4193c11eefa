#include "buffer/broker/partitions/partition_service.h"
#include "buffer/broker/state/state_topic.h"
#include "codecs/kafka/record_batch_reader.h"
#include "tests/unit/buffer/broker/partitions/catalog_on_disk.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("buffer/broker/state_topic");

namespace logboom::broker {
namespace {

using namespace std::chrono_literals;

class plain_loop final : public held_loop_base {
  public:
    using held_loop_base::held_loop_base;
    void run_long(std::function<void()> work, std::function<void()> done) override {
        inner.run_long(std::move(work), std::move(done));
    }
};

struct state_fixture : catalog_on_disk<plain_loop> {
    std::optional<partition_service> service;
    std::optional<broker_context> context;
    std::optional<state_topic> subject;

    state_fixture() {
        service.emplace(partition_service::services{loop, *catalog, counters, logger{}});
        service->start({directory.get()}, 1s, 5min);
        context.emplace(broker_context{
            loop, time, counters, logger{}, config, *catalog, *service, *store});
        subject.emplace(*context, state_topic_options{"__memory", 3, 1, 5000});
    }
    std::int32_t open() {
        std::int32_t count = -1;
        subject->open([&](std::int32_t opened) { count = opened; });
        loop.inner.run_ready();
        return count;
    }
    bool append(std::int32_t to, std::string_view key, std::optional<std::string_view> value) {
        std::vector<state_record> records;
        records.push_back(
            {bytes::copy_of(key), value ? std::optional(bytes::copy_of(*value)) : std::nullopt}
        );
        bool written = false;
        subject->append(partition_id(to), std::move(records), [&](bool done) { written = done; });
        loop.inner.run_ready();
        return written;
    }
    /// Keys and values of a partition, "-" for a tombstone; what was wrong otherwise.
    std::string load(std::int32_t from) {
        std::string text;
        subject->load(
            partition_id(from),
            [&](bytes_view batches) {
                while (!batches.empty()) {
                    const kafka::record_batch_view batch(batches);
                    auto reader = kafka::record_reader::open(batch.whole(), 1 << 20);
                    REQUIRE(reader.has_value());
                    for (kafka::record each; *reader->next(each);) {
                        text += std::string(as_text(*each.key)) + "=" +
                                (each.value ? std::string(as_text(*each.value)) : "-") + " ";
                    }
                    batches = batches.subspan(batch.size());
                }
            },
            [&](const result<void>& done) {
                text += done.has_error() ? done.error().text() : "end";
            }
        );
        loop.inner.run_ready();
        return text;
    }
};

TEST_CASE_FIXTURE(
    state_fixture, "the topic is made when it is first wanted, once for all who ask"
) {
    CHECK(subject->partition_count() == 0);
    int answers = 0;
    for (int i = 0; i < 3; ++i) {
        subject->open([&](std::int32_t count) {
            CHECK(count == 3);
            ++answers;
        });
    }
    loop.inner.run_ready();
    CHECK(answers == 3);
    CHECK(subject->partition_count() == 3);
    CHECK(catalog->find("__memory")->overrides.at("cleanup.policy") == "compact");
    CHECK(catalog->find("__memory")->overrides.at("segment.bytes") == "5000");
    CHECK(open() == 3);
}

TEST_CASE_FIXTURE(state_fixture, "a topic that cannot be made says so") {
    files.set_fault([](std::string_view operation, const std::string&) -> result<void> {
        return operation == "write" ? error(std::make_error_code(std::errc::no_space_on_device))
                                    : result<void>();
    });
    CHECK(open() == 0);
    CHECK(subject->partition_count() == 0);
}

TEST_CASE_FIXTURE(state_fixture, "what was appended is read back, partition by partition") {
    REQUIRE(open() == 3);
    CHECK(append(1, "a", "1"));
    CHECK(append(1, "a", std::nullopt));
    CHECK(append(2, "b", "2"));
    CHECK(load(0) == "end");
    CHECK(load(1) == "a=1 a=- end");
    CHECK(load(2) == "b=2 end");
    CHECK(load(7).find("__memory") != std::string::npos);
}

TEST_CASE_FIXTURE(state_fixture, "after stop() nobody is called") {
    REQUIRE(open() == 3);
    std::vector<state_record> records;
    records.push_back({bytes::copy_of("k"), std::nullopt});
    subject->append(partition_id(0), std::move(records), [](bool) { FAIL("called"); });
    subject->stop();
    loop.inner.run_ready();
}

} // namespace
} // namespace logboom::broker

TEST_SUITE_END();
