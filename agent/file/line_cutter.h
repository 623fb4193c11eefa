// Cuts the bytes of one file into lines, whatever way they arrive. Keeps the start of a line that
// has no delimiter yet; a line that grows past the limit is cut into pieces of exactly that length,
// so that the same file gives the same pieces however it is read. Sans-IO; one per file; one
// thread.
#pragma once

#include "base/assertion.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace logboom::agent {

/// Bytes that belong to no line.
struct passed_run {
    std::int64_t position = 0;
    std::int64_t size = 0;
};

struct line {
    /// Without the delimiter. In the chunk that was fed when is_in_chunk, else only for the call.
    std::string_view text;
    /// Of the first byte, in the file.
    std::int64_t position = 0;
    /// Behind the delimiter: where the next line begins.
    std::int64_t end = 0;
    bool is_in_chunk = false;
    /// A piece of a line over the limit.
    bool is_split = false;
    /// Ended by the end of the file, not by a delimiter.
    bool is_partial = false;
};

class line_cutter {
  public:
    line_cutter(std::string delimiter, std::size_t line_size_max)
        : delimiter_(std::move(delimiter)), line_size_max_(line_size_max) {
        LB_ASSERT(!delimiter_.empty() && line_size_max_ > 0);
    }

    /// Forgets the held bytes; the next byte fed is at `position`.
    void reset(std::int64_t position) {
        held_.clear();
        is_continued_ = false;
        is_skipping_ = false;
        passed_.clear();
        line_start_ = position;
    }
    /// As reset(), in the middle of a line: the rest of it is passed over.
    void skip_line(std::int64_t position) {
        reset(position);
        is_skipping_ = true;
    }
    /// Calls `take(passed_run)` for what was passed over before `end`, in order; once for each
    /// byte.
    template <class Take>
    void take_passed(std::int64_t end, Take&& take);
    /// Position of the next byte to feed.
    [[nodiscard]] std::int64_t next_position() const noexcept {
        return line_start_ + static_cast<std::int64_t>(held_.size());
    }
    /// Where the line that is not complete begins.
    [[nodiscard]] std::int64_t line_start() const noexcept { return line_start_; }
    [[nodiscard]] bool has_partial() const noexcept { return !held_.empty(); }

    /// Calls `take(const line&)` for each line that `chunk` completes, until it returns false.
    template <class Take>
    bool feed(std::string_view chunk, Take&& take);
    /// The file has ended: what is held becomes a line.
    template <class Take>
    bool finish(Take&& take);

  private:
    [[nodiscard]] std::size_t find(std::string_view in, std::size_t from) const noexcept {
        if (from >= in.size()) {
            return std::string_view::npos;
        }
        if (delimiter_.size() > 1) {
            return in.find(delimiter_, from);
        }
        const void* at = std::memchr(in.data() + from, delimiter_[0], in.size() - from);
        return at == nullptr ? std::string_view::npos
                             : static_cast<std::size_t>(static_cast<const char*>(at) - in.data());
    }
    /// Hands on a whole line, in pieces when it is too long.
    template <class Take>
    bool emit(std::string_view text, bool is_in_chunk, std::size_t delimiter_size, Take& take);
    /// Completes the held line from the front of `chunk`; the bytes of `chunk` that were used.
    template <class Take>
    bool join(std::string_view& chunk, Take& take);

    std::string delimiter_;
    std::size_t line_size_max_;
    std::string held_;
    std::int64_t line_start_ = 0;
    /// The line that is not complete has lost its front to a piece already.
    bool is_continued_ = false;
    /// No line has begun yet.
    bool is_skipping_ = false;
    std::vector<passed_run> passed_;
};

template <class Take>
void line_cutter::take_passed(std::int64_t end, Take&& take) {
    std::size_t taken = 0;
    for (passed_run& each : passed_) {
        const std::int64_t size = std::clamp<std::int64_t>(end - each.position, 0, each.size);
        if (size > 0) {
            take(passed_run{each.position, size});
        }
        each.position += size;
        each.size -= size;
        taken += each.size == 0 ? 1 : 0;
    }
    passed_.erase(passed_.begin(), passed_.begin() + static_cast<std::ptrdiff_t>(taken));
}

template <class Take>
bool line_cutter::emit(
    std::string_view text, bool is_in_chunk, std::size_t delimiter_size, Take& take
) {
    line made;
    made.is_in_chunk = is_in_chunk;
    made.is_partial = delimiter_size == 0;
    made.is_split = std::exchange(is_continued_, false);
    while (text.size() > line_size_max_) [[unlikely]] {
        made.text = text.substr(0, line_size_max_);
        made.is_split = true;
        made.position = line_start_;
        line_start_ += static_cast<std::int64_t>(line_size_max_);
        made.end = line_start_;
        text.remove_prefix(line_size_max_);
        if (!take(static_cast<const line&>(made))) {
            return false;
        }
    }
    made.text = text;
    made.position = line_start_;
    line_start_ += static_cast<std::int64_t>(text.size() + delimiter_size);
    made.end = line_start_;
    return take(static_cast<const line&>(made));
}

template <class Take>
bool line_cutter::join(std::string_view& chunk, Take& take) {
    const std::size_t before = held_.size();
    const std::size_t overlap = delimiter_.size() - 1;
    // The delimiter may lie across the border: look at it with a few bytes of both sides.
    held_.append(chunk.substr(0, overlap));
    std::size_t at = find(held_, before - std::min(before, overlap));
    held_.resize(before);
    if (at == std::string_view::npos) {
        const std::size_t in_chunk = find(chunk, 0);
        at = in_chunk == std::string_view::npos ? in_chunk : before + in_chunk;
    }
    if (at == std::string_view::npos) {
        held_.append(chunk);
        chunk = {};
        return true;
    }
    if (at > before) {
        held_.append(chunk.substr(0, at - before));
    }
    chunk.remove_prefix(at + delimiter_.size() - before);
    const std::string whole = std::exchange(held_, {});
    return emit(std::string_view(whole).substr(0, at), false, delimiter_.size(), take);
}

template <class Take>
bool line_cutter::feed(std::string_view chunk, Take&& take) {
    if (is_skipping_) [[unlikely]] {
        const std::size_t at = find(chunk, 0);
        is_skipping_ = at == std::string_view::npos;
        const std::size_t size = is_skipping_ ? chunk.size() : at + delimiter_.size();
        passed_.push_back({line_start_, static_cast<std::int64_t>(size)});
        line_start_ += static_cast<std::int64_t>(size);
        chunk.remove_prefix(size);
    }
    if (!held_.empty() && !join(chunk, take)) {
        return false;
    }
    std::size_t begin = 0;
    if (held_.empty()) {
        for (std::size_t at = find(chunk, 0); at != std::string_view::npos;
             at = find(chunk, begin)) {
            const std::string_view text = chunk.substr(begin, at - begin);
            begin = at + delimiter_.size();
            if (!emit(text, true, delimiter_.size(), take)) {
                return false;
            }
        }
        held_.assign(chunk.substr(begin));
    }
    // One byte short of a delimiter may still be its beginning.
    while (held_.size() > line_size_max_ + delimiter_.size() - 1) [[unlikely]] {
        line made{
            .text = std::string_view(held_).substr(0, line_size_max_), .position = line_start_};
        made.is_split = true;
        is_continued_ = true;
        made.end = line_start_ + static_cast<std::int64_t>(line_size_max_);
        const bool go_on = take(static_cast<const line&>(made));
        held_.erase(0, line_size_max_);
        line_start_ = made.end;
        if (!go_on) {
            return false;
        }
    }
    return true;
}

template <class Take>
bool line_cutter::finish(Take&& take) {
    const std::string whole = std::exchange(held_, {});
    return whole.empty() || emit(whole, false, 0, take);
}

} // namespace logboom::agent
