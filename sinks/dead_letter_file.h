// Dead letters in files below the data directory, for pipelines without a Kafka cluster to keep
// them in: one JSON object a line (docs/elasticsearch_output.md shows one), in numbered files of
// bounded size. A thread of its own writes and syncs what has gathered and then settles the acks,
// so many letters share one sync. When all files together reach their limit the oldest is removed,
// which is counted and logged. A letter that cannot be written loses its ack: the event is read
// again.
//
// Thread-safe. Nothing is touched before the first letter: a config that is only checked leaves no
// trace. A torn last line after a crash is ended before anything is appended.
#pragma once

#include "base/clock.h"
#include "base/env.h"
#include "base/log.h"
#include "base/metrics.h"
#include "plugin/dead_letter.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace logboom::sinks {

struct dead_letter_file_options {
    /// Made with the first letter.
    std::string directory;
    std::size_t file_size_max = std::size_t{64} * 1024 * 1024;
    std::size_t total_size_max = std::size_t{1024} * 1024 * 1024;
    /// Of letters that wait for the disk; writers block above it.
    std::size_t waiting_size_max = std::size_t{8} * 1024 * 1024;
};

/// What the queue needs besides; references outlive it.
struct dead_letter_file_context {
    env& disk;
    clock& time;
    metrics& counters;
    logger log;
    /// The pipeline's id.
    label_values labels;
};

class dead_letter_file final : public dead_letter_queue {
  public:
    dead_letter_file(dead_letter_file_options options, const dead_letter_file_context& context);
    /// Writes what is waiting.
    ~dead_letter_file() override;
    dead_letter_file(const dead_letter_file&) = delete;
    dead_letter_file& operator=(const dead_letter_file&) = delete;

    void write(const dead_letter& letter, ack_token ack) override;
    void close() override;

    /// The line of a letter, with its newline.
    static std::string line_of(const dead_letter& letter, timestamp_ms now);

  private:
    struct old_file {
        std::uint64_t number;
        std::uint64_t size;
    };

    result<void> find_files();
    result<void> open_file(std::uint64_t number);
    result<void> store(std::string_view text);
    void make_room(std::size_t size);
    [[nodiscard]] std::string path_of(std::uint64_t number) const;
    void run();

    dead_letter_file_options options_;
    env& disk_;
    clock& time_;
    logger log_;
    counter written_;
    counter failed_;
    counter removed_;
    gauge size_;

    // The writing thread's.
    std::deque<old_file> old_;
    std::unique_ptr<file> current_;
    bool has_found_files_ = false;
    std::uint64_t number_ = 0;
    std::uint64_t current_size_ = 0;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::string waiting_;
    std::vector<ack_token> acks_;
    bool is_stopping_ = false;
    bool is_closed_ = false;
    std::thread thread_;
};

} // namespace logboom::sinks
