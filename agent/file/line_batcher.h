// Makes batches of events out of the bytes of one file at a time: cuts lines, decodes them, adds
// what the file input knows (host, path, provenance), offers the batch with a token that reports
// back to the input. Never blocks: batches that find no room wait here. Owns nothing of the files.
// Input's thread only.
#pragma once

#include "agent/file/ack_inbox.h"
#include "agent/file/tail_set.h"
#include "plugin/input.h"
#include "plugin/source_stamp.h"

namespace logboom::agent {

/// What the decoding of one file needs between two reads.
struct decoding_state {
    std::unique_ptr<decoder> lines;
    /// Of the file, when `lines` was made: a later epoch needs a new decoder.
    std::uint32_t epoch = 0;
    /// Where the first line begins that the decoder holds back; -1 when it holds none.
    std::int64_t held_from = -1;
    /// When the decoder must be flushed if no more lines come, by the steady clock.
    std::optional<clock::duration> flush_at;
    /// "agent/file/generation".
    std::string stream;
};

struct line_counters {
    explicit line_counters(metrics& registry, const label_values& labels);
    counter lines;
    counter bytes_read;
    counter split_lines;
    counter partial_lines;
};

class line_batcher {
  public:
    line_batcher(
        const plugin_context& context, std::shared_ptr<ack_inbox> inbox, line_counters counters
    );

    void set_agent_id(std::string id) { agent_id_ = std::move(id); }
    /// Where batches go, and the set that is told of them; both until the next call.
    void attach(batch_sink& into, tail_set& files);

    /// Offers what waits for room. False when the pipeline is stopping.
    bool hand_over();
    /// Batches wait for room: nothing more may be read until hand_over() has got rid of them, which
    /// is tried when the inbox is told of room.
    [[nodiscard]] bool is_held_up() const noexcept { return !waiting_.empty(); }
    /// The run is over: what waits is lost, and will be read again.
    void drop_waiting() { waiting_.clear(); }

    /// `chunk` was read at the file's read_position() and lies in memory that `owner` keeps. False
    /// when the pipeline is stopping.
    bool
    add(tailed_file& file,
        decoding_state& state,
        std::string_view chunk,
        const std::shared_ptr<const void>& owner);
    /// No lines have come for as long as the decoder may hold those it has: they become events.
    bool flush(tailed_file& file, decoding_state& state);
    /// The file has ended: its partial line, and what the decoder holds, become events.
    bool finish(tailed_file& file, decoding_state& state, bool is_tagged);

  private:
    struct batch_constants {
        std::string_view path;
        std::string_view host;
        std::string_view stream;
    };

    void prepare(tailed_file& file, decoding_state& state);
    void open_batch();
    bool take(const line& each);
    void flush_decoder();
    void decorate(event& made, std::int64_t position, std::uint32_t part);
    bool push();

    std::shared_ptr<const logboom::codec> codec_;
    clock& time_;
    source_stamp stamp_;
    std::string host_;
    std::size_t batch_size_max_;
    std::string agent_id_;
    std::shared_ptr<ack_inbox> inbox_;
    line_counters counters_;
    batch_sink* sink_ = nullptr;
    tail_set* files_ = nullptr;
    /// In the order in which they were made: at most what one read gave.
    std::deque<batch_ptr> waiting_;

    // Of the call that is running.
    tailed_file* file_ = nullptr;
    decoding_state* state_ = nullptr;
    const std::shared_ptr<const void>* owner_ = nullptr;
    batch_ptr batch_;
    batch_constants constants_;
    std::int64_t now_ns_ = 0;
    std::int64_t safe_end_ = 0;
    std::int64_t line_count_ = 0;
    std::uint64_t order_key_ = 0;
    std::size_t expected_ = 0;
    bool is_tagging_partial_ = false;
};

} // namespace logboom::agent
