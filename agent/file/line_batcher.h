// Makes batches of events out of the bytes of one file at a time: cuts lines, decodes them, adds
// what the file input knows (host, path, provenance). Gives back each batch with the range of the
// file that it stands for, and calls nobody. Owns nothing of the files. Input's thread only.
#pragma once

#include "agent/file/followed_file.h"
#include "plugin/context.h"
#include "plugin/source_stamp.h"

#include <vector>

namespace logboom::agent {

struct line_counters {
    explicit line_counters(metrics& registry, const label_values& labels);
    counter lines;
    counter long_lines;
    counter split_lines;
    counter partial_lines;
};

/// Lines of one file.
struct line_batch {
    /// Null when a codec has made nothing of them (blank lines): the position passes them all the
    /// same.
    batch_ptr events;
    handed_range range;
};

class line_batcher {
  public:
    line_batcher(const plugin_context& context, line_counters counters);

    void set_agent_id(std::string id) { agent_id_ = std::move(id); }
    /// `seen` ends in what was read at the file's read_position(), behind `known` bytes before it,
    /// and lies in memory that `owner` keeps. Appends to `into`, as all here do.
    void
    add(followed_file& from,
        std::string_view seen,
        std::size_t known,
        const std::shared_ptr<const void>& owner,
        std::vector<line_batch>& into);
    /// No lines have come for as long as the decoder may hold those it has: they become events.
    void flush(followed_file& from, std::vector<line_batch>& into);
    /// The file has ended: its partial line, and what the decoder holds, become events.
    void finish(followed_file& from, bool is_tagged, std::vector<line_batch>& into);

  private:
    struct batch_constants {
        std::string_view path;
        std::string_view host;
        std::string_view stream;
        std::string_view lineage;
    };

    void prepare(followed_file& from, std::vector<line_batch>& into);
    void open_batch();
    void take(const line& each);
    void leave_out(const line& each);
    /// Its text without the mark that the file begins with, as the codec takes it; perhaps `into`.
    std::string_view in_codec_units(const line& each, std::string& into) const;
    void flush_decoder();
    /// The file has begun anew: what the decoder holds of it was the last of the old generation.
    void flush_old_generation();
    void give_held();
    void decorate(event& made, std::int64_t position, std::uint32_t part);
    void close_batch();
    [[nodiscard]] content_marker marker_of(std::int64_t position) const;

    std::shared_ptr<const logboom::codec> codec_;
    clock& time_;
    source_stamp stamp_;
    std::string host_;
    std::size_t batch_size_max_;
    std::string agent_id_;
    line_counters counters_;

    // Of the call that is running.
    file_progress* file_ = nullptr;
    decoding_state* state_ = nullptr;
    std::vector<line_batch>* into_ = nullptr;
    /// Bytes of the file, and where they begin.
    std::string_view seen_;
    std::int64_t seen_from_ = 0;
    const std::shared_ptr<const void>* owner_ = nullptr;
    batch_ptr batch_;
    batch_constants constants_;
    std::int64_t now_ns_ = 0;
    std::int64_t safe_end_ = 0;
    std::int64_t line_count_ = 0;
    std::uint64_t order_key_ = 0;
    text_units units_ = text_units::bytes;
    bool has_mark_ = false;
    std::size_t expected_ = 0;
    bool is_tagging_partial_ = false;
};

} // namespace logboom::agent
