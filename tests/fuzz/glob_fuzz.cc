// A line that is a glob and a line that is a path, both of any bytes: compiling is bounded, and
// matching ends and says the same twice.
#include "agent/file/glob.h"
#include "tests/fuzz/require.h"

#include <algorithm>
#include <cstdint>

using namespace logboom::agent;
using logboom::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view path = end < text.size() ? text.substr(end + 1) : std::string_view();
    const auto compiled = glob::compile(text.substr(0, end));
    if (compiled.has_error()) {
        return 0;
    }
    require(!compiled->empty() && compiled->size() <= glob::expansions_max);
    for (const glob& each : *compiled) {
        require(each.matches(path) == each.matches(path));
    }
    return 0;
}
