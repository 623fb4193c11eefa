// The filter seam: what happens to events between inputs and outputs. Most filters look at one
// event at a time and stand on plugin/event_filter.h.
#pragma once

#include "event/batch.h"
#include "plugin/context.h"

namespace logboom {

class filter {
  public:
    virtual ~filter() = default;
    /// Before the first event: may touch what is outside the process (read a dictionary).
    virtual result<void> start() { return {}; }
    /// Works on the `chosen` events; may cancel() some, may append events to the batch (then also
    /// to `chosen`, so that the following filters see them). Appends to `matched`, which comes
    /// empty, the events that it was applied to with success (Logstash's filter_matched): the
    /// pipeline then applies add_field, remove_field, add_tag and remove_tag to those, so that no
    /// filter has to. Cancelled events may be left in both. Both stay ascending. Called from
    /// several workers at once, but see filter_traits::is_per_worker.
    virtual void apply(event_batch& batch, selection& chosen, selection& matched) = 0;
    /// For a row that flushes: about every five seconds, whether events come or not, and with
    /// `is_last` when none will come any more. Appends to `into` what the filter has held back or
    /// has to tell; those events go on to the steps that follow it. Called by one worker at a time,
    /// while others may be in apply(). What a filter holds back is final for its input: a crash
    /// loses it.
    virtual void flush(std::int64_t now_ns, event_batch& into, bool is_last) {
        static_cast<void>(now_ns);
        static_cast<void>(into);
        static_cast<void>(is_last);
    }
    /// For a row that flushes: the events it holds back now. Asked for when no worker calls it any
    /// more; what is left then is lost, and said to be.
    [[nodiscard]] virtual std::size_t held_events() const { return 0; }
    /// After the last event and the last flush.
    virtual void close() {}
};

struct filter_traits {
    bool flushes = false;
    /// Each worker has a filter of its own: make() is called for every one of them, and apply()
    /// only by that worker, so that what it uses up (an interpreter, scratch memory, a source of
    /// random numbers) needs no lock. For filters whose outcome does not depend on which worker an
    /// event meets. All are started, flushed and closed; flush() comes from whatever worker
    /// flushes, as for the others.
    bool is_per_worker = false;
};

using filter_row = plugin_row<filter, plugin_context, filter_traits>;

} // namespace logboom
