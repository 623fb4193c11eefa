// How far one file is: which bytes have been read, cut into lines, handed on and acknowledged, and
// in which generation. Bookkeeping only: no descriptor, no other files, no clock. Part of a
// followed_file; input's thread.
#pragma once

#include "agent/file/line_cutter.h"
#include "agent/file/sincedb_format.h"
#include "base/clock.h"
#include "event/ack.h"
#include "event/ack_window.h"

#include <memory>

namespace logboom::agent {

/// Stands for one followed_file of one input; never given out twice, so that a late ack cannot hit
/// another file.
using file_key = std::uint64_t;

/// A range of lines that has been pushed; travels with the batch and comes back with the verdict.
struct handed_range {
    file_key key = 0;
    /// Of the file when the range was pushed: a rewind or a truncation begins a new one.
    std::uint32_t epoch = 0;
    std::uint64_t ticket = 0;
    std::int64_t size = 0;
};

class file_progress {
  public:
    file_progress(file_key key, checkpoint_record start, line_cutter splitter)
        : key_(key), record_(std::move(start)), splitter_(std::move(splitter)) {
        size_ = record_.size.value();
        begin_at(record_.position);
    }

    [[nodiscard]] const file_identity& identity() const noexcept { return record_.identity; }
    [[nodiscard]] file_generation generation() const noexcept { return record_.generation; }
    [[nodiscard]] const std::string& path() const noexcept { return record_.path; }
    [[nodiscard]] const std::string& lineage() const noexcept { return record_.lineage; }
    /// What to write into the checkpoint: the position is the acknowledged one.
    [[nodiscard]] const checkpoint_record& record() const noexcept { return record_; }
    [[nodiscard]] std::uint32_t epoch() const noexcept { return epoch_; }

    /// The next byte to read from disk.
    [[nodiscard]] std::int64_t read_position() const noexcept { return splitter_.next_position(); }
    [[nodiscard]] line_cutter& splitter() noexcept { return splitter_; }
    [[nodiscard]] const line_cutter& splitter() const noexcept { return splitter_; }
    [[nodiscard]] bool has_open_ranges() const noexcept { return window_ != nullptr; }
    /// The largest seen in this generation.
    [[nodiscard]] std::int64_t size() const noexcept { return size_; }
    [[nodiscard]] std::int64_t unread() const noexcept { return size_ - read_position(); }
    void set_size(std::int64_t size) noexcept {
        size_ = size;
        record_.size = file_position(size);
    }

    void rename(std::string path) { record_.path = std::move(path); }
    void set_lineage(std::string lineage) { record_.lineage = std::move(lineage); }
    void set_complete(bool complete) noexcept { record_.is_complete = complete; }

    /// The lines up to `end` are about to be delivered.
    handed_range hand_on(std::int64_t end);
    [[nodiscard]] std::int64_t handed_to() const noexcept { return handed_to_; }

    enum class ack_effect {
        /// Of an epoch that is over.
        none,
        /// As `none`, and the lines cannot be read again: the file has been truncated since.
        gone,
        /// Final, and record() has moved or may move.
        moved,
        /// Lost: the file stands at the first line that is not delivered, in a new epoch.
        rewound,
    };
    ack_effect settle(const handed_range& range, ack_verdict verdict, timestamp_ms now);

    /// The file has begun anew: everything before is forgotten. The bytes that were never handed
    /// on.
    std::int64_t truncate_to(std::int64_t size, timestamp_ms now);

  private:
    void begin_at(file_position position);
    void finish(std::uint64_t ticket, timestamp_ms now);

    file_key key_;
    checkpoint_record record_;
    line_cutter splitter_;
    /// Only while ranges are open: most files are silent most of the time.
    std::unique_ptr<ack_window<file_position>> window_;
    std::int64_t size_ = 0;
    std::int64_t handed_to_ = 0;
    std::uint32_t epoch_ = 0;
    std::uint32_t generation_epoch_ = 0;
};

} // namespace logboom::agent
