// The reader of HTTP heads on any bytes: it must not crash, it must find the same head however the
// bytes are cut, and a head that is complete lies within its limit.
#include "tests/fuzz/require.h"
#include "web/http_request.h"

#include <cstdint>

using namespace logboom::web;
using logboom::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const head_outcome whole = read_head(text);
    if (whole.what != head_outcome::state::complete) {
        return 0;
    }
    require(whole.size <= head_size_max && whole.size <= size);
    require(!whole.request.path.empty());
    const head_outcome exact = read_head(text.substr(0, whole.size));
    require(exact.what == whole.what && exact.size == whole.size);
    require(exact.request.path == whole.request.path);
    require(exact.request.query == whole.request.query);
    return 0;
}
