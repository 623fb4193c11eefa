// The answer to a bulk request comes from whatever stands behind the address: a proxy's page, half
// an answer, too many items. It must be parsed or refused, within bounds.
#include "sinks/elasticsearch/bulk_response.h"
#include "tests/fuzz/require.h"

#include <cstddef>
#include <cstdint>

using logboom::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    // The first byte says how many items were sent.
    const std::size_t count = data[0];
    const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto parsed = logboom::sinks::bulk_response::parse(body, count);
    if (!parsed) {
        return 0;
    }
    std::int64_t last = -1;
    for (const auto& each : parsed->exceptions) {
        require(static_cast<std::int64_t>(each.index) > last);
        require(each.index < count);
        require(each.reason.size() <= logboom::sinks::bulk_response::text_size_max);
        last = each.index;
    }
    return 0;
}
