// Any bytes as JSON: the reader must not break, what it accepts must be written as JSON that reads
// back equal, and strings of any bytes must be written as valid UTF-8.
#include "codecs/text/json_reader.h"
#include "event/json_writer.h"
#include "event/utf8.h"
#include "tests/fuzz/require.h"

using namespace logboom;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    arena memory;

    std::string quoted;
    append_json_string(text, quoted);
    require(is_utf8(quoted));
    const auto unquoted = read_json(quoted, memory);
    require(unquoted.has_value() && unquoted->is(value_kind::string));
    require(!is_utf8(text) || unquoted->as_string() == text);

    const auto read = read_json(text, memory);
    if (read.has_error()) {
        return 0;
    }
    std::string written;
    append_json(*read, written);
    const auto again = read_json(written, memory);
    require(again.has_value());
    require(*again == *read);
    return 0;
}
