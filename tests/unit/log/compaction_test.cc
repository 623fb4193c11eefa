#include "tests/unit/log/log_fixture.h"

using namespace logboom;
using namespace logboom::log;
using namespace std::chrono_literals;

namespace {

struct kept_record {
    std::int64_t at = 0;
    std::string key;
    std::string value;
    friend bool operator==(const kept_record&, const kept_record&) = default;
};

class compaction_fixture : public log_fixture {
  public:
    compaction_fixture() {
        options.config.segment_bytes = 400;
        options.config.cleanup_delete = false;
        options.config.cleanup_compact = true;
        options.config.index_interval_bytes = 100;
        open();
    }

    void
    put(const std::string& key, std::optional<std::string> value, kafka::batch_options how = {}) {
        kafka::record_batch_builder builder(how);
        std::optional<bytes_view> bytes;
        if (value) {
            bytes = as_bytes(*value);
        }
        builder.add(time.wall_ms(), as_bytes(key), bytes);
        const auto done = try_append(*builder.finish());
        INFO((done ? std::string() : done.error().text()));
        REQUIRE(done.has_value());
    }
    void put_many(int count) {
        for (int i = 0; i < count; ++i) {
            put("key " + std::to_string(i % 3), "value " + std::to_string(i));
        }
        flush();
    }
    /// A restart gives a compacted log back as the next start would see it.
    std::vector<kept_record> records() {
        std::vector<kept_record> found;
        offset at = log->log_start_offset();
        while (at < log->log_end_offset()) {
            const auto read = log->read({.from = at, .bytes_max = 300});
            REQUIRE(read.has_value());
            REQUIRE(read->next_offset > at);
            for (const log_slice& slice : read->slices) {
                const auto data = read_slice(slice);
                REQUIRE(data.has_value());
                bytes_view left = *data;
                while (!left.empty()) {
                    REQUIRE(kafka::check_batch(left));
                    auto reader = kafka::record_reader::open(left, 10000);
                    REQUIRE(reader.has_value());
                    kafka::record each;
                    while (*reader->next(each)) {
                        found.push_back(
                            {each.offset.value(),
                             std::string(as_text(*each.key)),
                             each.value ? std::string(as_text(*each.value)) : "(null)"}
                        );
                    }
                    left = left.subspan(kafka::record_batch_view(left).size());
                }
            }
            at = read->next_offset;
        }
        return found;
    }
    bool compact() {
        auto job = log->begin_compaction();
        if (!job) {
            return false;
        }
        const auto outcome = job->run();
        INFO((outcome.done ? std::string() : outcome.done.error().text()));
        REQUIRE(outcome.done);
        REQUIRE(log->finish_compaction(outcome));
        return true;
    }
    /// The newest of each key, and what a log may still hold besides.
    static std::map<std::string, kept_record> newest(const std::vector<kept_record>& from) {
        std::map<std::string, kept_record> found;
        for (const kept_record& each : from) {
            found[each.key] = each;
        }
        return found;
    }
};

} // namespace

TEST_SUITE("buffer/log/compaction") {
    TEST_CASE_FIXTURE(compaction_fixture, "the newest record of each key stays, at its offset") {
        put_many(30);
        const auto before = records();
        const auto size = log->size_bytes();
        const offset active_from(log->log_end_offset());
        REQUIRE(compact());
        const auto after = records();
        CHECK(newest(after) == newest(before));
        CHECK(after.size() < 10);
        CHECK(log->size_bytes() < size / 3);
        for (const kept_record& each : after) {
            CHECK(std::find(before.begin(), before.end(), each) != before.end());
        }
        CHECK(log->log_end_offset() == active_from);
        // Nothing is dirty now.
        CHECK_FALSE(log->begin_compaction().has_value());
        const auto found = log->read({.from = offset(1)});
        REQUIRE(found.has_value());
        CHECK(found->next_offset > offset(1));
    }

    TEST_CASE_FIXTURE(compaction_fixture, "a compacted log opens again, clean or not") {
        put_many(30);
        REQUIRE(compact());
        const auto after = records();
        put_many(3);
        const auto all = records();
        log.reset();
        disk.crash();
        open();
        CHECK(records() == all);
        REQUIRE(log->close());
        open(true);
        CHECK(records() == all);
        for (const std::string& name : *disk.list(options.directory)) {
            if (name.ends_with("index")) {
                REQUIRE(disk.remove(options.directory + "/" + name));
            }
        }
        open(true);
        CHECK(records() == all);
    }

    TEST_CASE_FIXTURE(compaction_fixture, "part of a batch may go, with the rest at its offsets") {
        for (int i = 0; i < 12; ++i) {
            kafka::record_batch_builder builder({.compression = compress::codec::zstd});
            builder.add(time.wall_ms(), as_bytes("same"), as_bytes("old " + std::to_string(i)));
            builder.add(time.wall_ms(), as_bytes("own " + std::to_string(i)), as_bytes("x"));
            REQUIRE(try_append(*builder.finish()).has_value());
        }
        flush();
        const auto before = records();
        REQUIRE(compact());
        const auto after = records();
        CHECK(newest(after) == newest(before));
        CHECK(after.size() < before.size());
    }

    TEST_CASE_FIXTURE(compaction_fixture, "a tombstone goes a day after it has done its work") {
        put("gone", "value");
        put("gone", std::nullopt);
        put_many(12);
        REQUIRE(compact());
        CHECK(newest(records())["gone"].value == "(null)");
        time.advance(25h);
        put_many(40);
        REQUIRE(compact());
        CHECK_FALSE(newest(records()).contains("gone"));
    }

    TEST_CASE_FIXTURE(compaction_fixture, "what is not on disk or too new is left alone") {
        for (int i = 0; i < 30; ++i) {
            put("key", "value " + std::to_string(i));
        }
        CHECK_FALSE(log->begin_compaction().has_value());
        auto changed = options.config;
        changed.min_compaction_lag_ms = 1000;
        log->configure(changed);
        flush();
        CHECK_FALSE(log->begin_compaction().has_value());
        time.advance(2s);
        CHECK(log->begin_compaction().has_value());
    }

    TEST_CASE_FIXTURE(compaction_fixture, "a producer's last batch leaves its header behind") {
        const kafka::batch_options how{
            .producer = producer_id(5), .epoch_of_producer = producer_epoch(0), .base_sequence = 0};
        put("key 1", "from the producer", how);
        put_many(30);
        REQUIRE(compact());
        REQUIRE(log->close());
        // Without any snapshot the log itself knows the producer.
        for (const std::string& name : *disk.list(options.directory)) {
            if (name.ends_with(".snapshot")) {
                REQUIRE(disk.remove(options.directory + "/" + name));
            }
        }
        open(true);
        kafka::record_batch_builder again(how);
        again.add(time.wall_ms(), as_bytes("key 1"), as_bytes("from the producer"));
        const auto done = try_append(*again.finish());
        REQUIRE(done.has_value());
        CHECK(done->duplicate);
        CHECK(done->base_offset == offset(0));
    }

    TEST_CASE_FIXTURE(
        compaction_fixture, "power lost at any moment leaves the old or the new segment"
    ) {
        put_many(30);
        const auto expected = newest(records());
        for (int allowed = 0;; ++allowed) {
            INFO("operations before the power goes: " << allowed);
            int left = allowed;
            disk.set_fault([&left](std::string_view, const std::string&) -> result<void> {
                if (left-- <= 0) {
                    return error(std::error_code(EIO, std::system_category()));
                }
                return {};
            });
            bool finished = false;
            if (auto job = log->begin_compaction()) {
                finished = log->finish_compaction(job->run()).has_value();
            }
            disk.set_fault({});
            log.reset();
            disk.crash();
            open();
            CHECK(newest(records()) == expected);
            for (const std::string& name : *disk.list(options.directory)) {
                CHECK_FALSE(name.ends_with(".cleaned"));
                CHECK_FALSE(name.ends_with(".swap"));
            }
            if (finished) {
                break;
            }
            REQUIRE(allowed < 1000);
        }
        CHECK(records().size() < 10);
    }
}
