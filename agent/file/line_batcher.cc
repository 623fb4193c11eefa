// Bytes of a file become lines, lines become decorated events, events a pushed batch.
#include "agent/file/line_batcher.h"

#include "base/metric_list.h"

#include <fmt/format.h>

#include <algorithm>

namespace logboom::agent {
namespace {

constexpr std::string_view partial_tag = "partial";
constexpr std::string_view split_tag = "line_split";
constexpr std::string_view truncated_tag = "line_truncated";

void put_if_missing(arena& memory, value_map& in, std::string_view key, std::string_view text) {
    if (in.find(key) == nullptr) {
        in.append(memory, key, value::of(text));
    }
}

} // namespace

line_counters::line_counters(metrics& registry, const label_values& labels)
    : lines(registry, declared("logboom_agent_lines_total"), labels)
    , long_lines(registry, declared("logboom_agent_long_lines_total"), labels)
    , split_lines(registry, declared("logboom_agent_split_lines_total"), labels)
    , partial_lines(registry, declared("logboom_agent_partial_lines_total"), labels) {}

line_batcher::line_batcher(const plugin_context& context, line_counters counters)
    : codec_(context.codec)
    , time_(context.time)
    , stamp_(context)
    , host_(context.host_name)
    , batch_size_max_(std::max<std::size_t>(context.batch_size_max, 1))
    , counters_(counters) {}

void line_batcher::prepare(followed_file& from, std::vector<line_batch>& into) {
    file_progress& file = from.progress;
    decoding_state& state = from.decoding;
    file_ = &file;
    state_ = &state;
    into_ = &into;
    units_ = from.units;
    has_mark_ = from.has_mark;
    now_ns_ = time_.wall().count();
    order_key_ = std::hash<std::string_view>{}(file.lineage());
    line_count_ = 0;
    if (state.held_from >= 0 && state.generation != file.generation()) {
        flush_old_generation();
    }
    if (!state.lines || state.epoch != file.epoch()) {
        state.lines = codec_->make_line_decoder();
        state.epoch = file.epoch();
        state.generation = file.generation();
        state.held_from = -1;
        state.stream =
            fmt::format("{}/{}/{}", agent_id_, file.origin().text(), file.generation().value());
    }
    safe_end_ = state.held_from >= 0 ? state.held_from : file.splitter().line_start();
}

void line_batcher::flush_old_generation() {
    expected_ = 1;
    open_batch();
    give_held();
    if (!batch_->events.empty()) {
        // They cannot be read again, so no position waits for them.
        into_->push_back({std::move(batch_), {.key = file_->key(), .epoch = state_->epoch}});
    }
    batch_.reset();
}

void line_batcher::open_batch() {
    batch_ = std::make_unique<event_batch>();
    batch_->events.reserve(std::clamp<std::size_t>(expected_, 1, batch_size_max_));
    batch_->order_key = order_key_;
    if (owner_ != nullptr) {
        batch_->memory.keep(*owner_);
    }
    constants_.path = batch_->memory.copy(file_->lineage());
    constants_.host = batch_->memory.copy(host_);
    constants_.stream = batch_->memory.copy(state_->stream);
    // Other machines have logs of the same name.
    constants_.lineage = batch_->memory.copy(agent_id_ + file_->lineage());
}

void line_batcher::add(
    followed_file& from,
    std::string_view seen,
    std::size_t known,
    const std::shared_ptr<const void>& owner,
    std::vector<line_batch>& into
) {
    constexpr std::size_t line_size_guess = 100;
    prepare(from, into);
    const std::string_view chunk = seen.substr(known);
    seen_ = seen;
    seen_from_ = file_->read_position() - static_cast<std::int64_t>(known);
    owner_ = &owner;
    expected_ = chunk.size() / line_size_guess + 1;
    is_tagging_partial_ = false;
    file_->splitter().feed(chunk, [this](const line& each) { take(each); });
    close_batch();
    file_->fed(content_marker::of(seen));
    seen_ = {};
    state_->flush_at = flush_due(*state_->lines, time_.steady());
    owner_ = nullptr;
}

void line_batcher::flush(followed_file& from, std::vector<line_batch>& into) {
    prepare(from, into);
    expected_ = 1;
    flush_decoder();
    close_batch();
}

void line_batcher::flush_decoder() {
    state_->flush_at.reset();
    if (state_->held_from < 0) {
        return;
    }
    if (!batch_) {
        open_batch();
    }
    give_held();
    safe_end_ = file_->splitter().line_start();
}

void line_batcher::give_held() {
    const std::size_t before = batch_->events.size();
    state_->lines->flush(now_ns_, *batch_);
    std::uint32_t part = state_->held_part;
    for (std::size_t i = before; i < batch_->events.size(); ++i) {
        decorate(batch_->events[i], state_->held_from, part++);
    }
    state_->held_from = -1;
    state_->held_part = 0;
}

void line_batcher::finish(followed_file& from, bool is_tagged, std::vector<line_batch>& into) {
    prepare(from, into);
    expected_ = 1;
    is_tagging_partial_ = is_tagged;
    file_->splitter().finish([this](const line& each) {
        counters_.partial_lines.add(is_tagging_partial_ ? 1 : 0);
        take(each);
    });
    flush_decoder();
    close_batch();
}

std::string_view line_batcher::in_codec_units(const line& each, std::string& into) const {
    std::string_view text = each.text;
    const text_units wanted = codec_->units();
    if (!has_mark_) [[likely]] {
        return text;
    }
    if (each.position == 0) {
        text.remove_prefix(std::min(unit_size(units_), text.size()));
    }
    if (units_ != wanted) {
        append_utf16(text, units_, into);
        if (wanted != text_units::bytes) {
            into = in_units(into, wanted);
        }
        return into;
    }
    return text;
}

void line_batcher::leave_out(const line& each) {
    counters_.long_lines.add();
    if (state_->held_from < 0) {
        safe_end_ = each.end;
    }
}

void line_batcher::take(const line& each) {
    if (each.is_left_out) [[unlikely]] {
        leave_out(each);
        return;
    }
    if (!batch_) {
        open_batch();
    }
    event_batch& into = *batch_;
    const bool was_holding = state_->held_from >= 0;
    const std::int64_t origin = was_holding ? state_->held_from : each.position;
    const std::size_t before = into.events.size();
    std::string converted;
    const std::string_view text = in_codec_units(each, converted);
    const bool is_kept = each.is_in_chunk && converted.empty();
    state_->lines->decode(as_bytes(text), is_kept, now_ns_, into);
    ++line_count_;
    std::uint32_t part = was_holding ? state_->held_part : 0;
    for (std::size_t i = before; i < into.events.size(); ++i) {
        event& made = into.events[i];
        decorate(made, origin, part++);
        if (each.is_split) [[unlikely]] {
            made.tag(split_tag);
        }
        if (each.is_truncated) [[unlikely]] {
            made.tag(truncated_tag);
        }
        if (each.is_partial && is_tagging_partial_) [[unlikely]] {
            made.tag(partial_tag);
        }
    }
    counters_.split_lines.add(each.is_split ? 1 : 0);
    counters_.long_lines.add(each.is_truncated || each.is_front ? 1 : 0);
    if (state_->lines->is_holding()) {
        if (!was_holding || into.events.size() > before) {
            // What is held is of this line, as the events may be that it has just given.
            state_->held_from = each.position;
            state_->held_part = was_holding ? 0 : part;
        }
        safe_end_ = state_->held_from;
    } else {
        state_->held_from = -1;
        state_->held_part = 0;
        safe_end_ = each.end;
    }
    if (into.events.size() >= batch_size_max_) {
        close_batch();
    }
}

void line_batcher::decorate(event& made, std::int64_t position, std::uint32_t part) {
    made.origin.stream = constants_.stream;
    made.origin.lineage = constants_.lineage;
    made.origin.position = position;
    made.origin.part = part;
    arena& memory = made.memory();
    value_map& metadata = made.metadata();
    if (metadata.entries == nullptr) {
        constexpr std::uint32_t usual = 2;
        metadata.entries = memory.allocate_array<map_entry>(usual);
        metadata.capacity = usual;
    }
    put_if_missing(memory, metadata, "path", constants_.path);
    put_if_missing(memory, metadata, "host", constants_.host);
    stamp_.add<source_field::host_name>(made, constants_.host);
    stamp_.add<source_field::file_path>(made, constants_.path);
}

void line_batcher::close_batch() {
    batch_ptr batch = std::move(batch_);
    // Before the batch can be seen by anyone, so that the sum is never behind.
    counters_.lines.add(std::exchange(line_count_, 0));
    if (batch && batch->events.empty()) {
        batch.reset();
    }
    if (batch || file_->handed_to() < safe_end_) {
        into_->push_back({std::move(batch), file_->hand_on(safe_end_, marker_of(safe_end_))});
    }
}

content_marker line_batcher::marker_of(std::int64_t position) const {
    if (seen_.empty()) {
        return position == file_->read_position() ? file_->read_marker() : content_marker{};
    }
    const std::int64_t size = position - seen_from_;
    const bool is_seen = size > 0 && size <= static_cast<std::int64_t>(seen_.size());
    return is_seen ? content_marker::of(seen_.substr(0, static_cast<std::size_t>(size)))
                   : content_marker{};
}

} // namespace logboom::agent
