// The header logboom.origin of any record in a topic: what was read as an origin says the same when
// it is written and read again, for a document's id is made of it.
#include "event/event.h"
#include "tests/fuzz/require.h"

#include <cstdint>

using namespace logboom;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    event_origin origin;
    if (!event_origin::parse(text, origin)) {
        return 0;
    }
    std::string written;
    origin.append_text(written);
    event_origin again;
    require(event_origin::parse(written, again));
    require(again.stream == origin.stream);
    require(again.position == origin.position && again.part == origin.part);
    return 0;
}
