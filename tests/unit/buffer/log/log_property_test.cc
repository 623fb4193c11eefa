// A log against its model, with crashes that lose what was not synced; LOGBOOM_SEED repeats one.
#include "tests/unit/buffer/log/log_fixture.h"

#include <chrono>
#include <cstdlib>
#include <random>

using namespace logboom;
using namespace logboom::log;

namespace {

struct model_batch {
    std::int64_t base = 0;
    std::int64_t last = 0;
    std::vector<std::byte> data;
    std::int64_t producer = -1;
    std::int32_t sequence = -1;
};

/// A log beside a list of batches that must always agree, through appends, crashes and deletions.
class log_against_model : public log_fixture {
  public:
    explicit log_against_model(std::uint64_t seed) : random_(seed) {
        options.config.segment_bytes = 4000;
        options.config.index_interval_bytes = 300;
        options.config.retention_ms = 3'600'000;
        options.config.retention_bytes = 20'000;
        options.config.file_delete_delay_ms = 1000;
        open();
    }

    void step() {
        const auto action = pick(100);
        if (action < 45) {
            append_something();
        } else if (action < 65) {
            read_something();
        } else if (action < 73) {
            flush_something();
        } else if (action < 78) {
            flush_in_background();
        } else if (action < 84) {
            crash();
        } else if (action < 88) {
            restart();
        } else if (action < 93) {
            keep_house();
        } else if (action < 97) {
            delete_records();
        } else {
            look_up_time();
        }
        check_bounds();
    }

    void read_all() {
        std::int64_t at = start();
        while (at < end()) {
            at = read_at(at, 2000);
        }
    }

  private:
    std::uint64_t pick(std::uint64_t below) { return random_() % below; }
    std::int64_t start() { return log->bounds().start().value(); }
    std::int64_t end() { return log->bounds().end().value(); }

    std::int32_t next_sequence(std::int64_t producer) {
        for (auto each = model_.rbegin(); each != model_.rend(); ++each) {
            if (each->producer == producer) {
                return each->sequence + static_cast<std::int32_t>(each->last - each->base) + 1;
            }
        }
        return 0;
    }

    void append_something() {
        time.advance(std::chrono::milliseconds(pick(500)));
        kafka::batch_options how;
        constexpr compress::codec codecs[] = {
            compress::codec::none,
            compress::codec::none,
            compress::codec::lz4,
            compress::codec::zstd,
            compress::codec::snappy};
        how.compression = codecs[pick(std::size(codecs))];
        if (pick(3) == 0) {
            how.producer = producer_id(static_cast<std::int64_t>(pick(3)));
            how.epoch_of_producer = producer_epoch(0);
            how.base_sequence = next_sequence(how.producer.value());
        }
        const int records = 1 + static_cast<int>(pick(10));
        auto data = batch(records, how, pick(60));
        const auto sent = data;
        const std::int64_t before = end();
        auto done = log->append(data, {});
        INFO((done ? std::string() : done.error().text()));
        REQUIRE(done.has_value());
        CHECK_FALSE(done->duplicate);
        CHECK(done->base_offset.value() == before);
        CHECK(done->last_offset.value() == before + records - 1);
        model_.push_back(
            {before, before + records - 1, data, how.producer.value(), how.base_sequence}
        );
        if (how.base_sequence >= 0 && pick(3) == 0) {
            auto again = sent;
            done = log->append(again, {});
            REQUIRE(done.has_value());
            CHECK(done->duplicate);
            CHECK(done->base_offset.value() == before);
            CHECK(end() == before + records);
        }
    }

    std::int64_t read_at(std::int64_t from, std::size_t bytes_max) {
        const auto read = log->read({.from = offset(from), .bytes_max = bytes_max});
        INFO((read ? std::string() : read.error().text()));
        REQUIRE(read.has_value());
        std::vector<std::byte> got;
        for (const log_slice& slice : read->slices) {
            const auto data = read_slice(slice);
            REQUIRE(data.has_value());
            got.insert(got.end(), data->begin(), data->end());
        }
        std::vector<std::byte> want;
        std::int64_t next = from;
        for (const model_batch& each : model_) {
            if (each.last < from || want.size() >= got.size()) {
                continue;
            }
            want.insert(want.end(), each.data.begin(), each.data.end());
            next = each.last + 1;
        }
        CHECK(got == want);
        CHECK(read->next_offset.value() == next);
        if (from < end()) {
            REQUIRE(next > from);
        }
        return next;
    }

    void read_something() {
        const auto span = static_cast<std::uint64_t>(end() - start() + 1);
        read_at(start() + static_cast<std::int64_t>(pick(span)), 1 + pick(3000));
    }

    void save_checkpoints() {
        options.recovery_point = log->bounds().recovery_point();
        options.log_start_offset = log->bounds().start();
    }

    void flush_something() {
        const auto kind = pick(2) == 0 ? flush_kind::records : flush_kind::checkpoint;
        if (auto job = log->begin_flush(kind)) {
            REQUIRE(log->finish_flush(job->run()));
        }
        CHECK(log->bounds().flushed() == log->bounds().end());
        if (pick(2) == 0) {
            save_checkpoints();
        }
    }

    /// Appends go on between the sync and its finish; two jobs finish in the wrong order.
    void flush_in_background() {
        auto first = log->begin_flush(flush_kind::checkpoint);
        append_something();
        auto second = log->begin_flush(flush_kind::records);
        append_something();
        if (second) {
            REQUIRE(log->finish_flush(second->run()));
        }
        if (first) {
            REQUIRE(log->finish_flush(first->run()));
        }
        save_checkpoints();
    }

    void crash() {
        const std::int64_t flushed = log->bounds().flushed().value();
        const std::int64_t before = end();
        log.reset();
        disk.crash([this](std::size_t unsynced) { return pick(unsynced + 1); });
        open();
        REQUIRE(end() >= flushed);
        REQUIRE(end() <= before);
        forget_from(end());
        options.recovery_point = log->bounds().recovery_point();
        read_all();
    }

    void restart() {
        const std::int64_t before = end();
        REQUIRE(log->close());
        save_checkpoints();
        if (pick(2) == 0) {
            log.reset();
            disk.crash();
        }
        open(true);
        REQUIRE(end() == before);
        read_all();
    }

    void keep_house() {
        time.advance(std::chrono::seconds(pick(1000)));
        const auto deleted = log->housekeep();
        REQUIRE(deleted.has_value());
    }

    void delete_records() {
        const auto span = static_cast<std::uint64_t>(end() - start() + 1);
        const offset to(start() + static_cast<std::int64_t>(pick(span)));
        const auto done = log->delete_records_before(to);
        REQUIRE(done.has_value());
        CHECK(log->bounds().start() == to);
        options.log_start_offset = to;
    }

    void look_up_time() {
        if (start() == end()) {
            return;
        }
        const model_batch& some = model_[pick(model_.size())];
        if (some.last < start()) {
            return;
        }
        const kafka::record_batch_view view(some.data);
        const auto found = log->offset_for_time(view.max_timestamp());
        REQUIRE(found.has_value());
        REQUIRE(found->has_value());
        CHECK((*found)->timestamp >= view.max_timestamp());
        CHECK((*found)->offset.value() <= some.last);
    }

    void forget_from(std::int64_t at) {
        while (!model_.empty() && model_.back().last >= at) {
            REQUIRE((model_.back().base >= at || start() == end()));
            model_.pop_back();
        }
    }
    void check_bounds() {
        REQUIRE(log->bounds().flushed() <= log->bounds().end());
        REQUIRE(log->bounds().recovery_point() <= log->bounds().flushed());
        REQUIRE(log->bounds().start() <= log->bounds().end());
        if (!model_.empty() && start() < end()) {
            REQUIRE(model_.back().last + 1 == end());
        }
    }

    std::mt19937_64 random_;
    /// Deleted ones too: a crash may bring them back.
    std::vector<model_batch> model_;
};

std::uint64_t first_seed() {
    const char* const given = std::getenv("LOGBOOM_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

} // namespace

TEST_SUITE("buffer/log/property") {
    TEST_CASE("a log agrees with its model through appends, crashes, restarts and deletions") {
        using namespace std::chrono_literals;
        const auto until = std::chrono::steady_clock::now() + 2s;
        std::uint64_t seed = first_seed();
        do {
            INFO("seed " << seed << " (set LOGBOOM_SEED to repeat)");
            log_against_model run(seed);
            for (int i = 0; i < 300; ++i) {
                run.step();
            }
            run.read_all();
            ++seed;
        } while (std::chrono::steady_clock::now() < until);
    }
}
