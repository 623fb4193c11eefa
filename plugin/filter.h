// The filter seam: what happens to events between inputs and outputs. Most filters look at one
// event at a time and stand on plugin/event_filter.h.
#pragma once

#include "event/batch.h"
#include "plugin/context.h"

namespace logboom {

class filter {
  public:
    virtual ~filter() = default;
    /// Works on the `chosen` events; may cancel() some, may append events to the batch (then also
    /// to `chosen`, so that the following filters see them). Appends to `matched`, which comes
    /// empty, the events that it was applied to with success (Logstash's filter_matched): the
    /// pipeline then applies add_field, remove_field, add_tag and remove_tag to those, so that no
    /// filter has to. Cancelled events may be left in both. Both stay ascending. Called from
    /// several workers at once.
    virtual void apply(event_batch& batch, selection& chosen, selection& matched) = 0;
};

using filter_row = plugin_row<filter>;

} // namespace logboom
