// What stays of a log that is compacted, over restarts and beside other work.
#include "tests/unit/buffer/log/log_fixture.h"

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
        offset at = log->bounds().start();
        while (at < log->bounds().end()) {
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
        auto job = log->compaction().begin();
        if (!job) {
            return false;
        }
        const auto done = finish(*job);
        INFO((done ? std::string() : done.error().text()));
        REQUIRE(done);
        return true;
    }
    result<void> finish(compaction_job& job) {
        auto outcome = job.run();
        LB_CHECK(log->compaction().begin_swap(outcome));
        if (!outcome.cleaned.empty()) {
            outcome.sync();
        }
        return log->compaction().finish(std::move(outcome));
    }
    void put_tombstones() {
        for (const char* key : {"key 0", "key 1", "key 2"}) {
            put(key, std::nullopt);
        }
    }
    std::vector<std::string> leftovers() {
        std::vector<std::string> found;
        for (const std::string& name : *disk.list(options.directory)) {
            if (name.ends_with(".cleaned") || name.ends_with(".swap")) {
                found.push_back(name);
            }
        }
        return found;
    }
    /// Everything but reading fails after `allowed` operations, as if the process had ended there.
    void stop_disk_after(int allowed) {
        disk.set_fault([left = allowed](std::string_view, const std::string&) mutable {
            return left-- <= 0 ? result<void>(error(std::error_code(EIO, std::system_category())))
                               : result<void>();
        });
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
        const offset active_from(log->bounds().end());
        REQUIRE(compact());
        const auto after = records();
        CHECK(newest(after) == newest(before));
        CHECK(after.size() < 10);
        CHECK(log->size_bytes() < size / 3);
        for (const kept_record& each : after) {
            CHECK(std::find(before.begin(), before.end(), each) != before.end());
        }
        CHECK(log->bounds().end() == active_from);
        // Nothing is dirty now.
        CHECK_FALSE(log->compaction().begin().has_value());
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
        CHECK_FALSE(log->compaction().begin().has_value());
        auto changed = options.config;
        changed.min_compaction_lag_ms = 1000;
        log->configure(changed);
        flush();
        CHECK_FALSE(log->compaction().begin().has_value());
        time.advance(2s);
        CHECK(log->compaction().begin().has_value());
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
        compaction_fixture, "a stop at any moment leaves the old or the new segments"
    ) {
        bool power_goes = false;
        SUBCASE("kill -9") {}
        SUBCASE("power lost") {
            power_goes = true;
        }
        put_many(30);
        put_tombstones();
        put_many(9);
        const auto expected = newest(records());
        const std::size_t segments = log->segment_count();
        for (int allowed = 0;; ++allowed) {
            INFO("operations before the end: " << allowed << ", power goes: " << power_goes);
            stop_disk_after(allowed);
            bool finished = false;
            if (auto job = log->compaction().begin()) {
                finished = finish(*job).has_value();
            }
            disk.set_fault({});
            log.reset();
            if (power_goes) {
                disk.crash();
            }
            open();
            CHECK(newest(records()) == expected);
            CHECK(leftovers().empty());
            if (finished) {
                break;
            }
            REQUIRE(allowed < 1000);
        }
        CHECK(records().size() < 12);
        CHECK(log->segment_count() < segments);
    }

    TEST_CASE_FIXTURE(compaction_fixture, "small neighbours become one segment") {
        put_many(60);
        const std::size_t before = log->segment_count();
        REQUIRE(before > 10);
        REQUIRE(compact());
        CHECK(log->segment_count() <= 3);
        put_many(30);
        REQUIRE(compact());
        CHECK(log->segment_count() <= 3);
        CHECK(newest(records()).size() == 3);
        time.advance(2min);
        REQUIRE(log->housekeep().has_value());
        remove_deleted_files();
        std::size_t files = 0;
        for (const std::string& name : *disk.list(options.directory)) {
            files += name.ends_with(".log") ? 1 : 0;
            CHECK_FALSE(name.ends_with(".deleted"));
        }
        CHECK(files == log->segment_count());
    }

    TEST_CASE_FIXTURE(
        compaction_fixture, "a swap of several segments, as Kafka leaves it, is ended"
    ) {
        put_many(30);
        const auto expected = newest(records());
        auto job = log->compaction().begin();
        REQUIRE(job);
        auto outcome = job->run();
        REQUIRE(log->compaction().begin_swap(outcome));
        REQUIRE_FALSE(leftovers().empty());
        const std::size_t segments = log->segment_count();
        open();
        CHECK(log->segment_count() < segments);
        CHECK(leftovers().empty());
        CHECK(newest(records()) == expected);
    }

    TEST_CASE_FIXTURE(compaction_fixture, "what happens to the log meanwhile wins") {
        put_many(30);
        const auto expected = records();
        auto job = log->compaction().begin();
        REQUIRE(job);
        CHECK_FALSE(log->compaction().begin());
        auto outcome = job->run();
        SUBCASE("before the swap") {
            REQUIRE(log->delete_records_before(offset(10)).has_value());
            REQUIRE(log->compaction().begin_swap(outcome));
        }
        SUBCASE("during the swap") {
            REQUIRE(log->compaction().begin_swap(outcome));
            REQUIRE(log->delete_records_before(offset(10)).has_value());
        }
        REQUIRE(log->compaction().finish(outcome));
        CHECK(leftovers().empty());
        for (const kept_record& each : records()) {
            CHECK(std::find(expected.begin(), expected.end(), each) != expected.end());
        }
        put_many(30);
        CHECK(compact());
    }

    TEST_CASE_FIXTURE(compaction_fixture, "a job that is canceled or fails leaves nothing behind") {
        put_many(30);
        const auto expected = records();
        SUBCASE("canceled") {
            auto job = log->compaction().begin();
            REQUIRE(job);
            job->cancel();
            CHECK(finish(*job).error().code == errc::canceled);
        }
        SUBCASE("a full disk") {
            auto job = log->compaction().begin();
            REQUIRE(job);
            disk.set_fault([](std::string_view operation, const std::string&) -> result<void> {
                if (operation == "write") {
                    return error(std::make_error_code(std::errc::no_space_on_device));
                }
                return {};
            });
            CHECK(finish(*job).has_error());
            disk.set_fault({});
        }
        CHECK(leftovers().empty());
        CHECK_FALSE(log->failed());
        CHECK(records() == expected);
        CHECK(compact());
    }

    TEST_CASE_FIXTURE(
        compaction_fixture, "a compacted log stands recovery from an old checkpoint"
    ) {
        flush();
        const offset checkpoint = log->bounds().recovery_point();
        put("gone", "value");
        put_many(15);
        put_tombstones();
        put_many(15);
        time.advance(25h);
        put_many(1);
        REQUIRE(compact());
        const auto after = records();
        // The checkpoint file lagged behind when the broker was killed, and which topics are
        // compacted may not be known when logs are opened.
        options.recovery_point = checkpoint;
        options.config.cleanup_compact = false;
        open();
        CHECK(records() == after);
    }

    TEST_CASE_FIXTURE(compaction_fixture, "records whose offsets do not rise stop it, not more") {
        // Packed batches are not looked into as long as the topic is not compacted.
        kafka::record_batch_builder builder;
        builder.add(time.wall_ms(), as_bytes("a"), as_bytes("1"));
        builder.add(time.wall_ms(), as_bytes("b"), as_bytes("2"));
        auto plain = *builder.finish();
        const std::size_t first_size = std::to_integer<std::size_t>(plain[61]) / 2;
        std::vector<std::byte> payload(plain.begin() + 61, plain.end());
        constexpr std::size_t delta_at = 3;
        for (const int delta : {0, 2}) {
            CAPTURE(delta);
            options.directory = "/d/bad" + std::to_string(delta) + "-0";
            options.recovery_point = offset(0);
            options.config.cleanup_compact = false;
            open();
            payload[1 + first_size + delta_at] = static_cast<std::byte>(delta * 2);
            const auto packed = *compress::compress(compress::codec::gzip, payload);
            std::vector<std::byte> bad(plain.begin(), plain.begin() + 61);
            bad.insert(bad.end(), packed.view().begin(), packed.view().end());
            kafka::store_big(bad.data() + 8, static_cast<std::int32_t>(bad.size() - 12));
            kafka::store_big(bad.data() + 21, std::int16_t{1});
            kafka::store_big(bad.data() + 17, kafka::record_batch_view(bad).computed_crc());
            REQUIRE(try_append(bad).has_value());
            options.config.cleanup_compact = true;
            log->configure(options.config);
            put_many(20);
            auto job = log->compaction().begin();
            REQUIRE(job.has_value());
            CHECK(finish(*job).error().code == kafka::record_errc::invalid_record);
            CHECK_FALSE(log->failed());
            CHECK(leftovers().empty());
        }
    }

    TEST_CASE("how dirty a log is, is decided as Kafka does") {
        log_config config = default_log_config();
        CHECK(cleanable_size{}.dirty_ratio() == 0.0);
        CHECK_FALSE(must_compact({}, config));
        CHECK(cleanable_size{.clean_bytes = 300, .dirty_bytes = 100}.dirty_ratio() == 0.25);
        CHECK_FALSE(must_compact({.clean_bytes = 100, .dirty_bytes = 100}, config));
        CHECK(must_compact({.clean_bytes = 99, .dirty_bytes = 100}, config));
        config.min_cleanable_dirty_ratio = 0.0;
        CHECK(must_compact({.clean_bytes = 1U << 30U, .dirty_bytes = 1}, config));
        CHECK_FALSE(must_compact({.clean_bytes = 100, .dirty_bytes = 0}, config));
        config.min_cleanable_dirty_ratio = 1.0;
        config.max_compaction_lag_ms = 1000;
        CHECK_FALSE(must_compact({.dirty_bytes = 100, .dirty_age_ms = 1000}, config));
        CHECK(must_compact({.dirty_bytes = 100, .dirty_age_ms = 1001}, config));
    }
}
