// server.properties of any bytes: entries lie in order within the text, and a configuration comes
// of them or sentences say why not.
#include "buffer/broker/config/properties_file.h"
#include "buffer/broker/config/server_properties.h"
#include "tests/fuzz/require.h"

#include <algorithm>
#include <cstdint>

using namespace logboom::broker;
using logboom::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto lines =
        std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r') + 1;
    int last = 0;
    for (const property& each : parse_properties(text)) {
        require(each.line >= last && each.line >= 1 && each.line <= lines);
        last = each.line;
    }
    const auto outcome = read_server_properties("fuzz.properties", text, {}, "/nowhere");
    require(!outcome.errors.empty() || !outcome.config.log_dirs.empty());
    return 0;
}
