#include "event/batch.h"

namespace logboom {
namespace {

/// @timestamp, @version, message, event, host, log, tags and one more.
constexpr std::uint32_t usual_fields = 8;

} // namespace

event& event_batch::add(std::int64_t timestamp_ns) {
    event& made = events.emplace_back(memory);
    made.fields().reserve(memory, usual_fields);
    made.fields().append(memory, field::timestamp, value::timestamp(timestamp_ns));
    made.fields().append(memory, field::version, value::of(std::string_view("1")));
    return made;
}

} // namespace logboom
