// How far one file is: which bytes have been read, cut into lines, handed on and acknowledged, and
// in which generation. Bookkeeping only: no descriptor, no other files, no clock. Part of a
// followed_file; input's thread.
#pragma once

#include "agent/file/line_cutter.h"
#include "agent/file/sincedb_format.h"
#include "base/clock.h"
#include "event/ack.h"
#include "event/ack_window.h"

#include <deque>
#include <memory>
#include <utility>

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

    [[nodiscard]] file_key key() const noexcept { return key_; }
    [[nodiscard]] const file_identity& identity() const noexcept { return record_.identity; }
    [[nodiscard]] file_generation generation() const noexcept { return record_.generation; }
    [[nodiscard]] const std::string& path() const noexcept { return record_.path; }
    [[nodiscard]] const std::string& lineage() const noexcept { return record_.lineage; }
    /// What its lines are named after.
    [[nodiscard]] const file_identity& origin() const noexcept {
        return record_.origin ? *record_.origin : record_.identity;
    }
    /// What to write into the checkpoint: the position is the acknowledged one.
    [[nodiscard]] const checkpoint_record& record() const noexcept { return record_; }
    [[nodiscard]] std::uint32_t epoch() const noexcept { return epoch_; }

    /// The next byte to read from disk.
    [[nodiscard]] std::int64_t read_position() const noexcept { return splitter_.next_position(); }
    [[nodiscard]] line_cutter& splitter() noexcept { return splitter_; }
    [[nodiscard]] const line_cutter& splitter() const noexcept { return splitter_; }
    /// Lines have been lost on their way. Nothing more is to be read until all others that are
    /// under way are settled; then it begins again at the first that was lost.
    [[nodiscard]] bool is_broken() const noexcept { return is_broken_; }
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

    /// Of read_position().
    [[nodiscard]] const content_marker& read_marker() const noexcept { return read_marker_; }
    void set_read_marker(const content_marker& marker) noexcept { read_marker_ = marker; }

    /// `bytes` stand at `position`. True when they tell more of how the file begins.
    bool extend_prefix(std::int64_t position, std::string_view bytes) noexcept {
        return record_.prefix.extend(position, bytes);
    }

    /// The lines up to `end` are about to be delivered; `marker` is of `end`.
    handed_range hand_on(std::int64_t end, const content_marker& marker);
    [[nodiscard]] std::int64_t handed_to() const noexcept { return handed_to_; }
    /// What has not been handed on, up to `position`, never will be. The next line is the one that
    /// begins after the next delimiter. Returns the bytes that are lost.
    std::int64_t give_up(std::int64_t position, timestamp_ms now);

    /// Of what was given up, the rest of the line it ended in, once that is known, or `is_end`.
    std::int64_t take_gap(bool is_end);

    enum class ack_effect {
        /// Of an epoch that is over, or one of several that must be settled.
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
    void begin_epoch() noexcept;

    file_key key_;
    checkpoint_record record_;
    line_cutter splitter_;
    struct in_flight {
        explicit in_flight(file_position start) : window(start) {}
        ack_window<file_position> window;
        /// By the ends of the ranges.
        std::deque<std::pair<file_position, content_marker>> markers;
    };

    /// Only while ranges are open: most files are silent most of the time.
    std::unique_ptr<in_flight> window_;
    content_marker read_marker_;
    std::int64_t size_ = 0;
    std::int64_t handed_to_ = 0;
    std::uint32_t epoch_ = 0;
    std::uint32_t generation_epoch_ = 0;
    /// Ranges of this epoch without a verdict.
    std::size_t unsettled_ = 0;
    bool is_broken_ = false;
    /// Where reading goes on behind what was given up: in the middle of a line. -1: nowhere.
    std::int64_t gap_end_ = -1;
    bool is_gap_counted_ = true;
};

} // namespace logboom::agent
