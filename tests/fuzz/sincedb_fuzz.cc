// The sincedb reader on any bytes: it must not crash, and what it made of them must survive being
// written and read again.
#include "agent/file/sincedb_format.h"
#include "tests/fuzz/require.h"

using namespace logboom::agent;
using logboom::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const parsed_sincedb first = parse_sincedb(text);
    std::string written(sincedb_header);
    for (const checkpoint_entry& each : first.entries) {
        append_entry(written, each);
    }
    const parsed_sincedb second = parse_sincedb(written);
    require(second.bad_lines == 0);
    require(second.entries.size() == first.entries.size());
    for (std::size_t i = 0; i < first.entries.size(); ++i) {
        const auto* const before = std::get_if<checkpoint_record>(&first.entries[i]);
        const auto* const after = std::get_if<checkpoint_record>(&second.entries[i]);
        require((before == nullptr) == (after == nullptr));
        require(before == nullptr || *before == *after);
    }
    return 0;
}
