// How far one file is: which bytes have been read, cut into lines, handed on and acknowledged, and
// in which generation; and what has become of each (byte_ledger.h), which after every change must
// be what the positions say. Bookkeeping only: no descriptor, no other files, no clock. Part of a
// followed_file; input's thread.
#pragma once

#include "agent/file/byte_ledger.h"
#include "agent/file/line_cutter.h"
#include "agent/file/sincedb_format.h"
#include "base/clock.h"
#include "event/ack.h"

#include <algorithm>
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
    /// Of those, the ones that belong to no line.
    std::int64_t passed = 0;
};

class file_progress {
  public:
    /// `all` outlives it.
    file_progress(
        file_key key, checkpoint_record start, line_cutter splitter, const ledger_series& all
    )
        : key_(key), record_(std::move(start)), splitter_(std::move(splitter)), ledger_(all) {
        size_ = record_.size.value();
        start_size_ = size_;
        begin_at(record_.position);
        read_to_ = handed_to_;
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
    /// Lines are under way, of this generation or an earlier one.
    [[nodiscard]] bool has_open_ranges() const noexcept {
        return in_flight_ != nullptr || adrift_ > 0;
    }
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

    [[nodiscard]] const byte_ledger& ledger() const noexcept { return ledger_; }
    /// Neither delivered nor given up, as far as they are known of.
    [[nodiscard]] std::int64_t undelivered() const noexcept;

    /// Of read_position().
    [[nodiscard]] const content_marker& read_marker() const noexcept { return read_marker_; }
    /// The splitter has been fed up to read_position(), which `marker` is of.
    void fed(const content_marker& marker);
    /// NULs stand there, and something behind them.
    void feed_blank(const blank_run& run);
    /// What is unread are NULs; nobody is waited for who fills them.
    void pass_blank_end(timestamp_ms now);
    /// What is unread are NULs: whoever allocated them may take them away.
    void disregard_unread() noexcept { record_.size = file_position(read_position()); }
    /// It is to be read from here on: what stands before never will be.
    void skip_start();
    /// What it was seen to have beyond what was read may have been of other contents.
    void forget_growth() noexcept { set_size(std::max(read_to_, start_size_)); }

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
    /// No line comes any more: what was read and belongs to none is done with.
    void end_lines(timestamp_ms now);
    /// Nothing of it will be read any more. `is_end_blank`: what is unread are NULs. Returns the
    /// bytes that are lost.
    std::int64_t end(bool is_end_blank);

    enum class ack_effect {
        /// One of several that must be settled.
        none,
        /// Final, and record() has moved or may move, or was of a generation that is over.
        moved,
        /// Lost: the file stands at the first line that is not delivered, in a new epoch.
        rewound,
    };
    ack_effect settle(const handed_range& range, ack_verdict verdict, timestamp_ms now);

    /// The file has begun anew: everything before is forgotten. The bytes that were never handed
    /// on.
    std::int64_t truncate_to(std::int64_t size, timestamp_ms now);

  private:
    /// Lines that have been handed on.
    struct sent_range {
        enum class state : std::uint8_t { open, lost, final };

        file_position end;
        content_marker marker;
        /// What its bytes will be once it is final.
        byte_fates fates;
        state is = state::open;
    };
    struct in_flight {
        std::deque<sent_range> ranges;
        /// The ticket of the first.
        std::uint64_t first = 0;
    };

    void begin_at(file_position position);
    void begin_epoch() noexcept;
    void note_read(std::int64_t to);
    /// By what belongs to no line: the bytes up to `end` that have not been handed on.
    byte_fates passed_until(std::int64_t end);
    void finish(std::uint64_t ticket, timestamp_ms now);
    void settle_adrift(const handed_range& range, ack_verdict verdict);
    /// As end(), but for ranges that are under way.
    std::int64_t abandon(loss_reason why);
    void check_sums() const;

    file_key key_;
    checkpoint_record record_;
    line_cutter splitter_;
    byte_ledger ledger_;
    /// Only while ranges are open: most files are silent most of the time.
    std::unique_ptr<in_flight> in_flight_;
    content_marker read_marker_;
    std::int64_t size_ = 0;
    /// Of this generation, when the file was last followed.
    std::int64_t start_size_ = 0;
    std::int64_t handed_to_ = 0;
    /// The furthest that reading has come in this generation.
    std::int64_t read_to_ = 0;
    /// Bytes of lines that are under way, of generations that are over.
    std::int64_t adrift_ = 0;
    std::uint32_t epoch_ = 0;
    std::uint32_t generation_epoch_ = 0;
    /// Ranges of this epoch without a verdict.
    std::size_t unsettled_ = 0;
    bool is_broken_ = false;
    /// Where reading goes on behind what was given up: in the middle of a line. -1: nowhere.
    std::int64_t gap_end_ = -1;
};

} // namespace logboom::agent
