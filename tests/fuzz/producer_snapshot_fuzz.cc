// A .snapshot file from any bytes. Its checksum is put right first, or no input would get past it.
#include "base/crc32c.h"
#include "buffer/log/producer_state.h"
#include "tests/fuzz/require.h"

using namespace logboom;
using namespace logboom::log;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t checksum_position = 2;
    constexpr std::size_t checksummed_from = 6;
    const auto* const begin = reinterpret_cast<const std::byte*>(data);
    std::vector<std::byte> snapshot(begin, begin + size);
    producer_state producers;
    static_cast<void>(producers.decode(snapshot));
    if (size >= checksummed_from) {
        kafka::store_big(
            snapshot.data() + checksum_position,
            crc32c(bytes_view(snapshot).subspan(checksummed_from))
        );
    }
    if (!producers.decode(snapshot)) {
        return 0;
    }
    static_cast<void>(producers.largest());
    static_cast<void>(producers.last_offsets());
    const std::string written = producers.encode();
    producer_state again;
    require(again.decode(as_bytes(written)).has_value() && again.size() == producers.size());
    again.expire(timestamp_ms(0));
    return 0;
}
