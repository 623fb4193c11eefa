// Any bytes as JSON: the reader must not break, what it accepts must be written as JSON that reads
// back equal, and strings of any bytes must be written as valid UTF-8.

#include "base/assertion.h"
#include "codecs/text/json_reader.h"
#include "event/json_writer.h"
#include "event/utf8.h"

using namespace logboom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    arena memory;

    std::string quoted;
    append_json_string(text, quoted);
    LB_ASSERT(is_utf8(quoted));
    const auto unquoted = read_json(quoted, memory);
    LB_ASSERT(unquoted.has_value() && unquoted->is(value_kind::string));
    LB_ASSERT(!is_utf8(text) || unquoted->as_string() == text);

    const auto read = read_json(text, memory);
    if (read.has_error()) {
        return 0;
    }
    std::string written;
    append_json(*read, written);
    const auto again = read_json(written, memory);
    LB_ASSERT(again.has_value());
    LB_ASSERT(*again == *read);
    return 0;
}
