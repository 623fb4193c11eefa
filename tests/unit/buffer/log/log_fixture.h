// A log on a disk in memory, with verbs for tests.
#pragma once

#include "base/memory_env.h"
#include "buffer/broker/config/topic_settings.h"
#include "buffer/log/log_directory.h"
#include "codecs/kafka/record_batch_builder.h"
#include "codecs/kafka/record_batch_reader.h"

#include <doctest/doctest.h>

namespace logboom::log {

/// What the table of keys says where nothing is set.
inline log_config default_log_config() {
    return broker::make_log_config({}, {});
}

struct log_fixture {
    memory_env disk;
    manual_clock time;
    metrics counters;
    partition_log_options options{
        .directory = "/d/t-0", .partition = {"t", partition_id(0)}, .config = default_log_config()};
    std::unique_ptr<partition_log> log;

    log_context context() { return {disk, time, counters, logger()}; }

    result<void> try_open(bool clean = false) {
        log.reset();
        options.clean = clean;
        auto opened = partition_log::open(context(), options);
        if (opened.has_error()) {
            return opened.error();
        }
        log = *std::move(opened);
        return {};
    }
    void open(bool clean = false) {
        const auto opened = try_open(clean);
        INFO((opened ? std::string() : opened.error().text()));
        REQUIRE(opened);
    }

    std::vector<std::byte>
    batch(int records, kafka::batch_options how = {}, std::size_t size = 20) {
        kafka::record_batch_builder builder(how);
        for (int i = 0; i < records; ++i) {
            const std::string value(size, static_cast<char>('a' + i % 26));
            builder.add(time.wall_ms(), as_bytes("key"), as_bytes(value));
        }
        return *builder.finish();
    }
    result<append_result> try_append(std::vector<std::byte> records) {
        return log->append(records, {});
    }
    append_result append(int records, std::size_t size = 20) {
        auto done = try_append(batch(records, {}, size));
        INFO((done ? std::string() : done.error().text()));
        REQUIRE(done.has_value());
        return *done;
    }
    void flush(flush_kind kind = flush_kind::checkpoint) {
        if (auto job = log->begin_flush(kind)) {
            REQUIRE(log->finish_flush(job->run()));
        }
        options.recovery_point = log->bounds().recovery_point();
        options.log_start_offset = log->bounds().start();
    }
    void remove_deleted_files() {
        for (const std::string& path : log->take_removable()) {
            REQUIRE(disk.remove(path));
        }
    }
    /// Every batch from `from` on, as (base, last) pairs.
    std::vector<std::pair<std::int64_t, std::int64_t>>
    batches(offset from, std::size_t bytes_max = 1000) {
        std::vector<std::pair<std::int64_t, std::int64_t>> found;
        while (true) {
            auto read = log->read({.from = from, .bytes_max = bytes_max});
            REQUIRE(read.has_value());
            if (read->slices.empty()) {
                return found;
            }
            for (const log_slice& each : read->slices) {
                const auto data = read_slice(each);
                REQUIRE(data.has_value());
                bytes_view left = *data;
                while (!left.empty()) {
                    REQUIRE(kafka::check_batch(left));
                    const kafka::record_batch_view batch(left);
                    found.emplace_back(batch.base_offset().value(), batch.last_offset().value());
                    left = left.subspan(batch.size());
                }
            }
            REQUIRE(read->next_offset > from);
            from = read->next_offset;
        }
    }
    std::string content(const std::string& name) {
        auto text = read_file(disk, join_path(options.directory, name), 1U << 24U);
        return text ? *text : std::string("(missing)");
    }
};

} // namespace logboom::log
