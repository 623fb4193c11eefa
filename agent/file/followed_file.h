// One file that is followed, with all that belongs to it: its descriptor, how far it is read and
// acknowledged, what its decoder holds, under how many names it is known and what it waits for.
// Owned by the file_table; the parts are changed by whoever has them for a subject (file_table the
// names, read_schedule the marks and the retry, tail_set the phase). Input's thread.
#pragma once

#include "agent/file/file_progress.h"
#include "agent/file/file_source.h"
#include "agent/file/lag_clock.h"
#include "agent/file/tail_options.h"
#include "plugin/codec.h"

#include <optional>
#include <unordered_map>

namespace logboom::agent {

enum class file_phase : std::uint8_t {
    /// More may come.
    following,
    /// mode => read: all that is there has been read; whether that is all is not known yet.
    waiting,
    /// It has ended, and its last line is asked for.
    ending,
    /// All that it has is handed on.
    ended,
    /// mode => read: all of it is acknowledged, and the completed action is asked for.
    completing,
};

/// What the decoding of one file needs between two reads.
struct decoding_state {
    std::unique_ptr<decoder> lines;
    /// Of the file, when `lines` was made: a later epoch needs a new decoder.
    std::uint32_t epoch = 0;
    file_generation generation;
    /// Where the first line begins that the decoder holds back; -1 when it holds none.
    std::int64_t held_from = -1;
    /// The number of the next event of that line: it has given some already.
    std::uint32_t held_part = 0;
    /// When the decoder must be flushed if no more lines come, by the steady clock.
    std::optional<clock::duration> flush_at;
    /// "agent/file/generation".
    std::string stream;
};

struct followed_file {
    /// `all` outlives it.
    followed_file(
        file_key made_as, checkpoint_record start, line_cutter splitter, const ledger_series& all
    )
        : key(made_as), progress(made_as, std::move(start), std::move(splitter), all) {}

    [[nodiscard]] bool is_open() const noexcept { return source != nullptr; }
    [[nodiscard]] bool has_name() const noexcept { return names.count > 0; }
    /// Has a name in the glob.
    [[nodiscard]] bool is_matched() const noexcept { return names.matched > 0; }
    /// All that it has is handed on, for good.
    [[nodiscard]] bool is_finished() const noexcept {
        return phase == file_phase::ended || phase == file_phase::completing;
    }
    /// There is something to read, as far as is known.
    [[nodiscard]] bool has_backlog() const noexcept {
        return is_compressed ? !at_end && !progress.record().is_complete
                             : progress.unread() > 0 && !ends_blank();
    }
    /// How it begins is to be looked at before its first line is read.
    [[nodiscard]] bool lacks_head() const noexcept {
        return !is_compressed && !is_head_known && progress.read_position() == 0;
    }
    /// What is unread are NULs, which may be filled; as far as is known.
    [[nodiscard]] bool ends_blank() const noexcept {
        return blank.is_end && blank.position == progress.read_position();
    }
    /// Where the NULs at the read position have been looked at up to.
    [[nodiscard]] std::int64_t blank_end() const noexcept {
        const std::int64_t position = progress.read_position();
        return position + (blank.position == position ? blank.run.size() : 0);
    }
    /// By a stat that finds nothing to read something has changed: it may have been written anew.
    [[nodiscard]] bool is_suspect(const file_stat& stat) const noexcept {
        return !is_compressed && progress.unread() == 0 && progress.read_marker().size() > 0 &&
               stat.changed_ns != verified_ns;
    }
    /// More has come after all.
    void go_on() noexcept {
        phase = file_phase::following;
        end.is_stalled = false;
    }
    /// What its decoder holds back lives on; the rest can be made again.
    void close() noexcept {
        source.reset();
        if (decoding.held_from < 0 && !decoding.flush_at) {
            decoding = {};
        }
    }

    const file_key key;
    file_progress progress;
    decoding_state decoding;
    /// Null while the file is closed.
    std::unique_ptr<file_source> source;
    file_phase phase = file_phase::following;

    struct {
        std::uint32_t count = 0;
        std::uint32_t matched = 0;
        /// In the file system, by the last stat.
        std::uint32_t links = 1;
        /// Changes under one of them are not told by inotify.
        bool is_polled = false;
    } names;
    /// Of the same lineage: it is read before this one.
    file_key predecessor = 0;
    /// mode => read: gzip. Its size says nothing about what is left to read.
    bool is_compressed = false;
    bool is_damaged = false;
    /// Of a compressed file.
    bool at_end = false;
    /// By the mark that it begins with; else as the codec takes them.
    text_units units = text_units::bytes;
    bool has_mark = false;
    /// Of a compressed file, on disk; -1 before the first look.
    std::int64_t archive_size = -1;
    /// mode => read: what speaks for and against its being whole.
    struct {
        /// Of a compressed file: more must come.
        bool is_cut_off = false;
        /// A writer has closed it since something was last written.
        bool is_closed = false;
        /// That it is waited for has been said.
        bool is_said = false;
        /// It is cut off, nobody writes it, and nothing has come for long.
        bool is_stalled = false;
    } end;

    /// The NULs at the read position.
    struct {
        std::int64_t position = -1;
        blank_run run;
        /// They are the last that the file has, and may be filled.
        bool is_end = false;
        /// Something has been written since that was seen.
        bool is_stale = false;
    } blank;

    /// Since it was opened, truncated or rewound it has been seen how it begins.
    bool is_head_known = false;
    /// file_stat::changed_ns when it was last looked at, and when its contents were last compared
    /// with their marker.
    std::int64_t changed_ns = 0;
    std::int64_t verified_ns = 0;
    lag_clock behind;
    /// Why it could not be opened or read when that was last tried; empty when it could.
    std::string last_error;
    /// When something of it has last changed, as far as is known, and when it was last looked at.
    clock::duration active{};
    clock::duration looked_at{};
    std::int64_t turn_left = 0;
    struct {
        clock::duration at{};
        clock::duration back_off{};
        /// It may not be opened; its successor does not wait for it.
        bool is_forbidden = false;
    } retry;

    /// On which lists it stands.
    struct {
        bool ready = false;
        bool opens = false;
        bool waiting = false;
        bool checks = false;
        bool orphans = false;
        bool unsaved = false;
        std::optional<clock::duration> flush_at;
    } marks;
    /// Its generation is in the checkpoint: lines may be named after it.
    bool is_durable = false;
};

/// By key; a file stays where it is for as long as it is in here.
using followed_files = std::unordered_map<file_key, followed_file>;

} // namespace logboom::agent
