#include "codecs/event/batch.h"

namespace logboom {

event& event_batch::add(std::int64_t timestamp_ns) {
    event& made = events.emplace_back(memory);
    made.fields().append(memory, field::timestamp, value::timestamp(timestamp_ns));
    made.fields().append(memory, field::version, value::of(std::string_view("1")));
    return made;
}

} // namespace logboom
