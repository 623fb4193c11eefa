// Record batches and legacy message sets from any bytes: validation, walking, unpacking, conversion
// both ways and recovery's checks. Limits keep each input small; what a check has accepted must be
// readable to the end.
#include "codecs/kafka/legacy.h"
#include "codecs/kafka/record_batch_validation.h"
#include "tests/fuzz/require.h"

using namespace logboom;
using namespace logboom::kafka;
using fuzz::require;

namespace {

constexpr std::size_t unpacked_max = 1U << 20U;

void read_through(bytes_view batch, bool must_be_sound) {
    auto reader = record_reader::open(batch, unpacked_max);
    record each;
    while (reader) {
        const auto more = reader->next(each);
        if (more.has_error()) {
            break;
        }
        if (!*more) {
            return;
        }
        record_header header;
        std::int32_t headers = each.headers.size();
        while (each.headers.next(header)) {
            --headers;
        }
        require(headers == 0);
    }
    require(!must_be_sound);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const bytes_view given(reinterpret_cast<const std::byte*>(data), size);
    const legacy_limits limits{.unpacked_size_max = unpacked_max, .records_max = 10'000};
    if (const auto up = convert_up(given, limits); up && size > 16 && data[16] != 2) {
        read_through(*up, true);
    }
    if (size < batch_header_size) {
        return 0;
    }
    // The checksum and the length are made right, or nothing would get past them.
    std::vector<std::byte> batch(given.begin(), given.end());
    store_big(batch.data() + batch_field::length, static_cast<std::int32_t>(size - batch_overhead));
    store_big(batch.data() + batch_field::magic, std::int8_t{2});
    store_big(batch.data() + batch_field::crc, record_batch_view(batch).computed_crc());
    require(check_batch(batch).has_value());
    validation_rules rules{.deep = true, .unpacked_size_max = unpacked_max};
    rules.after_ms_max = std::numeric_limits<std::int64_t>::max();
    if (validate_produced(batch, rules)) {
        read_through(batch, true);
    } else {
        read_through(batch, false);
    }
    for (const std::int8_t magic : {std::int8_t{0}, std::int8_t{1}}) {
        if (const auto down = convert_down(batch, magic, offset(0), limits);
            down && !down->empty()) {
            static_cast<void>(convert_up(*down, limits));
        }
    }
    return 0;
}
