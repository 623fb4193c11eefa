// Cuts the bytes of one file into lines, whatever way they arrive: the same file gives the same
// lines however it is read. Keeps the start of a line that has no delimiter yet; of a line over the
// limit what its policy says (line_limit.h). What belongs to no line is passed over and noted.
// Sans-IO; one per file; one thread.
#pragma once

#include "agent/file/blank_run.h"
#include "agent/file/line_limit.h"
#include "base/assertion.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace logboom::agent {

struct line {
    /// Without the delimiter. In the chunk that was fed when is_in_chunk, else only for the call.
    std::string_view text;
    /// Of the first byte, in the file.
    std::int64_t position = 0;
    /// Behind the delimiter: where the next line begins.
    std::int64_t end = 0;
    bool is_in_chunk = false;
    /// A piece of a line over the limit; the first one.
    bool is_split = false;
    bool is_front = false;
    /// The front of a line over the limit.
    bool is_truncated = false;
    /// There was one, over the limit, and it is left out.
    bool is_left_out = false;
    /// Ended by the end of the file, not by a delimiter.
    bool is_partial = false;
};

/// Bytes that belong to no line.
struct passed_run {
    enum class reason : std::uint8_t {
        /// The rest of a line of which the front was given up.
        given_up,
        /// Of a line over the limit.
        too_long,
        /// NULs, and those that no block on disk stands for.
        nul,
        hole,
    };

    std::int64_t position = 0;
    std::int64_t size = 0;
    reason why = reason::given_up;
};

class line_cutter {
  public:
    line_cutter(std::string delimiter, line_limit limit)
        : delimiter_(std::move(delimiter)), limit_(limit) {
        LB_ASSERT(!delimiter_.empty() && limit_.size_max() > 0);
        passes_blanks_ = delimiter_.find('\0') == std::string::npos;
    }
    /// As if made anew, for text in those units: before anything is fed.
    void expect(text_units units, std::string delimiter, line_limit limit) {
        const std::int64_t position = line_start_;
        LB_ASSERT(next_position() == position);
        *this = line_cutter(std::move(delimiter), limit.in(units));
        unit_size_ = static_cast<std::uint8_t>(unit_size(units));
        reset(position);
    }
    /// NULs before a line, and many of them in one, are no part of it.
    [[nodiscard]] bool passes_blanks() const noexcept { return passes_blanks_; }

    /// Forgets the held bytes; the next byte fed is at `position`.
    void reset(std::int64_t position) {
        held_.clear();
        edge_.clear();
        passed_.clear();
        dropped_ = 0;
        dropping_ = nothing;
        blank_ = {};
        is_continued_ = false;
        line_start_ = position;
    }
    /// As reset(), in the middle of a line: the rest of it is passed over.
    void skip_line(std::int64_t position) {
        reset(position);
        dropping_ = line_rest;
    }
    /// Position of the next byte to feed.
    [[nodiscard]] std::int64_t next_position() const noexcept {
        return line_start_ + static_cast<std::int64_t>(held_.size()) + dropped_ + blank_.size();
    }
    /// Where the line that is not complete begins.
    [[nodiscard]] std::int64_t line_start() const noexcept { return line_start_; }
    /// Calls `take(passed_run)` for what was passed over before `end`, in order; once for each
    /// byte.
    template <class Take>
    void take_passed(std::int64_t end, Take&& take);

    /// Calls `take(const line&)` for each line that `chunk` completes.
    template <class Take>
    void feed(std::string_view chunk, Take&& take);
    /// NULs stand at next_position(), which need not be fed.
    void feed_blank(const blank_run& run) {
        LB_ASSERT(passes_blanks_);
        blank_.holes += run.holes;
        blank_.nuls += run.nuls;
    }
    /// The file has ended: what is held becomes a line.
    template <class Take>
    void finish(Take&& take);
    /// As feed_blank(), behind finish(): no line will follow them.
    void pass_blank(const blank_run& run) {
        const std::int64_t nuls_start = line_start_ + run.holes;
        pass(line_start_, static_cast<std::size_t>(run.holes), passed_run::reason::hole);
        pass(nuls_start, static_cast<std::size_t>(run.nuls), passed_run::reason::nul);
        line_start_ += run.size();
    }

  private:
    /// What becomes of further bytes of the line that is not complete.
    enum dropping : std::uint8_t {
        /// They are held.
        nothing,
        /// They are passed over: its front was given up.
        line_rest,
        /// They are left out, and the front is held.
        long_rest,
        /// All of it is left out.
        long_line,
    };

    /// `lead`: so many bytes before `in` a unit begins.
    [[nodiscard]] std::size_t
    find(std::string_view in, std::size_t from, std::size_t lead = 0) const noexcept {
        if (from >= in.size()) {
            return std::string_view::npos;
        }
        if (delimiter_.size() > 1) {
            std::size_t at = in.find(delimiter_, from);
            while (at != std::string_view::npos && (lead + at) % unit_size_ != 0) {
                at = in.find(delimiter_, at + 1);
            }
            return at;
        }
        const void* at = std::memchr(in.data() + from, delimiter_[0], in.size() - from);
        return at == nullptr ? std::string_view::npos
                             : static_cast<std::size_t>(static_cast<const char*>(at) - in.data());
    }
    void pass(std::int64_t position, std::size_t size, passed_run::reason why) {
        if (size > 0) {
            passed_.push_back({position, static_cast<std::int64_t>(size), why});
        }
    }
    /// As feed(), without a look at NULs.
    template <class Take>
    void feed_text(std::string_view chunk, Take& take);
    /// Something follows the NULs that were met last.
    template <class Take>
    void end_blank(Take& take);
    /// Hands on a whole line, as the policy wants it when it is too long.
    template <class Take>
    void emit(std::string_view text, bool is_in_chunk, std::size_t delimiter_size, Take& take);
    template <class Take>
    void emit_long(std::string_view text, line made, std::size_t delimiter_size, Take& take);
    /// Completes the held line from the front of `chunk`, and removes what was used of it.
    template <class Take>
    void join(std::string_view& chunk, Take& take);
    /// As join(), of a line of which the rest is dropped.
    template <class Take>
    void drop(std::string_view& chunk, Take& take);
    /// No more of the line that is not complete comes.
    template <class Take>
    void end_line(Take& take);
    /// The dropped bytes are the last of their line.
    template <class Take>
    void end_dropping(std::size_t delimiter_size, Take& take);
    /// What is held is more than a line may have.
    template <class Take>
    void cut_held(Take& take);

    std::string delimiter_;
    line_limit limit_;
    std::string held_;
    /// The last dropped bytes: a delimiter may begin there.
    std::string edge_;
    std::vector<passed_run> passed_;
    /// NULs behind what is held.
    blank_run blank_;
    std::int64_t line_start_ = 0;
    /// Bytes of the line behind those held.
    std::int64_t dropped_ = 0;
    dropping dropping_ = nothing;
    /// The line that is not complete has lost its front to a piece already.
    bool is_continued_ = false;
    bool passes_blanks_ = true;
    std::uint8_t unit_size_ = 1;
};

template <class Take>
void line_cutter::take_passed(std::int64_t end, Take&& take) {
    std::size_t taken = 0;
    for (passed_run& each : passed_) {
        const std::int64_t size = std::clamp<std::int64_t>(end - each.position, 0, each.size);
        if (size > 0) {
            take(passed_run{each.position, size, each.why});
        }
        each.position += size;
        each.size -= size;
        taken += each.size == 0 ? 1 : 0;
    }
    passed_.erase(passed_.begin(), passed_.begin() + static_cast<std::ptrdiff_t>(taken));
}

template <class Take>
void line_cutter::emit(
    std::string_view text, bool is_in_chunk, std::size_t delimiter_size, Take& take
) {
    line made;
    made.is_in_chunk = is_in_chunk;
    made.is_partial = delimiter_size == 0;
    made.is_split = std::exchange(is_continued_, false);
    if (limit_.fit(text) < text.size()) [[unlikely]] {
        emit_long(text, made, delimiter_size, take);
        return;
    }
    made.text = text;
    made.position = line_start_;
    line_start_ += static_cast<std::int64_t>(text.size() + delimiter_size);
    made.end = line_start_;
    take(static_cast<const line&>(made));
}

template <class Take>
void line_cutter::emit_long(
    std::string_view text, line made, std::size_t delimiter_size, Take& take
) {
    if (limit_.policy() == long_line_policy::split) {
        made.is_front = !std::exchange(made.is_split, true);
        for (std::size_t size = limit_.fit(text); size < text.size(); size = limit_.fit(text)) {
            made.text = text.substr(0, size);
            made.position = line_start_;
            line_start_ += static_cast<std::int64_t>(size);
            made.end = line_start_;
            text.remove_prefix(size);
            take(static_cast<const line&>(made));
            made.is_front = false;
        }
        made.text = text;
    } else if (limit_.policy() == long_line_policy::truncate) {
        made.text = text.substr(0, limit_.fit(text));
        made.is_truncated = true;
    } else {
        made.is_left_out = true;
    }
    const std::size_t left_out = text.size() - made.text.size();
    pass(
        line_start_ + static_cast<std::int64_t>(made.text.size()),
        left_out,
        passed_run::reason::too_long
    );
    made.position = line_start_;
    line_start_ += static_cast<std::int64_t>(text.size() + delimiter_size);
    made.end = line_start_;
    take(static_cast<const line&>(made));
}

template <class Take>
void line_cutter::join(std::string_view& chunk, Take& take) {
    const std::size_t before = held_.size();
    const std::size_t overlap = delimiter_.size() - 1;
    // The delimiter may lie across the border: look at it with a few bytes of both sides.
    held_.append(chunk.substr(0, overlap));
    std::size_t at = find(held_, before - std::min(before, overlap));
    held_.resize(before);
    if (at == std::string_view::npos) {
        const std::size_t in_chunk = find(chunk, 0, before);
        at = in_chunk == std::string_view::npos ? in_chunk : before + in_chunk;
    }
    if (at == std::string_view::npos) {
        held_.append(chunk);
        chunk = {};
        return;
    }
    if (at > before) {
        held_.append(chunk.substr(0, at - before));
    }
    chunk.remove_prefix(at + delimiter_.size() - before);
    const std::string whole = std::exchange(held_, {});
    emit(std::string_view(whole).substr(0, at), false, delimiter_.size(), take);
}

template <class Take>
void line_cutter::drop(std::string_view& chunk, Take& take) {
    const std::size_t overlap = delimiter_.size() - 1;
    const std::size_t before = edge_.size();
    const std::size_t lead = held_.size() + static_cast<std::size_t>(dropped_);
    edge_.append(chunk.substr(0, overlap));
    std::size_t at = find(edge_, 0, lead - before);
    if (at == std::string_view::npos) {
        const std::size_t in_chunk = find(chunk, 0, lead);
        at = in_chunk == std::string_view::npos ? in_chunk : before + in_chunk;
    }
    const bool is_end = at != std::string_view::npos;
    const std::size_t size = is_end ? at + delimiter_.size() - before : chunk.size();
    edge_.resize(before);
    edge_.append(chunk.substr(size - std::min(size, overlap), size));
    edge_.erase(0, edge_.size() - std::min(edge_.size(), overlap));
    dropped_ += static_cast<std::int64_t>(size);
    chunk.remove_prefix(size);
    if (is_end) {
        end_dropping(delimiter_.size(), take);
    }
}

template <class Take>
void line_cutter::end_dropping(std::size_t delimiter_size, Take& take) {
    const dropping what = std::exchange(dropping_, nothing);
    const std::string front = std::exchange(held_, {});
    const std::int64_t rest_start = line_start_ + static_cast<std::int64_t>(front.size());
    const std::int64_t rest = std::exchange(dropped_, 0);
    line made;
    made.text = front;
    made.position = line_start_;
    made.end = line_start_ = rest_start + rest;
    made.is_partial = delimiter_size == 0;
    edge_.clear();
    if (what == line_rest) {
        pass(rest_start, static_cast<std::size_t>(rest), passed_run::reason::given_up);
        return;
    }
    pass(rest_start, static_cast<std::size_t>(rest) - delimiter_size, passed_run::reason::too_long);
    made.is_truncated = what == long_rest;
    made.is_left_out = what == long_line;
    take(static_cast<const line&>(made));
}

template <class Take>
void line_cutter::cut_held(Take& take) {
    // One byte short of a delimiter may still be its beginning.
    const std::size_t size_least =
        limit_.size_max() + std::max(delimiter_.size() - 1, line_limit::look_ahead);
    while (held_.size() > size_least) {
        std::size_t size = limit_.fit(held_);
        if (limit_.policy() == long_line_policy::split) {
            line made{.text = std::string_view(held_).substr(0, size), .position = line_start_};
            made.is_split = true;
            made.is_front = !std::exchange(is_continued_, true);
            made.end = line_start_ + static_cast<std::int64_t>(size);
            take(static_cast<const line&>(made));
            held_.erase(0, size);
            line_start_ = made.end;
            continue;
        }
        size = limit_.policy() == long_line_policy::skip ? 0 : size;
        dropping_ = size == 0 ? long_line : long_rest;
        dropped_ = static_cast<std::int64_t>(held_.size() - size);
        edge_ = held_.substr(held_.size() - (delimiter_.size() - 1));
        held_.resize(size);
        held_.shrink_to_fit();
        return;
    }
}

template <class Take>
void line_cutter::feed(std::string_view chunk, Take&& take) {
    std::size_t nul = passes_blanks_ ? chunk.find('\0') : std::string_view::npos;
    if (nul == std::string_view::npos && blank_.size() == 0) [[likely]] {
        feed_text(chunk, take);
        return;
    }
    while (!chunk.empty()) {
        const std::string_view text = chunk.substr(0, nul);
        if (!text.empty()) {
            end_blank(take);
            feed_text(text, take);
            chunk.remove_prefix(text.size());
        }
        const std::size_t run = std::min(chunk.find_first_not_of('\0'), chunk.size());
        blank_.nuls += static_cast<std::int64_t>(run);
        chunk.remove_prefix(run);
        nul = chunk.find('\0');
    }
}

template <class Take>
void line_cutter::end_blank(Take& take) {
    const blank_run run = std::exchange(blank_, {});
    const bool is_before_line = held_.empty() && !is_continued_ && dropping_ == nothing;
    if (!is_before_line && run.size() < blank_size_min) {
        feed_text(std::string(static_cast<std::size_t>(run.size()), '\0'), take);
        return;
    }
    if (!is_before_line) {
        end_line(take);
    }
    pass_blank(run);
}

template <class Take>
void line_cutter::feed_text(std::string_view chunk, Take& take) {
    if (dropping_ != nothing) [[unlikely]] {
        drop(chunk, take);
    }
    if (!held_.empty() && dropping_ == nothing) {
        join(chunk, take);
    }
    if (dropping_ != nothing) [[unlikely]] {
        return;
    }
    if (held_.empty()) {
        std::size_t begin = 0;
        for (std::size_t at = find(chunk, 0); at != std::string_view::npos;
             at = find(chunk, begin)) {
            const std::string_view text = chunk.substr(begin, at - begin);
            begin = at + delimiter_.size();
            emit(text, true, delimiter_.size(), take);
        }
        held_.assign(chunk.substr(begin));
    }
    cut_held(take);
}

template <class Take>
void line_cutter::finish(Take&& take) {
    end_blank(take);
    end_line(take);
}

template <class Take>
void line_cutter::end_line(Take& take) {
    if (dropping_ != nothing) {
        end_dropping(0, take);
    } else if (!held_.empty()) {
        const std::string whole = std::exchange(held_, {});
        emit(whole, false, 0, take);
    }
    is_continued_ = false;
}

} // namespace logboom::agent
