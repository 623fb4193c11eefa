// The codec seam: bytes <-> events. A codec is made once per plugin from its settings and is
// immutable and thread-safe; a decoder holds what one stream (a file, a connection) has left over
// between two reads and belongs to that stream's thread.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "event/batch.h"
#include "event/utf16.h"
#include "plugin/context.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace logboom {

class decoder {
  public:
    virtual ~decoder() = default;
    /// Appends to `into` the events that `data` completes. Never fails: what cannot be decoded
    /// becomes an event tagged as Logstash tags it. `data` may be referred to by the new events
    /// only when `data_is_kept` says that it lives as long as the batch's arena. What was held
    /// comes first, as one event. `origin.part` may say which part of its data an event is
    /// (multiline: the line at which it begins), so that its name does not depend on what came
    /// before.
    virtual void
    decode(bytes_view data, bool data_is_kept, std::int64_t now_ns, event_batch& into) = 0;
    /// The stream has ended, or paused for hold_limit(): emits what is held back.
    virtual void flush(std::int64_t now_ns, event_batch& into) = 0;
    /// True while data that was decoded waits for more before it becomes an event (multiline). The
    /// source then keeps its position before that data, so that a restart reads it again.
    [[nodiscard]] virtual bool is_holding() const noexcept { return false; }
    /// What `origin.part` of the event that is held will be.
    [[nodiscard]] virtual std::uint32_t held_part() const noexcept { return 0; }
    /// For how long data may be held while no more comes; the input calls flush() then (flush_due).
    /// nullopt: until the stream ends.
    [[nodiscard]] virtual std::optional<std::chrono::nanoseconds> hold_limit() const noexcept {
        return std::nullopt;
    }
};

/// When an input that has just decoded something, at `now` by the steady clock, must flush() if
/// nothing more comes; nullopt: it need not.
inline std::optional<clock::duration> flush_due(const decoder& of, clock::duration now) {
    const auto limit = of.is_holding() ? of.hold_limit() : std::nullopt;
    return limit ? std::optional(now + *limit) : std::nullopt;
}

class codec {
  public:
    virtual ~codec() = default;
    [[nodiscard]] virtual std::unique_ptr<decoder> make_decoder() const = 0;
    /// Like make_decoder, for an input that has already split its stream into lines and hands over
    /// one line without its delimiter at a time (file). Line-oriented codecs then do not wait for a
    /// delimiter. Default: make_decoder().
    [[nodiscard]] virtual std::unique_ptr<decoder> make_line_decoder() const {
        return make_decoder();
    }
    /// Of the text that it decodes, by its charset: where its lines end.
    [[nodiscard]] virtual text_units units() const noexcept { return text_units::bytes; }
    /// Appends the event's bytes (with delimiter, where the codec has one) to `out`.
    virtual void encode(const event& from, std::string& out) const = 0;
};

struct codec_traits {
    /// The codec to take instead on a byte stream, where this one would not know where a piece
    /// ends; empty: this one.
    std::string_view on_streams = {};
};

using codec_row = plugin_row<codec, codec_context, codec_traits>;

} // namespace logboom
