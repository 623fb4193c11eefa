// What the text codecs share: how a piece of text becomes an event.
#pragma once

#include "codecs/text/charset.h"
#include "plugin/codec.h"

#include <memory>

namespace logboom {

/// How a decoder was asked to make events.
struct text_event_options {
    charset from;
    /// Keep the text as [event][original] too (ECS modes).
    bool keeps_original = true;
};

/// The option `charset`, or the error, which is told at its place.
result<charset> charset_option(const plugin_options& from);

/// `data` in UTF-8, living in `memory`; copied unless it `is_kept` and is UTF-8 already.
std::string_view text_in(arena& memory, std::string_view data, bool is_kept, const charset& from);
/// Sets [event][original] unless the event has one, or an [event] that holds no fields.
void add_original(event& in, std::string_view text);
/// An event with `text`, which lives in the batch, as its message.
event&
add_text_event(event_batch& into, std::int64_t now_ns, std::string_view text, bool keeps_original);

/// One event per piece of data: plain, and line for an input that splits lines itself.
std::unique_ptr<decoder> make_text_decoder(const text_event_options& options);

} // namespace logboom
